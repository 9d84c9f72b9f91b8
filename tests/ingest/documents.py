"""Documents for the tests: one interview in the project's own words, written out in every format that is read."""

from __future__ import annotations

import html
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path

# An invented interview with an invented woman about an invented group: paragraphs of one to five sentences.
INTERVIEW = (
    "I was nineteen when I first heard of Northwatch. A girl from my course sent me a film about old songs, and I liked "
    "the songs. Nobody in that film shouted. It took me half a year to see who had paid for it.",
    "My mother noticed before I did. She said that I had stopped laughing at the table. I told her that serious times "
    "need serious people, which was a sentence I had learned by heart.",
    "The first evening at the farm was warm. There were candles, there was soup, and everyone asked what I thought. At "
    "home nobody had asked me that for a long time.",
    "In the second year they gave me a camera. I filmed the marches and cut out the parts where people fell over or "
    "cried. After the march in the harbour town I kept one of those parts for myself.",
    "That winter the treasurer bought himself a boat with the money for the prisoners’ families. When I asked about it, "
    "I was told that doubt is a kind of theft. I went home and wrote down everything that I remembered.",
    "It was my aunt who made it possible to leave. She never argued. Every Sunday she rang, and she talked about her "
    "garden until I began to miss ordinary things.",
    "I left on a Tuesday with two bags. For eight months I slept badly and looked behind me in the street. A counsellor "
    "in the city listened for a whole year and did not once ask me for names.",
    "If you ask me now what I regret, it is the films. They were good films. That is exactly the trouble with them.",
)
TITLE = "A camera and two bags"


def write(path: Path, paragraphs: Sequence[str] = INTERVIEW, title: str | None = TITLE) -> Path:
    """The paragraphs as a document of the format that the path's suffix names."""
    {
        ".txt": _text,
        ".md": _markdown,
        ".html": _html,
        ".docx": _docx,
        ".odt": _odt,
        ".epub": _epub,
        ".pdf": _pdf,
        ".vtt": _vtt,
        ".srt": _srt,
    }[path.suffix](path, paragraphs, title)
    return path


FORMATS = (".txt", ".md", ".html", ".docx", ".odt", ".epub", ".pdf", ".vtt", ".srt")


def _text(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    path.write_text("\n\n".join([title, *paragraphs] if title else paragraphs) + "\n", "utf-8")


def _markdown(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    escaped = [
        p.replace("_", "\\_").replace("*", "\\*").replace("[", "\\[").replace("<", "&lt;") for p in paragraphs
    ]
    head = f"# {title}\n\n" if title else ""
    path.write_text(head + "\n\n".join(escaped) + "\n", "utf-8")


def _html(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    body = "\n".join(f"<p>{html.escape(p)}</p>" for p in paragraphs)
    path.write_text(
        f"<html lang='en'><head><title>{title}</title><meta charset='utf-8'></head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About us</a></li></ul></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        "<aside class='related'><a href='/x'>Five more stories that you may like</a></aside>"
        "<form id='respond'><label>Leave a reply</label><p>Your email address will not be published.</p></form>"
        "<div class='cookie-banner'>We use cookies to improve your visit. <button>Accept all</button></div>"
        "<footer>Copyright 2024 The Example. All rights reserved.</footer></body></html>",
        "utf-8",
    )


def _docx(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    import docx

    document = docx.Document()
    if title:
        document.add_heading(title, level=1)
    for p in paragraphs:
        document.add_paragraph(p)
    document.save(str(path))


def _odt(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    body = "".join(f"<text:p>{html.escape(p, quote=False)}</text:p>" for p in paragraphs)
    head = f"<text:h text:outline-level='1'>{title}</text:h>" if title else ""
    content = (
        "<?xml version='1.0' encoding='UTF-8'?><office:document-content "
        "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
        "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'>"
        f"<office:body><office:text>{head}{body}</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        z.writestr("content.xml", content)


def _epub(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    half = len(paragraphs) // 2

    def chapter(part: Sequence[str], head: str) -> str:
        inner = "".join(f"<p>{html.escape(p, quote=False)}</p>" for p in part)
        return f"<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><body>{head}{inner}</body></html>"

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("mimetype", "application/epub+zip")
        z.writestr(
            "META-INF/container.xml",
            "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='OEBPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>",
        )
        z.writestr(
            "OEBPS/book.opf",
            "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
            f"<dc:title>{title}</dc:title><dc:language>en</dc:language></metadata><manifest>"
            "<item id='one' href='one.xhtml' media-type='application/xhtml+xml'/>"
            "<item id='two' href='two.xhtml' media-type='application/xhtml+xml'/></manifest>"
            "<spine><itemref idref='one'/><itemref idref='two'/></spine></package>",
        )
        z.writestr("OEBPS/one.xhtml", chapter(paragraphs[:half], f"<h1>{title}</h1>" if title else ""))
        z.writestr("OEBPS/two.xhtml", chapter(paragraphs[half:], ""))


def _pdf(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    pdf = new_pdf()
    if title:
        pdf.set_font(size=18)
        pdf.multi_cell(0, 9, plain(title), new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    pdf.set_font(size=11)
    for p in paragraphs:
        pdf.multi_cell(0, 5.5, plain(p), new_x="LMARGIN", new_y="NEXT", align="L")
        pdf.ln(3)
    pdf.output(str(path))


def new_pdf():  # type: ignore[no-untyped-def]
    """An A4 document whose every page has a running head and a number."""
    from fpdf import FPDF

    class Paged(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=8)
            self.cell(0, 5, "Oral history of the harbour towns", new_x="LMARGIN", new_y="NEXT")
            self.ln(6)

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("Helvetica", size=8)
            self.cell(0, 5, str(self.page_no()), align="C")

    pdf = Paged()
    pdf.set_font("Helvetica", size=11)
    pdf.set_auto_page_break(True, margin=20)
    pdf.add_page()
    return pdf


# The fonts that every PDF reader has know Latin-1 only; typographic signs are spelled out for all formats alike.
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "...", "\u00a0": " "}
)


def plain(text: str) -> str:
    return text.translate(_SIGNS).encode("latin-1", "replace").decode("latin-1")


def _cues(paragraphs: Sequence[str]) -> list[tuple[int, str]]:
    """(milliseconds of the start, words) of cues of some ten words, which end anywhere in a sentence."""
    cues = []
    at = 1000
    for p in paragraphs:
        for line in textwrap.wrap(p, 60, break_long_words=False, break_on_hyphens=False):
            cues.append((at, line))
            at += 3000
    return cues


def _time(ms: int, comma: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{comma}{rest:03}"


def _vtt(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    cues = [
        f"{_time(a, '.')} --> {_time(a + 2900, '.')}\n<v Solveig>{html.escape(t, quote=False)}"
        for a, t in _cues(paragraphs)
    ]
    path.write_text("WEBVTT\n\n" + "\n\n".join(cues) + "\n", "utf-8")


def _srt(path: Path, paragraphs: Sequence[str], title: str | None) -> None:
    cues = [
        f"{n}\n{_time(a, ',')} --> {_time(a + 2900, ',')}\n{t}"
        for n, (a, t) in enumerate(_cues(paragraphs), 1)
    ]
    path.write_text("\n\n".join(cues) + "\n", "utf-8")
