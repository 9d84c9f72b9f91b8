"""Drafts and reports as text for a terminal."""

from __future__ import annotations

import difflib

from rag.ingest.draft import Draft, DraftPassage
from rag.ingest.publish import missing
from rag.ingest.review import CARD
from rag.ingest.run import FileReport, Report

_COLUMNS = (
    "file",
    "source",
    "outcome",
    "passages",
    "left out",
    "personal",
    "care",
    "to machines",
    "hidden",
    "language",
)


def table(report: Report) -> str:
    """The report of a run: a line a file, then what was wrong, alike or changed."""
    rows = [_COLUMNS, *map(_row, report.files)]
    widths = [max(len(str(r[n])) for r in rows) for n in range(len(_COLUMNS))]
    lines = ["  ".join(str(c).ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    for f in report.files:
        if f.error:
            lines.append(f"{f.name}: {f.error}")
        lines += [f"{f.name}: {w}" for w in f.warnings]
        if f.near_twin:
            lines.append(f"{f.name}: says nearly the same as {f.near_twin}")
        if f.changes:
            lines.append(
                f"{f.name}: {', '.join(f'{n} {what}' for what, n in f.changes.items())} since it was read before"
            )
    counts = [
        f"{report.count(o)} {o}" for o in ("drafted", "updated", "unchanged", "failed") if report.count(o)
    ]
    return "\n".join([*lines, f"job {report.job}: {', '.join(counts) or 'no file'}"])


def _row(f: FileReport) -> tuple[str | int, ...]:
    found = (f.passages, f.left_out, f.personal, f.care, f.instructions, f.hidden, f.language)
    return (f.name[-50:], f.source, f.outcome, *(found if f.outcome != "failed" else ("",) * len(found)))


def passage_text(p: DraftPassage) -> str:
    """A passage with its place, its words, and what is to be looked at."""
    lines = [
        f"{p.id}  {p.locator}  {p.state}{f' by {p.by}' if p.by else ''}{f'  {p.speaker}:' if p.speaker else ''}"
    ]
    lines += [f"  {n} {s}" for n, s in enumerate(p.statements, 1)]
    if p.before:
        lines += ["  before:", *(f"  - {s}" for s in p.before)]
    for f in p.flags:
        mark = "?" if f.state == "open" else f.state
        words = f" '{f.words}'" if f.words else ""
        lines.append(f"  [{mark}] {f.label}{words}: {f.why}{f' -> {f.mask}' if f.mask else ''}")
    lines += [f"  suggested {k}: {', '.join(v)}" for k, v in p.suggested.model_dump().items() if v]
    return "\n".join(lines)


def draft_text(d: Draft) -> str:
    """A whole draft: card, passages, what was left out and what was hidden."""
    lines = [card_text(d), ""]
    if d.warnings:
        lines += [*(f"note: {w}" for w in d.warnings), ""]
    if d.near_twin:
        lines += [f"says nearly the same as {d.near_twin}", ""]
    lines += [f"{p.state:8}  {p.id}  {p.text[:80]}" for p in d.passages]
    lines += ["", "left out:", *(f"  {o.place}: {o.why}: {o.text[:80]}" for o in d.outside)]
    if d.hidden:
        lines += ["", "hidden in the file, never part of the text:"]
        for h in d.hidden:
            mark = f"  TO A MACHINE ({h.instruction})" if h.instruction else ""
            lines.append(f"  {h.hidden.how} {h.hidden.where}: {h.hidden.text[:100]}{mark}")
    return "\n".join(lines)


def card_text(d: Draft) -> str:
    """The source card: what a person stated, what is a guess, what is missing."""
    lines = [f"{d.id}  ({d.name}, {d.format}, {d.rendering})"]
    for field in CARD:
        guess = getattr(d.guesses, field, None)
        if d.card.get(field):
            lines.append(f"  {field}: {d.card[field]}")
        elif guess:
            lines.append(f"  {field}: {', '.join(guess) if isinstance(guess, tuple) else guess}  (guess)")
    wants = missing(d)
    return "\n".join([*lines, *(f"  needs {w}" for w in wants)])


def diff_text(d: Draft) -> str:
    """What changed by passage, words taken out and put in marked."""
    lines = []
    for c in d.changes:
        if c.what == "changed":
            lines += [f"{c.id}: changed", f"  {_marked(c.before, c.after)}"]
        elif c.what == "moved":
            lines.append(f"{c.id}: moved from {c.before}")
        else:
            lines += [f"{c.id}: {c.what}", f"  {(c.after or c.before)[:200]}"]
    return "\n".join(lines) or "nothing changed"


def _marked(before: str, after: str) -> str:
    old, new = before.split(), after.split()
    told: list[str] = []
    for what, a, b, c, e in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            told += old[a:b]
        else:
            told += [f"[-{' '.join(old[a:b])}-]"] * (b > a) + [f"{{+{' '.join(new[c:e])}+}}"] * (e > c)
    return " ".join(told)
