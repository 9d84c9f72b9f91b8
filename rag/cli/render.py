"""Answers, passages and corpus entries as plain text for a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.corpus import Corpus
    from rag.model import Answer, Citation, Passage
    from rag.takedown import Plan, RemovalReport

WIDEST = 100


def answer(given: Answer, *, trace: bool = False) -> str:
    """The answer with [n] after each sentence, then its sources, notices and what to ask next."""
    nearby = [n.text for n in given.notices if n.kind == "nearby"]
    # What helps stands in the text already, so that the text alone is enough.
    notices = [n.text for n in given.notices if n.kind not in ("nearby", "help")]
    blocks = [
        *map(_wrapped, marked(given).split("\n\n")),
        _section("Sources", map(_wrapped, _sources(given.citations))),
        _section("Nearby in the corpus, not an answer", map(_bullet, nearby)),
        _section("Please note", map(_bullet, notices)),
        _section("You could ask next", map(_bullet, given.suggestions)),
        _trace(given.trace) if trace else "",
    ]
    return "\n\n".join(b for b in blocks if b)


def marked(given: Answer) -> str:
    """The text of an answer with the numbers of its citations after each of its sentences."""
    number = {c.statement: c.n for c in given.citations}
    text, at = "", 0
    for sentence in given.sentences:
        found = given.text.find(sentence.text, at)
        if found < 0:
            continue
        end = found + len(sentence.text)
        marks = "".join(f"[{number[s]}]" for s in sentence.citations if s in number)
        text, at = f"{text}{given.text[at:end]} {marks}".rstrip(), end
    return text + given.text[at:]


def passages(found: list[dict[str, Any]]) -> str:
    """A ranked list of passages; with the parts of each score where they are given."""
    if not found:
        return "No passage found."
    blocks = []
    for n, hit in enumerate(found, 1):
        lines = [f"{n}. {hit['passage']}  (score {hit['score']:.3f})", _wrapped(hit["text"], "   ")]
        if "parts" in hit:
            lines.append(
                _wrapped("why: " + ", ".join(f"{k} {v:g}" for k, v in hit["parts"].items() if v), "   ")
            )
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def entry(name: str, corpus: Corpus) -> str | None:
    """What the corpus holds under an id of a source, a passage, a statement or a person; None for an unknown id."""
    if name in corpus.passages:
        return _passage(corpus.passages[name], corpus)
    if name in corpus.statements:
        statement = corpus.statements[name]
        return f"{_wrapped(statement.text)}\n\n{_passage(corpus.passages[statement.passage], corpus)}"
    if name in corpus.sources:
        held = [p for p in corpus.passages.values() if p.source == name]
        count = f"{len(held)} passages, {held[0].id} to {held[-1].id}" if held else "no passages"
        return f"{_fields(corpus.sources[name].model_dump(mode='json', exclude_defaults=True))}\n\n{count}"
    if name in corpus.persons:
        fields = _fields(corpus.persons[name].model_dump(mode="json", by_alias=True, exclude_defaults=True))
        return f"{fields}\n\npassages: {', '.join(corpus.by_person[name]) or 'none'}"
    return None


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their longest cell, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    numeric = [all(row[n].isdigit() for row in cells) for n in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        padded = (
            c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([title, *filter(None, map(line, [columns, *cells]))])


def foreseen(plan: Plan) -> str:
    """What removing a person would do, before it is done."""
    shortened = [f"{old}, what is left becomes {new}" for old, new in plan.shortened]
    counts = [
        f"{len(plan.statements)} statements, {plan.questions} questions and {plan.notes} editorial notes that name them"
    ]
    blocks = [
        _wrapped(f"Removing {plan.person} ({', '.join(plan.names)}) would take out:"),
        _section("Passages only about them", map(_bullet, plan.passages)),
        _section("Passages shared with others", map(_bullet, shortened)),
        _section("In those, and in the cards", map(_bullet, counts)),
        _section("Glossary entries, or mentions in them", map(_bullet, plan.terms)),
        _section("For a curator to decide, by hand, before or after", map(_bullet, plan.undecided)),
        _wrapped(
            "Also all stored runs of the evaluation, answers that a model wrote, and the feedback, session packs and "
            "drafts of documents that name them."
        ),
    ]
    return "\n\n".join(b for b in blocks if b)


def removal(report: RemovalReport) -> str:
    """What was removed, and what is left for a person to do."""
    count = len(report.passages)
    gone = f"{count} passage{'' if count == 1 else 's'}" if count else "nothing that was left of it"
    blocks = [
        _wrapped(f"Removed {report.id} on {report.removed_on}: {gone}."),
        _section("Changed files", map(_bullet, report.files)),
        _section("Still to do", map(_bullet, report.still_to_do)),
    ]
    return "\n\n".join(b for b in blocks if b)


def _passage(passage: Passage, corpus: Corpus) -> str:
    source = corpus.sources[passage.source]
    tagged = passage.model_dump(
        mode="json", exclude_defaults=True, exclude={"id", "locator", "statements", "questions", "notes"}
    )
    blocks = [
        _wrapped(
            f"{passage.id}: {passage.locator} of “{source.title}”, {source.publisher}, {source.published}"
        ),
        "\n".join(_wrapped(f"#{n} {text}", after="   ") for n, text in enumerate(passage.statements, 1)),
        _fields(tagged),
        _section("Answers", map(_bullet, passage.questions)),
        _section("Editorial notes", (_bullet(f"{n.date}: {n.note}") for n in corpus.notes_of(passage))),
        f"Standing: {source.standing}" if source.standing != "good" else "",
    ]
    return "\n\n".join(b for b in blocks if b)


def _sources(citations: Iterable[Citation]) -> list[str]:
    """One entry for each passage, with all of its numbers."""
    numbers: dict[str, list[Citation]] = {}
    for citation in citations:
        numbers.setdefault(citation.passage, []).append(citation)
    entries = []
    for group in numbers.values():
        first = group[0]
        who = f"{first.person}, in: " if first.person else ""
        marks = "".join(f"[{c.n}]" for c in group)
        place = f"{first.publisher}, {first.date}, {first.locator}"
        entries.append(f"{marks} {who}“{first.title}”, {place}. {first.url}")
    return entries


def _trace(trace: dict[str, Any]) -> str:
    lines = [f"ruling: {trace.get('ruling', 'none')}"]
    lines += [f"{name}: {_flat(trace[name])}" for name in ("signals", "mentions") if name in trace]
    lines += [_flat(hit) for hit in trace.get("passages", ())]
    lines += [_flat(statement) for statement in trace.get("statements", ())]
    lines += [f"written: {_flat(verdict)}" for verdict in trace.get("verdicts", ())]
    return _section("Why", (_bullet(line) for line in lines))


def _flat(values: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in values.items() if v not in (None, "", [], (), 0, False))


def _fields(values: dict[str, Any]) -> str:
    return "\n".join(_wrapped(f"{name}: {_shown(value)}", after="  ") for name, value in values.items())


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_shown(v)}" for k, v in value.items())
    return ", ".join(map(_shown, value)) if isinstance(value, list) else str(value)


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"{title}\n{body}" if body else ""


def _bullet(text: str) -> str:
    return _wrapped(f"- {text}", after="  ")


def _wrapped(text: str, before: str = "", after: str | None = None) -> str:
    width = min(WIDEST, shutil.get_terminal_size().columns)
    indent = before if after is None else after
    return textwrap.fill(
        text,
        width,
        initial_indent=before,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
