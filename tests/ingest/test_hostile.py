"""Files that are broken or mean harm: a clear word for each, in bounded time and memory, and nothing half-written."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.ingest.draft import Jobs
from rag.ingest.gather import gather
from rag.ingest.isolated import read_safely
from rag.ingest.kinds import kind_of
from rag.ingest.limits import DEFAULT, MB, Limits, Unreadable
from rag.ingest.readers import read
from rag.ingest.run import ingest
from rag.settings import Settings
from tests.ingest.documents import write

LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]><d>&j;</d>"
)
OUTSIDE = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><d>&x;</d>"


def docx_with(path: Path, name: str, content: bytes) -> Path:
    """A sound DOCX with one part replaced or added."""
    sound = io.BytesIO(write(path.with_name("sound.docx")).read_bytes())
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return path


def truncated(folder: Path, suffix: str) -> Path:
    whole = write(folder / f"whole{suffix}").read_bytes()
    path = folder / f"cut{suffix}"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def many_pages(folder: Path) -> Path:
    """A PDF of 10,000 pages, written by hand: each is one small object."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count 10000 /Kids [{' '.join(f'{n} 0 R' for n in range(3, 10003))}] >>",
    ]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"] * 10000
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for n, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{o:010} 00000 n \n".encode() for o in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    path = folder / "long.pdf"
    path.write_bytes(bytes(out))
    return path


def bomb(folder: Path) -> Path:
    path = folder / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("word/document.xml", b"a" * (64 * MB))
    return path


def named(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


HOSTILE = {
    "half a PDF": (lambda f: truncated(f, ".pdf"), "damaged or cut off|no text"),
    "half a DOCX": (lambda f: truncated(f, ".docx"), "damaged or cut off"),
    "half an ODT": (lambda f: truncated(f, ".odt"), "damaged or cut off"),
    "half an EPUB": (lambda f: truncated(f, ".epub"), "damaged or cut off"),
    "a zip bomb": (bomb, "unpacks to .* more than is safe"),
    "a billion laughs": (lambda f: docx_with(f / "l.docx", "word/document.xml", LAUGHS.encode()), "XML entities"),
    "a billion laughs in UTF-16": (lambda f: docx_with(f / "l.docx", "word/document.xml", LAUGHS.encode("utf-16")), "XML entities"),
    "a file of this machine as an entity": (lambda f: docx_with(f / "x.docx", "word/document.xml", OUTSIDE.encode()), "XML entities"),
    "a huge single line": (lambda f: named(f, "line.txt", b"a" * 5_000_000), "a line of it has more than"),
    "a huge single line of Markdown": (lambda f: named(f, "line.md", b"[" * 5_000_000), "a line of it has more than"),
    "a PDF that is HTML": (lambda f: named(f, "page.pdf", b"<html><p>Hello there.</p></html>"), "named .pdf but is no PDF"),
    "a text that is a PDF": (lambda f: named(f, "x.txt", write(f / "y.pdf").read_bytes()), "named .txt but is a PDF"),
    "a DOCX that is a program": (lambda f: named(f, "x.docx", b"MZ" + bytes(200)), "named .docx but is a program"),
    "a DOCX with macros": (lambda f: docx_with(f / "m.docx", "word/vbaProject.bin", b"x"), "holds macros"),
    "a macro document": (lambda f: named(f, "m.docm", b"PK\x03\x04"), "can hold macros"),
    "an old Word file": (lambda f: named(f, "m.doc", b"\xd0\xcf\x11\xe0"), "can hold macros"),
    "10,000 pages": (many_pages, "10,000 pages, the most is 5,000"),
    "nothing": (lambda f: named(f, "empty.txt", b""), "empty"),
    "blanks": (lambda f: named(f, "blank.txt", b" \n \n"), "no text"),
    "zeros": (lambda f: named(f, "zeros.txt", bytes(5000)), "holds no text"),
    "deep HTML": (lambda f: named(f, "deep.html", b"<div>" * 100_000 + b"hi" ), "nested deeper|no text|damaged"),
    "a transcript without times": (lambda f: named(f, "t.vtt", b"WEBVTT\n\nhello\n"), "no speech|no VTT"),
    "no known kind": (lambda f: named(f, "x.xyz", b"hello"), "no kind of document"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_with_a_clear_word_in_bounded_time(case: str, tmp_path: Path) -> None:
    make, said = HOSTILE[case]
    path = make(tmp_path)
    start = time.monotonic()
    with pytest.raises(Unreadable, match=said) as error:
        read_safely(path)
    assert time.monotonic() - start < 60
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def test_memory_and_time_of_a_reader_are_bounded(tmp_path: Path) -> None:
    path = named(tmp_path, "big.html", b"<p>" + b"<b>x</b> " * 2_000_000)
    with pytest.raises(Unreadable, match=r"more than is safe|damaged|no text"):
        read_safely(path, Limits(memory=400 * MB))
    with pytest.raises(Unreadable, match="more time or memory"):
        read_safely(path, Limits(seconds=1))


def test_an_archive_can_neither_leave_its_folder_nor_lead_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("../../evil.txt", "out")
        z.writestr("/abs.txt", "out")
        z.writestr("good/fine.txt", "A good sentence stands here.")
        z.writestr("inner.zip", "x")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        z.writestr(link, "/etc/hostname")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as t:
        entry = tarfile.TarInfo("../up.txt")
        entry.size = 3
        t.addfile(entry, io.BytesIO(b"out"))
        entry = tarfile.TarInfo("sym.txt")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
        t.addfile(entry)
    staging = tmp_path / "staging"
    found = {f.name: f for f in gather([path, tmp_path / "b.tar.gz"], staging, DEFAULT)}
    assert [n for n, f in found.items() if f.path] == ["a.zip/good/fine.txt"]
    assert sum("leads out of the archive" in f.error for f in found.values()) == 3
    assert sum("link" in f.error for f in found.values()) == 2
    assert "archive within an archive" in found["a.zip/inner.zip"].error
    assert {p.name for p in tmp_path.rglob("*.txt")} == {"fine.txt"}


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "secret.txt").write_text("Nobody asked for this.", "utf-8")
    (tmp_path / "docs" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (found,) = gather([tmp_path / "docs"], tmp_path / "staging", DEFAULT)
    assert found.path is None
    assert "symbolic link" in found.error


def test_one_bad_file_never_stops_the_rest_and_nothing_of_it_is_left(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    write(folder / "a.txt")
    truncated(tmp_path, ".pdf").rename(folder / "b.pdf")
    bomb(folder)
    write(folder / "z.docx")
    seen: list[tuple[int, int]] = []
    report = ingest(home, [folder], progress=lambda done, total: seen.append((done, total)))
    assert [(f.name, f.outcome) for f in report.files] == [
        ("a.txt", "drafted"),
        ("b.pdf", "failed"),
        ("bomb.docx", "failed"),
        ("z.docx", "drafted"),
    ]
    assert report.files[3].near_twin == "a", "the same interview in another format"
    assert seen[-1] == (4, 4)
    assert Jobs(home).job("docs").sources() == ["a", "z"]
    left = sorted(p.name for p in home.data_dir.rglob("*") if p.is_file())
    assert left == sorted([".lock", "report.json", *["draft.json", "key.json", "text.txt"] * 2])
    assert all(p.stat().st_mode & 0o077 == 0 for p in home.data_dir.rglob("*") if p.is_file())


def test_a_run_that_was_stopped_goes_on_where_it_stood(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in "ab":
        write(folder / f"{name}.txt")

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(home, [folder], progress=stop)
    assert Jobs(home).job("docs").sources() == ["a"]
    assert [f.outcome for f in ingest(home, [folder]).files] == ["unchanged", "drafted"]
    assert not list(home.data_dir.glob("ingest-*")), "staging folders are gone"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_to_a_file_gets_past_the_reader_as_anything_but_a_clear_word(
    data: st.DataObject, tmp_path: Path
) -> None:
    """Bytes of sound files changed and cut at random, read in this process: no other error may come out."""
    suffix = data.draw(st.sampled_from([".txt", ".md", ".html", ".odt", ".epub", ".vtt", ".srt"]))
    sound = tmp_path / f"sound{suffix}"
    if not sound.exists():
        write(sound)
    content = bytearray(sound.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        document = read(path, kind_of(path, DEFAULT), DEFAULT)
    except Unreadable:
        return
    assert any(b.text for b in document.blocks)
