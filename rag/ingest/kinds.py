"""What a file is: by its first bytes, held against its name. A file that is not what it is called is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

from rag.ingest.document import Format
from rag.ingest.limits import Limits, Unreadable

SUFFIXES: dict[str, Format] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".epub": "epub",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".vtt": "vtt",
    ".srt": "srt",
}
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_ZIPPED = ("docx", "odt", "epub")
_MACROS = (".docm", ".dotm", ".doc", ".dot", ".xls", ".ppt", ".xlsm", ".pptm")
_TEXTS = ("text", "markdown", "html", "vtt", "srt")
# First bytes that no text document has, and what they say that the file is.
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP file (DOCX, ODT and EPUB are such)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "a database"),
)


def is_archive(path: Path) -> bool:
    return path.name.casefold().endswith(ARCHIVES)


def kind_of(path: Path, limits: Limits) -> Format:
    """The format of a file. Raises Unreadable for one that is empty, too large, of no known kind, or misnamed."""
    suffix = path.suffix.casefold()
    if suffix in _MACROS:
        raise Unreadable(f"{suffix} files can hold macros and are not read; save it as DOCX, ODT or PDF")
    kind = SUFFIXES.get(suffix)
    if kind is None:
        known = " ".join(s.removeprefix(".") for s in SUFFIXES)
        raise Unreadable(f"'{suffix or path.name}' is no kind of document that is read ({known})")
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("the file is empty")
    if size > limits.file_bytes:
        raise Unreadable(f"the file has {size:,} bytes, the most is {limits.file_bytes:,}; split it")
    with path.open("rb") as f:
        head = f.read(4096)
    _agrees(head, kind, suffix)
    if kind in _ZIPPED:
        open_zip(path, limits).close()
    return kind


def _agrees(head: bytes, kind: Format, suffix: str) -> None:
    """Raises Unreadable where the first bytes say that a file is something else than its name does."""
    found = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if kind == "pdf":
        if b"%PDF-" not in head[:1024]:
            raise Unreadable(f"it is named {suffix} but is {found or 'no PDF'}; give it its right name")
    elif kind in _ZIPPED:
        if not head.startswith(b"PK\x03\x04"):
            raise Unreadable(f"it is named {suffix} but is {found or 'no ZIP file'}; give it its right name")
    elif found:
        raise Unreadable(f"it is named {suffix} but is {found}; give it its right name")
    elif b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and kind in _TEXTS:
        raise Unreadable(
            f"it is named {suffix} but holds no text; open it in its program and save it as text"
        )


def open_zip(path: Path, limits: Limits) -> zipfile.ZipFile:
    """A ZIP whose members together stay within the bounds by what it says itself, which Python then holds it to.

    Raises Unreadable for a damaged or encrypted one, one that unpacks to too much, or one with macros.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as e:
        raise Unreadable(f"the file is damaged or cut off ({e}); get it again from its source") from e
    members = archive.infolist()
    whole = sum(m.file_size for m in members)
    packed = max(1, path.stat().st_size)
    why = None
    if len(members) > limits.members:
        why = f"it holds {len(members):,} files, the most is {limits.members:,}"
    elif whole > limits.unpacked_bytes or whole > limits.ratio * packed:
        why = f"it unpacks to {whole:,} bytes from {packed:,}, more than is safe"
    elif any(m.flag_bits & 1 for m in members):
        why = "it is locked with a password; save it without one"
    elif any(m.filename.casefold().endswith("vbaproject.bin") for m in members):
        why = "it holds macros; save it without them"
    if why:
        archive.close()
        raise Unreadable(why)
    return archive
