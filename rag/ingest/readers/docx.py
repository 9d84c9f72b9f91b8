"""DOCX: the paragraphs of the body and its tables in order; hidden, white and tiny runs, comments and fields set apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.ingest.document import Block, Document, Format, Guesses, Hidden, one_line
from rag.ingest.kinds import open_zip
from rag.ingest.limits import Limits, Unreadable
from rag.ingest.readers.plain import with_speakers
from rag.ingest.readers.xml import member, parsed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SMALLEST = 4  # half points: text of two points cannot be read
_PAPER = ("FFFFFF", "FEFEFE", "FDFDFD")


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The paragraphs. Raises Unreadable for a damaged file and for one with external entities."""
    with open_zip(path, limits) as archive:
        names = set(archive.namelist())
        for name in sorted(n for n in names if n.endswith((".xml", ".rels"))):
            parsed(member(archive, name, limits), name)
        comments = _comments(archive, names, limits)
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as e:
        raise Unreadable(f"it is no whole Word document ({str(e)[:100]}); save it anew") from e
    hidden: list[Hidden] = list(comments)
    blocks: list[Block] = []
    hiding = _hiding_styles(document)
    headings = {
        s.style_id
        for s in document.styles
        if (s.name or "").casefold().startswith(("heading", "title", "subtitle"))
    }
    for paragraph in document.element.body.iter(f"{_W}p"):
        text, unseen = _paragraph(paragraph, hiding)
        hidden += [Hidden(text=t, how=how) for t, how in unseen]
        if not text:
            continue
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        named = style is not None and style.get(f"{_W}val") in headings
        blocks.append(Block(text=text, kind="heading" if named else "text"))
    spoken = with_speakers([b.text for b in blocks])
    told = tuple(b.model_copy(update={"speaker": s.speaker}) for b, s in zip(blocks, spoken, strict=True))
    about = document.core_properties
    for field in ("comments", "keywords", "subject", "category"):
        said = one_line(str(getattr(about, field) or ""))
        if said:
            hidden.append(Hidden(text=said[:4000], how=f"metadata ({field})"))
    title = one_line(about.title or "") or next((b.text for b in told if b.kind == "heading"), None)
    when = about.created.date().isoformat() if about.created else None
    guesses = Guesses(
        title=title,
        authors=(about.author,) if about.author else (),
        published=when,
        language=about.language or None,
    )
    return Document(format=kind, unit="paragraph", blocks=told, hidden=tuple(hidden), guesses=guesses)


def _paragraph(paragraph: Any, hiding: dict[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The visible text of a paragraph, and what it holds besides, with how that is hidden."""
    seen: list[str] = []
    unseen: dict[str, list[str]] = {}
    own = paragraph.find(f"{_W}pPr/{_W}pStyle")
    outer = hiding.get(own.get(f"{_W}val"), "") if own is not None else ""
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"):
        if next(node.iterancestors(f"{_W}p")) is not paragraph:
            continue  # a text box within the paragraph is visited by itself
        text = (node.text or "") if node.tag == f"{_W}t" else "-" if node.tag.endswith("Hyphen") else " "
        run = next(node.iterancestors(f"{_W}r"), None)
        how = outer or _hides(run, hiding)
        if how:
            unseen.setdefault(how, []).append(text)
        else:
            seen.append(text)
    told = [(one_line("".join(v)), how) for how, v in unseen.items()]
    return one_line("".join(seen)), [(t[:4000], how) for t, how in told if t]


def _hides(run: Any, hiding: dict[str, str]) -> str:
    properties = run.find(f"{_W}rPr") if run is not None else None
    if properties is None:
        return ""
    style = properties.find(f"{_W}rStyle")
    if style is not None and hiding.get(style.get(f"{_W}val")):
        return hiding[style.get(f"{_W}val")]
    return _how(properties)


def _how(properties: Any) -> str:
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and vanish.get(f"{_W}val") not in ("0", "false"):
        return "hidden text"
    colour = properties.find(f"{_W}color")
    shaded = properties.find(f"{_W}shd") is not None or properties.find(f"{_W}highlight") is not None
    if colour is not None and (colour.get(f"{_W}val") or "").upper() in _PAPER and not shaded:
        return "white on white"
    size = properties.find(f"{_W}sz")
    if size is not None and (size.get(f"{_W}val") or "").isdigit() and int(size.get(f"{_W}val")) <= _SMALLEST:
        return "too small to read"
    return ""


def _hiding_styles(document: Any) -> dict[str, str]:
    found = {}
    for style in document.styles.element.iter(f"{_W}style"):
        properties = style.find(f"{_W}rPr")
        how = _how(properties) if properties is not None else ""
        if how:
            found[str(style.get(f"{_W}styleId"))] = how
    return found


def _comments(archive: Any, names: set[str], limits: Limits) -> list[Hidden]:
    if "word/comments.xml" not in names:
        return []
    root = parsed(member(archive, "word/comments.xml", limits), "word/comments.xml")
    said = (one_line("".join(c.itertext())) for c in root.iter(f"{_W}comment"))
    return [Hidden(text=s[:4000], how="comment") for s in said if s]
