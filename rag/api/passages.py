"""A passage as JSON: its statements as they are shown, its source, who speaks, and what must be said beside it."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from rag.answer import cite
from rag.api.errors import Refused
from rag.assistant import Assistant
from rag.corpus.ids import parents, tombstones

CARD = {"id", "title", "authors", "publisher", "published", "url", "kind", "rendering", "basis", "rights"} | {
    "method",
    "standing",
    "standing_note",
    "as_of",
}
PERSON = {"id", "name", "is_pseudonym", "voice", "description"}
TAGS = {"type", "stage", "motives", "disillusionment", "stance", "flags"}


def told(assistant: Assistant, given: str) -> dict[str, Any]:
    """A passage by its id or that of one of its statements.

    Raises Refused for one that there is not (404) or that was removed (410).
    """
    corpus = assistant.corpus
    passage = corpus.passages.get(given.partition("#")[0])
    if passage is None or ("#" in given and given not in corpus.statements):
        raise _missing(assistant, given)
    return {
        "passage": passage.id,
        "locator": str(passage.locator),
        "paragraphs": list(passage.locator.paragraphs),
        "statements": [{"id": s.id, "text": corpus.quotation(s.id)} for s in passage.cited()],
        "people": [
            corpus.persons[p].model_dump(mode="json", include=PERSON)
            for p in passage.people
            if p in corpus.persons
        ],
        **passage.model_dump(mode="json", include=TAGS),
        "source": corpus.sources[passage.source].model_dump(mode="json", include=CARD),
        "notices": [n.model_dump(mode="json") for n in cite.notices([passage], corpus, dt.date.today())],
        "corpus_version": assistant.index.manifest.corpus_version,
    }


def _missing(assistant: Assistant, given: str) -> Refused:
    stones = tombstones(assistant.settings.corpus_dir)
    for part in parents(given):
        if part in stones:
            message = f"{part} was removed on {stones[part].removed_on}; please cite it no longer."
            return Refused(HTTPStatus.GONE, message)
    if given.partition("#")[0] in assistant.index.corpus.passages and assistant.settings.under_16:
        return Refused(
            HTTPStatus.FORBIDDEN, f"{given} is not shown here: this site is set for readers under 16."
        )
    message = f"There is no passage {given}; ids are <source>/<locator>, as citations and search give them."
    return Refused(HTTPStatus.NOT_FOUND, message)
