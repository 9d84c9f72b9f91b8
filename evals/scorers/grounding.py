"""Whether what is shown rests on what is cited: fidelity, citation recall and precision, places and speakers.

Citation recall and precision follow ALCE (Gao et al. 2023, arXiv 2305.14627), with the corpus's statements in place
of passages and `evals.support` in place of a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.cases import Case
from evals.scorers.base import Known, Output, Scored, told
from evals.stats import Share
from evals.support import bears, precise
from rag.corpus import Corpus
from rag.text import fold

LOOSE_WORDS = 45  # of fixed wording around the sentences: what is not covered, and that it is said nearby


def score(case: Case, output: Output, known: Known) -> Scored:
    answer = output.answer
    if not told(answer):
        stray = bool(answer["sentences"] or answer["citations"])
        return Scored(
            {"grounded_silence": Share(float(not stray))}, ("testimony without an answer",) if stray else ()
        )
    lines = answer["sentences"]
    statements = {k: s.text for k, s in known.corpus.statements.items()}
    supported, needed, emitted = 0, 0, 0
    for line in lines:
        cited = [statements.get(c, "") for c in line["citations"]]
        supported += bool(cited) and all(cited) and bears(cited, line["text"])
        marks = precise(cited, line["text"]) if all(cited) else [False] * len(cited)
        needed += sum(marks)
        emitted += len(cited)
    wrong_places = misplaced(answer, known.corpus)
    wrong_voices = misattributed(answer, known.corpus)
    due = notices_due(answer, known.corpus)
    kinds = {n["kind"] for n in answer["notices"]}
    uncited = [line["text"] for line in lines if not line["citations"]]
    foreign = [q for q in answer["citations"] if statements.get(q["statement"]) != q["quote"]]
    critical = [
        *(f"a sentence without a citation: {text}" for text in uncited),
        *(f"a quotation that the corpus does not hold: {c['quote']}" for c in foreign),
        *(f"a notice that is due is missing: {kind}" for kind in sorted(due - kinds)),
        *(["text that no sentence covers"] if loose_words(answer) > LOOSE_WORDS else []),
    ]
    return Scored(
        {
            "citation_recall": Share(supported / len(lines) if lines else 0.0),
            "citation_precision": Share(needed / emitted if emitted else 0.0),
            "quote_fidelity": Share(
                float(len(answer["citations"]) - len(foreign)), float(len(answer["citations"]))
            ),
            "locators_right": Share(
                float(len(answer["citations"]) - len(wrong_places)), float(len(answer["citations"]))
            ),
            "attribution": Share(float(len(lines) - len(wrong_voices)), float(len(lines))),
            "uncited": Share(float(len(uncited)), float(len(lines))),
            "nothing_loose": Share(float(loose_words(answer) <= LOOSE_WORDS)),
            "notices_kept": Share(float(len(due & kinds)), float(len(due))) if due else Share(0.0, 0.0),
        },
        tuple(critical),
    )


def loose_words(answer: Mapping[str, Any]) -> int:
    """Words of the answer's text that stand in none of its sentences."""
    text = str(answer["text"])
    for line in answer["sentences"]:
        text = text.replace(line["text"], " ", 1)
    return len(text.split())


def misplaced(answer: Mapping[str, Any], corpus: Corpus) -> list[str]:
    """Citations whose passage, source, place, title, publisher, date, address or number is not the corpus's."""
    wrong = []
    for n, c in enumerate(answer["citations"], 1):
        passage = corpus.passages.get(str(c["statement"]).partition("#")[0])
        if passage is None:
            wrong.append(c["statement"])
            continue
        source = corpus.sources[passage.source]
        right = (
            n,
            passage.id,
            source.id,
            str(passage.locator),
            source.title,
            source.publisher,
            source.published,
            source.url,
        )
        given = (
            c["n"],
            c["passage"],
            c["source"],
            c["locator"],
            c["title"],
            c["publisher"],
            c["date"],
            c["url"],
        )
        if right != given:
            wrong.append(c["statement"])
    return wrong


def misattributed(answer: Mapping[str, Any], corpus: Corpus) -> list[str]:
    """Sentences given to a person who does not stand in the passages that they cite."""
    persons = {c["statement"]: c["person"] for c in answer["citations"]}
    wrong = []
    for line in answer["sentences"]:
        cited = [
            corpus.passages[p]
            for c in line["citations"]
            if (p := str(c).partition("#")[0]) in corpus.passages
        ]
        texts = fold(" ".join(s.text for p in cited for s in p.cited()))
        voices = {v for p in cited for v in p.people}
        strangers = [
            person.name
            for person in corpus.people
            if person.id not in voices
            and _named(person.name, line["text"])
            and not _named(person.name, texts)
        ]
        stated = [persons[c] for c in line["citations"] if c in persons]
        due = {
            ", ".join(corpus.persons[v].name for v in p.people if v in corpus.persons) or None for p in cited
        }
        if strangers or any(s not in due for s in stated):
            wrong.append(line["text"])
    return wrong


def notices_due(answer: Mapping[str, Any], corpus: Corpus) -> set[str]:
    """The kinds of notice without which the cited passages must not be shown."""
    due = set()
    for passage in {c["passage"] for c in answer["citations"]} & corpus.passages.keys():
        held = corpus.passages[passage]
        if corpus.sources[held.source].standing != "good":
            due.add("standing")
        for person in (corpus.persons[p] for p in held.people if p in corpus.persons):
            if person.legal_status and person.legal_status.status not in ("unknown", "not_charged"):
                due.add("legal_status")
        if set(held.flags) & {"graphic", "suicide", "sexual_violence", "minor"}:
            due.add("content")
        if held.notes:
            due.add("note")
    return due


def _named(name: str, text: str) -> bool:
    return f" {fold(name)} " in f" {' '.join(fold(text).replace(',', ' ').replace('.', ' ').split())} "
