"""Plain text and Markdown: encoding found, hard-wrapped lines joined, speakers of a typed transcript kept."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median

from rag.ingest.document import Block, Document, Format, Guesses, one_line
from rag.ingest.limits import Limits, Unreadable

LONGEST_LINE = 400_000  # letters: no paragraph of a document is so long, and nothing after it would be quick
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What files of before UTF-8 are likely to be in; without bounds a text of Paris is soon read as one of Vilnius.
_OLD_ENCODINGS = "cp1252 cp1251 cp1250 cp1254 cp1256 koi8_r shift_jis gb18030 big5 euc_kr".split()
_BREAK = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ENDS = re.compile(r"[.!?:;…\"”’)\]]\s*$")
_SPEAKER = re.compile(r"^([A-Z][\w'’.-]*(?: [A-Z0-9][\w'’.-]*){0,3}|[QA]|[A-Z]{2,12})\s?:\s+(?=\S)")
_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FIELD = re.compile(r"^(title|author|authors|date|lang|language|publisher|url):\s*(.+)$", re.MULTILINE)


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """Paragraphs of a text. Raises Unreadable for what no encoding makes text of."""
    text, warnings = decoded(path.read_bytes())
    if len(text) > limits.characters:
        raise Unreadable(f"it has more than {limits.characters:,} letters; split it")
    if kind == "markdown":
        return _markdown(text, warnings)
    lines = paragraphs_of(text)
    return Document(format=kind, unit="paragraph", blocks=tuple(with_speakers(lines)), warnings=warnings)


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Bytes as text, and a warning where the encoding was guessed. Raises Unreadable."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(name), ()
            except UnicodeDecodeError as e:
                raise Unreadable(f"it says that it is {name} and is not; save it as UTF-8") from e
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    # Mostly plain letters with a few beyond them: a Western text, which detectors take for its neighbours'.
    western = sum(b > 127 for b in data[:500_000]) < 0.3 * len(data[:500_000])
    wanted = ["cp1252"] if western else _OLD_ENCODINGS
    best = from_bytes(data[:500_000], cp_isolation=wanted).best()
    if best is None:
        raise Unreadable("its encoding is not recognised; save it as UTF-8")
    text = data.decode(best.encoding, "replace")
    return text, (f"read as {best.encoding}, a guess: look at letters with accents",)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs: non-empty lines, or blocks between blank lines where the text was wrapped at a width."""
    raw = _BREAK.split(text)
    if max(map(len, raw), default=0) > LONGEST_LINE:
        raise Unreadable(f"a line of it has more than {LONGEST_LINE:,} letters; is it a document?")
    filled = [one_line(line) for line in raw]
    lines = [line for line in filled if line]
    followed = [a for a, b in pairwise(filled) if a and b]
    wrapped = (
        len(followed) >= 0.5 * len(lines) > 2
        and 40 <= median(map(len, followed)) <= 100
        and sum(not _ENDS.search(line) for line in followed) >= 0.6 * len(followed)
    )
    if not wrapped:
        return lines
    joined: list[str] = [""]
    for line in filled:
        if line:
            joined[-1] = f"{joined[-1]} {line}".strip()
        elif joined[-1]:
            joined.append("")
    return [j for j in joined if j]


def with_speakers(lines: list[str]) -> list[Block]:
    """Blocks with their speakers, where at least three paragraphs begin with one of a few names and a colon."""
    names = Counter(m[1] for line in lines if (m := _SPEAKER.match(line)))
    speakers = {n for n, times in names.items() if times >= 2}
    turns = sum(names[n] for n in speakers)
    if turns < 3 or turns < len(lines) / 4:
        return [Block(text=line) for line in lines]
    blocks = []
    for line in lines:
        found = _SPEAKER.match(line)
        blocks.append(Block(text=line, speaker=found[1] if found and found[1] in speakers else None))
    return blocks


def without_speaker(block: Block) -> str:
    """The words of a block less the name that stands before them."""
    found = _SPEAKER.match(block.text)
    return block.text[found.end() :] if block.speaker and found and found[1] == block.speaker else block.text


def _markdown(text: str, warnings: tuple[str, ...]) -> Document:
    from markdown_it import MarkdownIt

    from rag.ingest.readers.html import blocks_of

    front = _FRONT.match(text)
    fields = {k: v.strip(" \"'") for k, v in _FIELD.findall(front[1])} if front else {}
    body = text[front.end() :] if front else text
    if max(map(len, _BREAK.split(body)), default=0) > LONGEST_LINE:
        raise Unreadable(f"a line of it has more than {LONGEST_LINE:,} letters; is it a document?")
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    blocks, hidden = blocks_of(rendered.encode(), whole=True, encoding="utf-8")
    author = fields.get("author") or fields.get("authors")
    guesses = Guesses(
        title=fields.get("title") or next((b.text for b in blocks if b.kind == "heading"), None),
        authors=tuple(a.strip() for a in author.split(",")) if author else (),
        published=fields.get("date"),
        publisher=fields.get("publisher"),
        url=fields.get("url"),
        language=fields.get("lang") or fields.get("language"),
    )
    return Document(
        format="markdown", unit="paragraph", blocks=blocks, hidden=hidden, guesses=guesses, warnings=warnings
    )
