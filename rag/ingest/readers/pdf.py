"""PDF: lines put together from letters and their places, paragraphs from lines; hidden text and running heads set apart.

PDFium gives every letter with its box, size, colour and way of painting. Text that nobody sees (painted white or not at
all, tiny, off the page) is no part of the document, unless the whole page is so: that is the layer of a text
recognition under a scanned picture.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rag.guard.letters import letters
from rag.ingest.document import Block, Document, Format, Guesses, Hidden, one_line
from rag.ingest.limits import Limits, Unreadable
from rag.text import fold

_MARGIN = 0.09  # share of a page's height at its top and bottom where running heads stand
_ENDS = re.compile(r"[.!?:…][\"”’)\]]*$")
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_TINY = 2.0  # points
_UNPAINTED = 3  # text render mode of PDF: neither filled nor stroked


class _Line(NamedTuple):
    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float


class _Page(NamedTuple):
    lines: list[_Line]
    hidden: list[Hidden]
    width: float
    height: float
    recognised: bool
    pictures: bool


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The paragraphs of every page. Raises Unreadable for a locked, damaged or scanned file, or one of too many pages."""
    import pypdfium2 as pdfium

    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as e:
        if "assword" in str(e):
            raise Unreadable("it is locked with a password; save it without one") from e
        raise Unreadable("the PDF is damaged or cut off; get it again from its source") from e
    count = len(pdf)
    if count > limits.pages:
        raise Unreadable(f"it has {count:,} pages, the most is {limits.pages:,}; split it")
    pages: list[_Page] = []
    letters = 0
    damaged = []
    for number in range(count):
        try:
            page = pdf[number]
            pages.append(_page(page, number + 1))
            page.close()
        except pdfium.PdfiumError:
            damaged.append(number + 1)
            pages.append(_Page([], [], 1, 1, False, False))
        letters += sum(len(line.text) for line in pages[-1].lines)
        if letters > limits.characters:
            raise Unreadable(f"it has more than {limits.characters:,} letters; split it")
    if count and letters < 15 * count and sum(p.pictures for p in pages) >= count / 2:
        raise Unreadable(
            "it is scanned: pictures of pages without text; run text recognition (OCR) on it first"
        )
    warnings = []
    if damaged:
        warnings.append(f"pages that could not be read: {', '.join(map(str, damaged[:20]))}")
    if any(p.recognised for p in pages):
        warnings.append("its text was made by text recognition: compare names and figures with the picture")
    if any(p.pictures and not p.lines for p in pages):
        scanned = [str(n) for n, p in enumerate(pages, 1) if p.pictures and not p.lines]
        warnings.append(f"pages that are pictures without text: {', '.join(scanned[:20])}")
    return Document(
        format=kind,
        unit="page",
        blocks=tuple(_blocks(pages)),
        hidden=(*(h for p in pages for h in p.hidden), *_fields(pdf)),
        guesses=_guesses(pdf),
        warnings=tuple(warnings),
    )


def _page(page: Any, number: int) -> _Page:
    import pypdfium2.raw as raw

    width, height = page.get_size()
    text = page.get_textpage()
    count = raw.FPDFText_CountChars(text.raw)
    box = [ctypes.c_double() for _ in range(4)]
    rgba = [ctypes.c_uint() for _ in range(4)]
    lines: list[_Line] = []
    unseen: dict[str, list[str]] = {}
    piece: list[str] = []
    sides: list[tuple[float, float, float, float]] = []
    sizes: list[float] = []
    unpainted = painted = 0
    how_of: dict[int, str] = {}
    left, right, bottom, top = box

    def flush() -> None:
        said = one_line("".join(piece))
        if said and sides:
            lines.append(
                _Line(said, min(s[0] for s in sides), max(s[1] for s in sides), max(s[3] for s in sides),
                      min(s[2] for s in sides), median(sizes))
            )  # fmt: skip
        for found in (piece, sides, sizes):
            found.clear()

    how = ""
    for i in range(count):
        code = raw.FPDFText_GetUnicode(text.raw, i)
        letter = "-" if code in (2, 0x00AD) else chr(code) if code < 0x110000 else "�"
        if letter in "\r\n":
            flush()
            continue
        if letter.isspace() or not code:
            (unseen.setdefault(how, []) if how else piece).append(" ")
            continue
        raw.FPDFText_GetCharBox(text.raw, i, left, right, bottom, top)
        of = raw.FPDFText_GetTextObject(text.raw, i)
        key = ctypes.addressof(of.contents) if of else 0
        if key not in how_of:
            mode = raw.FPDFTextObj_GetTextRenderMode(of) if of else 0
            raw.FPDFText_GetFillColor(text.raw, i, *rgba)
            how_of[key] = _how(mode, [int(c.value) for c in rgba])
        how = how_of[key]
        if how == "not painted":
            unpainted += 1
        elif not how:
            painted += 1
        size = raw.FPDFText_GetFontSize(text.raw, i)
        tall = top.value - bottom.value
        if not how and 0 < max(size, tall) < _TINY:
            how = "too small to read"
        off = right.value < 0 or left.value > width or top.value < 0 or bottom.value > height
        if not how and off:
            how = "off the page"
        if how:
            unseen.setdefault(how, []).append(letter)
            continue
        piece.append(letter)
        sides.append((left.value, right.value, bottom.value, top.value))
        sizes.append(size)
    flush()
    recognised = unpainted > 20 and not painted
    pictures = any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2))
    if recognised:
        said = text.get_text_range()
        lines = [
            _Line(t, 0, width, height / 2, height / 2, 10) for x in said.splitlines() if (t := one_line(x))
        ]
        unseen.pop("not painted", None)
    where = f"page {number}"
    hidden = [
        Hidden(text=t[:4000], how=h, where=where) for h, v in unseen.items() if (t := one_line("".join(v)))
    ]
    text.close()
    return _Page(lines, hidden, width, height, recognised, pictures)


def _how(mode: int, rgba: list[int]) -> str:
    if mode == _UNPAINTED:
        return "not painted"
    if rgba[3] < 13:
        return "transparent"
    return "white on white" if min(rgba[:3]) >= 250 and mode in (0, 4) else ""


def _blocks(pages: list[_Page]) -> list[Block]:
    running = _running(pages)
    body = [line.size for p in pages for line in p.lines]
    usual = median(body) if body else 10.0
    blocks: list[Block] = []
    open_end = False
    for number, page in enumerate(pages, 1):
        furniture = [line for line in page.lines if _is_running(line, page, running)]
        lines = [line for line in page.lines if line not in furniture]
        blocks_here = _paragraphs(lines, page, usual)
        for n, (text, heading, full) in enumerate(blocks_here):
            before = next((b for b in reversed(blocks) if b.kind != "furniture"), None)
            if n == 0 and open_end and before is not None and not heading:
                at = len(blocks) - 1 - blocks[::-1].index(before)
                blocks[at] = before.model_copy(update={"text": _joined(before.text, text)})
            else:
                blocks.append(Block(text=text, kind="heading" if heading else "text", page=number))
            open_end = not heading and not _ENDS.search(text) and (full or text[-1:] in ",-–")
        for line in furniture:
            blocks.append(
                Block(text=line.text, kind="furniture", why="repeated header or footer", page=number)
            )
    return blocks


def _paragraphs(lines: list[_Line], page: _Page, usual: float) -> list[tuple[str, bool, bool]]:
    """(text, whether it is a heading, whether its last line is full) of the paragraphs of a page."""
    if not lines:
        return []
    gaps = [a.bottom - b.top for a, b in pairwise(lines) if -2 * a.size < a.bottom - b.top]
    usual_gap = median(g for g in gaps) if gaps else 0.0
    right = sorted(line.right for line in lines)[int(0.8 * (len(lines) - 1))]
    left = median(line.left for line in lines)
    found: list[list[_Line]] = []
    for line in lines:
        last = found[-1][-1] if found else None
        if last is None or _starts_anew(last, line, usual_gap, right, left):
            found.append([line])
        else:
            found[-1].append(line)
    told = []
    for group in found:
        text = group[0].text
        for line in group[1:]:
            text = _joined(text, line.text)
        size = median(line.size for line in group)
        heading = len(group) <= 3 and len(text) < 160 and not _ENDS.search(text) and size > 1.15 * usual
        told.append((text, heading, group[-1].right > right - 0.12 * max(1.0, right - left)))
    return told


def _starts_anew(last: _Line, line: _Line, usual_gap: float, right: float, left: float) -> bool:
    size = max(last.size, line.size, 1.0)
    gap = last.bottom - line.top
    if abs(last.size - line.size) > 0.15 * size or gap < -2 * size or gap - usual_gap > 0.45 * size:
        return True
    if line.left - left > 0.8 * size and last.left - left < 0.4 * size and _ENDS.search(last.text):
        return True
    short = last.right < right - 0.15 * max(1.0, right - left)
    return short and bool(_ENDS.search(last.text))


def _joined(text: str, more: str) -> str:
    """Two lines of a paragraph as one; a word that was divided at the line's end becomes whole again."""
    if re.search(r"[^\W\d_]-$", text) and re.match(r"[a-zà-ÿ]", more):
        first, rest = text[:-1].rsplit(" ", 1)[-1], re.match(r"[\w'’]*", more)
        parts = [fold(first), fold(rest.group())] if rest else []
        listed = all(letters().knows(p) for p in parts) and not letters().knows("".join(parts))
        keeps = "-" in first or parts[0] in _PREFIXES or listed
        return f"{text}{more}" if keeps else f"{text[:-1]}{more}"
    glued = text.endswith(("-", "–", "—", "/")) and not text.endswith((" -", " –", " —"))
    return f"{text}{more}" if glued else f"{text} {more}"


_PREFIXES = frozenset(
    "self ex non well anti co pre post re mid half semi pro so one two three four five six ten".split()
)


def _running(pages: list[_Page]) -> frozenset[str]:
    """Lines, less their digits, that stand at the edge of a third of the pages with text; of two pages on both, and
    of more on at least three."""
    if len(pages) < 2:
        return frozenset()
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_bare(line.text) for line in page.lines if _at_edge(line, page)})
    with_text = sum(bool(p.lines) for p in pages)
    return frozenset(t for t, n in seen.items() if n >= max(min(3, len(pages)), with_text / 3))


def _is_running(line: _Line, page: _Page, running: frozenset[str]) -> bool:
    if not _at_edge(line, page):
        return False
    return _bare(line.text) in running or bool(re.fullmatch(r"(?:page\s+)?[\divxlc]{1,6}(?:\s*(?:/|of)\s*\d+)?", line.text, re.IGNORECASE))  # fmt: skip


def _at_edge(line: _Line, page: _Page) -> bool:
    return line.bottom > page.height * (1 - _MARGIN) or line.top < page.height * _MARGIN


def _bare(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold())


def _guesses(pdf: Any) -> Guesses:
    said = {k: one_line(v) for k, v in pdf.get_metadata_dict(skip_empty=True).items()}
    when = _DATE.match(said.get("CreationDate", ""))
    date = "-".join(p for p in when.groups() if p) if when else None
    author = said.get("Author")
    return Guesses(title=said.get("Title"), authors=(author,) if author else (), published=date)


def _fields(pdf: Any) -> list[Hidden]:
    said = pdf.get_metadata_dict(skip_empty=True)
    return [
        Hidden(text=one_line(said[k])[:4000], how=f"metadata ({k})")
        for k in ("Subject", "Keywords")
        if said.get(k)
    ]
