"""EPUB: the chapters in the order of the book's spine, read as HTML. Its lists of contents are furniture."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rag.ingest.document import Block, Document, Format, Guesses, Hidden, one_line
from rag.ingest.kinds import open_zip
from rag.ingest.limits import Limits, Unreadable
from rag.ingest.readers.html import blocks_of
from rag.ingest.readers.plain import with_speakers
from rag.ingest.readers.xml import member, parsed

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_CHAPTERS = ("application/xhtml+xml", "text/html")


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The chapters as one document. Raises Unreadable for a book that is locked or lacks a part."""
    with open_zip(path, limits) as archive:
        names = set(archive.namelist())
        container = parsed(member(archive, "META-INF/container.xml", limits), "META-INF/container.xml")
        root = next((n.get("full-path") for n in container.iter() if str(n.tag).endswith("rootfile")), None)
        if not root:
            raise Unreadable("it does not say where its contents are; get the book again")
        package = parsed(member(archive, root, limits), root)
        chapters = list(_chapters(package, posixpath.dirname(root)))
        if "META-INF/encryption.xml" in names:
            locked = parsed(member(archive, "META-INF/encryption.xml", limits), "META-INF/encryption.xml")
            of = {n.get("URI") for n in locked.iter() if str(n.tag).endswith("CipherReference")}
            if of & {c for c, _ in chapters}:
                raise Unreadable("the book is locked (DRM); ask its publisher for an open copy")
        blocks: list[Block] = []
        hidden: list[Hidden] = []
        for name, is_list in chapters[: limits.pages]:
            data = member(archive, name, limits)
            if b"<!ENTITY" in data:
                raise Unreadable(f"{name} declares XML entities, which books do not need and attacks do")
            found, unseen = blocks_of(data, whole=not is_list, encoding="utf-8")
            if is_list:
                found = tuple(
                    b.model_copy(update={"kind": "furniture", "why": "list of contents"}) for b in found
                )
            blocks += found
            hidden += [h.model_copy(update={"where": name}) for h in unseen]
    spoken = with_speakers([b.text for b in blocks])
    told = tuple(b.model_copy(update={"speaker": s.speaker}) for b, s in zip(blocks, spoken, strict=True))
    guesses, fields = _about(package)
    return Document(format=kind, unit="paragraph", blocks=told, hidden=(*hidden, *fields), guesses=guesses)


def _chapters(package: Any, folder: str) -> list[tuple[str, bool]]:
    """(member, whether it is a list of contents) of every chapter, in reading order."""
    items = {i.get("id"): i for i in package.iter(f"{_OPF}item")}
    found = []
    for ref in package.iter(f"{_OPF}itemref"):
        item = items.get(ref.get("idref"))
        if item is not None and item.get("media-type") in _CHAPTERS:
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
            found.append((name, "nav" in (item.get("properties") or "").split()))
    return found


def _about(package: Any) -> tuple[Guesses, list[Hidden]]:
    def all_of(name: str) -> list[str]:
        return [t for n in package.iter(f"{_DC}{name}") if (t := one_line("".join(n.itertext())))]

    guesses = Guesses(
        title=next(iter(all_of("title")), None),
        authors=tuple(all_of("creator")),
        published=next((d[:10] for d in all_of("date")), None),
        publisher=next(iter(all_of("publisher")), None),
        language=next((x[:2] for x in all_of("language")), None),
    )
    fields = [(f, t) for f in ("description", "subject", "rights") for t in all_of(f)]
    return guesses, [Hidden(text=t[:4000], how=f"metadata ({f})") for f, t in fields]
