"""A document as Markdown: every character of its words is escaped where Markdown would read it as more."""

from __future__ import annotations

import re

from rag.export.document import Block, Box, Document, Heading, Items, NewPage, Paragraph, Run, Runs, Table

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_LEADING = re.compile(r"^(\s*)([-+>=]|\d{1,9}[.)])(?=\s|$|=|-)")
MARKS = {"bullet": "- ", "box": "- [ ] "}


def markdown(document: Document) -> str:
    """The document as CommonMark with tables, ended by a line break."""
    parts = [_block(b) for b in document.blocks]
    if document.footer:
        parts.append(f"---\n\n{escaped(document.footer)}")
    return "\n\n".join(p for p in parts if p) + "\n"


def escaped(text: str, *, starts_a_line: bool = True) -> str:
    """Words that Markdown shows as they are, on one line."""
    flat = " ".join(text.split())
    flat = _ACTIVE.sub(r"\\\1", flat)
    flat = re.sub(r"!(?=\\\[)", r"\\!", flat)
    flat = re.sub(r"&(?=#?\w+;)", r"\\&", flat)
    found = _LEADING.match(flat)
    if found and starts_a_line:
        at = found.end() - 1
        flat = f"{flat[:at]}\\{flat[at:]}"
    return flat


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escaped(block.text, starts_a_line=False)}"
        case Paragraph():
            text = _runs(block.runs)
            return f"> {text}" if block.look == "quote" else text
        case Items():
            return "\n".join(
                f"{MARKS.get(block.mark) or f'{n}. '}{_runs(item)}" for n, item in enumerate(block.items, 1)
            )
        case Table():
            return _table(block)
        case Box():
            inner = "\n\n".join(_block(b) for b in block.blocks)
            return "\n".join(f"> {line}".rstrip() for line in inner.splitlines())
        case NewPage():
            return "---"


def _table(table: Table) -> str:
    lines = [
        "| " + " | ".join(map(escaped, table.header)) + " |",
        "|" + "|".join("---" for _ in table.header) + "|",
    ]
    lines += ["| " + " | ".join(map(escaped, row)) + " |" for row in table.rows]
    return f"*{escaped(table.caption)}*\n\n" + "\n".join(lines)


def _runs(runs: Runs) -> str:
    return "".join(map(_run, runs)).strip()


def _run(run: Run) -> str:
    core = run.text.strip()
    if not core:
        return run.text
    before, after = (
        run.text[: len(run.text) - len(run.text.lstrip())],
        run.text[len(run.text.rstrip()) :],
    )
    shown = escaped(core)
    if run.href:
        target = run.href.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
        shown = f"[{shown}](<{target}>)"
    if run.bold:
        shown = f"**{shown}**"
    if run.italic:
        shown = f"*{shown}*"
    return f"{' ' if before else ''}{shown}{' ' if after else ''}"
