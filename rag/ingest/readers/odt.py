"""ODT: paragraphs and headings of the body in order; hidden and white text, annotations and fields set apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag.ingest.document import Block, Document, Format, Guesses, Hidden, one_line
from rag.ingest.kinds import open_zip
from rag.ingest.limits import Limits
from rag.ingest.readers.plain import with_speakers
from rag.ingest.readers.xml import member, parsed

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT = f"{{{_OASIS}text:1.0}}"
_OFFICE = f"{{{_OASIS}office:1.0}}"
_STYLE = f"{{{_OASIS}style:1.0}}"
_FO = f"{{{_OASIS}xsl-fo-compatible:1.0}}"
_META = f"{{{_OASIS}meta:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The paragraphs. Raises Unreadable."""
    with open_zip(path, limits) as archive:
        content = parsed(member(archive, "content.xml", limits), "content.xml")
        names = archive.namelist()
        about = parsed(member(archive, "meta.xml", limits), "meta.xml") if "meta.xml" in names else None
        styles = (
            parsed(member(archive, "styles.xml", limits), "styles.xml") if "styles.xml" in names else None
        )
    hiding = {**_hiding(styles), **_hiding(content)}
    hidden: list[Hidden] = []
    blocks: list[Block] = []
    for node in content.iter(f"{_TEXT}p", f"{_TEXT}h"):
        outer = {a.tag for a in node.iterancestors()}
        if f"{_TEXT}tracked-changes" in outer:
            continue
        seen: list[str] = []
        unseen: dict[str, list[str]] = {}
        _collect(node, hiding, "comment" if f"{_OFFICE}annotation" in outer else "", seen, unseen, top=True)
        hidden += [Hidden(text=t[:4000], how=how) for how, v in unseen.items() if (t := one_line("".join(v)))]
        text = one_line("".join(seen))
        if text:
            blocks.append(Block(text=text, kind="heading" if node.tag == f"{_TEXT}h" else "text"))
    spoken = with_speakers([b.text for b in blocks])
    told = tuple(b.model_copy(update={"speaker": s.speaker}) for b, s in zip(blocks, spoken, strict=True))
    guesses, fields = _about(about)
    title = guesses.title or next((b.text for b in told if b.kind == "heading"), None)
    return Document(
        format=kind,
        unit="paragraph",
        blocks=told,
        hidden=(*hidden, *fields),
        guesses=guesses.model_copy(update={"title": title}),
    )


def _collect(
    node: Any, hiding: dict[str, str], how: str, seen: list[str], unseen: dict[str, list[str]], *, top: bool
) -> None:
    """Text of a paragraph into what is seen and what is not; paragraphs within it are visited by themselves."""
    if not top and node.tag in (f"{_TEXT}p", f"{_TEXT}h"):
        return
    if not isinstance(node.tag, str):
        return
    if node.tag == f"{_OFFICE}annotation":
        return
    how = how or hiding.get(node.get(f"{_TEXT}style-name") or "", "")
    if node.tag in (f"{_TEXT}hidden-text", f"{_TEXT}hidden-paragraph"):
        how = "hidden text"
        unseen.setdefault(how, []).append(node.get(f"{_TEXT}string-value") or "")

    def put(text: str | None) -> None:
        if text:
            (unseen.setdefault(how, []) if how else seen).append(text)

    if node.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
        put(" ")
    put(node.text)
    for child in node:
        _collect(child, hiding, how, seen, unseen, top=False)
        put(child.tail)


def _hiding(root: Any) -> dict[str, str]:
    """Names of styles that hide text, and how."""
    found: dict[str, str] = {}
    if root is None:
        return found
    for style in root.iter(f"{_STYLE}style"):
        for properties in style.iter(f"{_STYLE}text-properties"):
            colour = (properties.get(f"{_FO}color") or "").casefold()
            ground = (properties.get(f"{_FO}background-color") or "#ffffff").casefold()
            size = (properties.get(f"{_FO}font-size") or "12pt").removesuffix("pt")
            name = style.get(f"{_STYLE}name")
            if properties.get(f"{_TEXT}display") == "none":
                found[name] = "hidden text"
            elif colour in ("#ffffff", "#fefefe") and ground in ("#ffffff", "transparent"):
                found[name] = "white on white"
            elif size.replace(".", "", 1).isdigit() and float(size) <= 2:
                found[name] = "too small to read"
    return found


def _about(root: Any) -> tuple[Guesses, list[Hidden]]:
    if root is None:
        return Guesses(), []

    def said(name: str) -> str | None:
        node = next(root.iter(name), None)
        return one_line(node.text or "") or None if node is not None else None

    fields = [(f, said(n)) for f, n in (("subject", f"{_DC}subject"), ("description", f"{_DC}description"))]
    fields += [("keywords", one_line(k.text or "")) for k in root.iter(f"{_META}keyword")]
    fields += [("user-defined", one_line(k.text or "")) for k in root.iter(f"{_META}user-defined")]
    author = said(f"{_META}initial-creator") or said(f"{_DC}creator")
    when = said(f"{_META}creation-date") or said(f"{_DC}date")
    guesses = Guesses(
        title=said(f"{_DC}title"),
        authors=(author,) if author else (),
        published=when[:10] if when else None,
        language=said(f"{_DC}language"),
    )
    return guesses, [Hidden(text=t[:4000], how=f"metadata ({f})") for f, t in fields if t]
