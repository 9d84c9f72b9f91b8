"""JSON Schema of the corpus files, so that an editor checks and completes them while a curator types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, create_model

from rag.corpus.read import CorpusError, read_corpus
from rag.model import Asked, Person, SourceFile, Support, Tag, Taxonomy, Term

FOLDER = "schema"


def schemas(taxonomy: Taxonomy) -> dict[str, dict[str, Any]]:
    """The schema of each kind of file by its name, with the tags of the taxonomy as the only values allowed; that of
    `asked` is of one line of asked.jsonl."""
    people = create_model("People", people=(tuple[Person, ...], ...))
    glossary = create_model("Glossary", terms=(tuple[Term, ...], ...))
    kinds: dict[str, type[BaseModel]] = {
        "source": SourceFile,
        "people": people,
        "glossary": glossary,
        "taxonomy": Taxonomy,
        "support": Support,
        "asked": Asked,
    }
    made = {name: _schema(name, kind) for name, kind in kinds.items()}
    passage = made["source"]["$defs"]["Passage"]["properties"]
    for field, tags in (
        ("stage", taxonomy.stages),
        ("motives", taxonomy.motives),
        ("disillusionment", taxonomy.disillusionment),
    ):
        passage[field]["items"] = _choice(tags)
        passage[field]["uniqueItems"] = True
    card = made["source"]["$defs"]["Source"]["properties"]
    for holder in (passage, card):
        holder["movements"]["items"] = _choice(taxonomy.movements)
        holder["movements"]["uniqueItems"] = True
    return made


def write_schemas(corpus_dir: Path) -> list[Path]:
    """Writes `schema/*.json` of a corpus and returns their paths. Raises CorpusError without a usable taxonomy."""
    corpus, problems = read_corpus(corpus_dir)
    if corpus is None:
        raise CorpusError(problems)
    folder = corpus_dir / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for name, schema in schemas(corpus.taxonomy).items():
        path = folder / f"{name}.json"
        path.write_text(as_text(schema), "utf-8")
        written.append(path)
    return written


def as_text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema(name: str, kind: type[BaseModel]) -> dict[str, Any]:
    schema = kind.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"Exit Voices: {name}",
    }


def _choice(tags: Iterable[Tag]) -> dict[str, Any]:
    return {"oneOf": [{"const": t.id, "title": t.label, "description": t.definition} for t in tags]}
