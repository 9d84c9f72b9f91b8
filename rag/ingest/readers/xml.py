"""XML of documents, read so that it can neither grow nor reach out: no entities, no external files, no network."""

from __future__ import annotations

import zipfile
from typing import Any

from rag.ingest.limits import Limits, Unreadable


def parsed(data: bytes, name: str) -> Any:
    """The root element. Raises Unreadable for XML that is damaged or that declares entities."""
    from lxml import etree

    if b"<!ENTITY" in data or b"<!ENTITY".decode().encode("utf-16-le") in data:
        raise Unreadable(f"{name} declares XML entities, which documents do not need and attacks do")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise Unreadable(f"{name} is damaged ({str(e)[:120]}); get the file again from its source") from e
    return root


def member(archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """One member's bytes. Raises Unreadable where it is missing, damaged or larger than it says."""
    try:
        with archive.open(name) as f:
            data = f.read(limits.unpacked_bytes + 1)
    except KeyError as e:
        raise Unreadable(f"a part of the document is missing ({name}); save it anew") from e
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as e:
        raise Unreadable(f"a part of the document is damaged ({name}: {str(e)[:80]})") from e
    except Exception as e:  # zlib.error and what other decompressors raise
        raise Unreadable(f"a part of the document is damaged ({name}: {type(e).__name__})") from e
    if len(data) > limits.unpacked_bytes:
        raise Unreadable(f"a part of the document unpacks to more than is safe ({name})")
    return data
