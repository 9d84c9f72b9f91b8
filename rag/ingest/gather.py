"""From what the operator names to files that can be read: folders walked, archives unpacked, links not followed."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rag.ingest.kinds import SUFFIXES, is_archive, open_zip
from rag.ingest.limits import Limits, Unreadable
from rag.model import Frozen

_CHUNK = 1024 * 1024


class Found(Frozen):
    """A file to read, or the reason why it is not. `name` is how it is called in reports and what its id is made from."""

    name: str
    path: Path | None = None
    error: str = ""


def gather(paths: list[Path], staging: Path, limits: Limits) -> Iterator[Found]:
    """Every file under the paths in a fixed order; members of archives are unpacked into `staging`.

    Symbolic links are reported, never followed. A file that cannot be had comes with its reason.
    """
    for path in paths:
        if path.is_symlink():
            yield Found(name=path.name, error="it is a symbolic link; name the file itself")
        elif path.is_dir():
            for inner in sorted(path.rglob("*")):
                name = inner.relative_to(path).as_posix()
                if inner.is_symlink():
                    yield Found(name=name, error="it is a symbolic link, which is not followed")
                elif any(part.startswith(".") for part in inner.relative_to(path).parts) or inner.is_dir():
                    continue
                else:
                    yield from _file(inner, name, staging, limits)
        elif path.is_file():
            yield from _file(path, path.name, staging, limits)
        else:
            yield Found(name=str(path), error="there is no such file or folder")


def _file(path: Path, name: str, staging: Path, limits: Limits) -> Iterator[Found]:
    if not is_archive(path):
        yield Found(name=name, path=path)
        return
    try:
        yield from _unpacked(path, name, staging / name.replace("/", "__"), limits)
    except Unreadable as e:
        yield Found(name=name, error=str(e))
    except (tarfile.TarError, OSError, EOFError, ValueError) as e:
        yield Found(name=name, error=f"the archive is damaged or cut off ({str(e)[:100]})")
    except Exception as e:  # zlib.error, lzma.LZMAError: what decompressors raise has no common root
        yield Found(name=name, error=f"the archive is damaged ({type(e).__name__})")


def _unpacked(path: Path, name: str, folder: Path, limits: Limits) -> Iterator[Found]:
    """Members of known kinds, one level deep. Raises Unreadable where the archive as a whole is not safe."""
    left = min(limits.unpacked_bytes, limits.ratio * max(1, path.stat().st_size))
    if path.suffix.casefold() == ".zip":
        with open_zip(path, limits) as archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                linked = (info.external_attr >> 16) & 0o170000 == 0o120000
                where, why = _safe(info.filename, linked)
                if why or where is None:
                    yield Found(name=f"{name}/{info.filename}"[:300], error=why)
                    continue
                with archive.open(info) as source:
                    left -= _copy(source, folder / where, left)
                yield Found(name=f"{name}/{where}", path=folder / where)
        return
    with tarfile.open(path) as tar:
        for count, entry in enumerate(tar):
            if count >= limits.members:
                raise Unreadable(f"it holds more than {limits.members:,} files")
            if entry.isdir():
                continue
            where, why = _safe(entry.name, not entry.isreg())
            stream = tar.extractfile(entry) if not why else None
            if why or where is None or stream is None:
                yield Found(name=f"{name}/{entry.name}"[:300], error=why or "it cannot be read")
                continue
            left -= _copy(stream, folder / where, left)
            yield Found(name=f"{name}/{where}", path=folder / where)


def _safe(member: str, linked: bool) -> tuple[str | None, str]:
    """(the path within the staging folder, why the member is not unpacked)."""
    plain = posixpath.normpath(member.replace("\\", "/"))
    if linked:
        return None, "it is a link, which is not followed"
    if plain.startswith(("/", "../")) or plain == ".." or ":" in plain.split("/")[0] or "\0" in plain:
        return None, "its name leads out of the archive; it is not unpacked"
    if any(part.startswith(".") or part == "__MACOSX" for part in plain.split("/")):
        return None, "it is a hidden file"
    if is_archive(Path(plain)):
        return None, "it is an archive within an archive; unpack it first"
    if Path(plain).suffix.casefold() not in SUFFIXES:
        return None, f"'{Path(plain).suffix}' is no kind of document that is read"
    return plain, ""


def _copy(source: IO[bytes], target: Path, left: int) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            done += len(chunk)
            if done > left:
                raise Unreadable("it unpacks to more than is safe")
            out.write(chunk)
    return done
