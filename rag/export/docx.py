"""A document as Word: real headings, lists and table headers, a language and a title, and the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from rag.export.document import Block, Box, Document, Heading, Items, NewPage, Paragraph, Runs, Table

INK, MUTED, ACCENT = "22262B", "575E66", "1B5563"
TINTS = {"plain": ("F1EDE4", "857F72"), "warning": ("FBE69D", "B98A12"), "help": ("E6F0F1", "1B5563")}
SERIF, SANS = "Georgia", "Calibri"
SIZE, LARGE = 11, 16  # points of body text, and of large print
PAGE = (21.0, 29.7, 2.2)  # width, height and margin in centimetres: A4
STAMP = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # of the files inside, so that a document has the same bytes whenever it is made
LANGUAGES = {"en": "en-GB"}


def docx(document: Document) -> bytes:
    """The document as a .docx file."""
    writer = _Writer(document)
    for block in document.blocks:
        writer.block(block)
    return writer.saved()


class _Writer:
    def __init__(self, document: Document) -> None:
        import docx as word
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        self._word = word.Document()
        self._large = False
        self._number = 0
        core = self._word.core_properties
        core.title, core.subject, core.author = document.title, document.subject, document.author
        core.language = LANGUAGES.get(document.language, document.language)
        core.comments, core.last_modified_by, core.keywords = "", document.author, ""
        core.created = core.modified = dt.datetime.combine(document.date, dt.time())
        section = self._word.sections[0]
        section.page_width, section.page_height = _cm(PAGE[0]), _cm(PAGE[1])
        section.left_margin = section.right_margin = _cm(PAGE[2])
        section.top_margin = section.bottom_margin = _cm(2.0)
        self._styles(core.language)
        self._word.styles["Footer"].font.size = _pt(9)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.LEFT
        self._text(foot, f"{document.footer}  ·  page " if document.footer else "page ", size=9, colour=MUTED)
        self._page_number(foot)

    def _styles(self, language: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        styles = self._word.styles
        normal = styles["Normal"]
        self._font(normal, SANS, SIZE, INK)
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.line_spacing = 1.15
        spoken = OxmlElement("w:lang")
        spoken.set(qn("w:val"), language)
        normal.element.get_or_add_rPr().append(spoken)
        for level, size in ((1, 22), (2, 15), (3, 12.5), (4, 11)):
            heading = styles[f"Heading {level}"]
            self._font(heading, SERIF if level < 3 else SANS, size, ACCENT if level > 1 else INK)
            heading.font.bold = level > 2
            heading.font.italic = False
            heading.font.color.rgb = RGBColor.from_string(ACCENT if level > 1 else INK)
            heading.paragraph_format.space_before = Pt(0 if level == 1 else 14 if level == 2 else 8)
            heading.paragraph_format.space_after = Pt(8 if level == 1 else 4)
            heading.paragraph_format.keep_with_next = True

    @staticmethod
    def _font(style: Any, name: str, size: float, colour: str) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        style.font.name, style.font.size = name, Pt(size)
        style.font.color.rgb = RGBColor.from_string(colour)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
        for attribute in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(attribute), name)

    def block(self, block: Block, holder: Any = None) -> None:
        target = holder if holder is not None else self._word
        match block:
            case Heading():
                made = target.add_paragraph(style=f"Heading {block.level}")
                self._text(made, block.text, size=LARGE + 6 if self._large and block.level < 3 else None)
                if self._page_break:
                    made.paragraph_format.page_break_before = True
                    self._page_break = False
            case Paragraph():
                self._paragraph(target.add_paragraph(), block)
            case Items():
                self._items(target, block)
            case Table():
                self._table(block)
            case Box():
                self._box(block)
            case NewPage():
                self._large = block.large
                self._page_break = True

    _page_break = False

    def _paragraph(self, made: Any, block: Paragraph) -> None:
        from docx.shared import Pt

        size = {"lead": 12.5, "small": 9.5, "quote": 12.0}.get(block.look)
        if self._large:
            size = LARGE
        if block.look == "quote":
            made.paragraph_format.left_indent = _cm(0.6)
            _border(made, TINTS["plain"][1])
        made.paragraph_format.space_after = Pt(4 if block.look == "small" else 6)
        self._runs(
            made,
            block.runs,
            size,
            SERIF if block.look == "quote" and not self._large else None,
            MUTED if block.look in ("small", "lead") and not self._large else None,
        )

    def _items(self, target: Any, block: Items) -> None:
        from docx.shared import Pt

        style = "List Number" if block.mark == "number" else "List Bullet"
        number = self._new_numbering() if block.mark == "number" else None
        for item in block.items:
            if block.mark == "box":
                made = target.add_paragraph()
                made.paragraph_format.left_indent, made.paragraph_format.first_line_indent = (
                    _cm(0.7),
                    _cm(-0.7),
                )
                self._text(made, "☐\t", size=LARGE if self._large else None, font="Segoe UI Symbol")
            else:
                made = target.add_paragraph(style=style)
                if number is not None:
                    _numbered(made, number)
            made.paragraph_format.space_after = Pt(3)
            self._runs(made, item, LARGE if self._large else None, None, None)

    def _new_numbering(self) -> int:
        """A numbering of its own for each list, so that every list begins with 1."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        numbering = self._word.part.numbering_part.element
        base = self._word.styles["List Number"].element.pPr.numPr.numId.val
        abstract = next(n for n in numbering.num_lst if n.numId == base).abstractNumId.val
        made = numbering.add_num(abstract)
        override = made.add_lvlOverride(ilvl=0)
        start = OxmlElement("w:startOverride")
        start.set(qn("w:val"), "1")
        override.append(start)
        return int(made.numId)

    def _table(self, block: Table) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        caption = self._word.add_paragraph(style="Caption")
        self._text(caption, block.caption, size=9.5, colour=MUTED)
        caption.paragraph_format.keep_with_next = True
        table = self._word.add_table(rows=1 + len(block.rows), cols=len(block.header))
        table.style = "Table Grid"
        table.autofit = False
        described = OxmlElement("w:tblDescription")
        described.set(qn("w:val"), block.caption)
        table._tbl.tblPr.append(described)
        width = PAGE[0] - 2 * PAGE[2]
        for column, part in zip(table.columns, block.widths, strict=True):
            column.width = _cm(width * part / sum(block.widths))
        for r, row in enumerate((block.header, *block.rows)):
            for c, text in enumerate(row):
                cell = table.cell(r, c)
                cell.width = _cm(width * block.widths[c] / sum(block.widths))
                made = cell.paragraphs[0]
                made.paragraph_format.space_after = Pt(2)
                self._text(made, text, bold=r == 0, size=10)
                if r == 0:
                    _shade(cell, TINTS["plain"][0])
        for row_number, made_row in enumerate(table.rows):
            properties = made_row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if row_number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            elif block.tall:
                made_row.height = _cm(1.2)
        self._word.add_paragraph().paragraph_format.space_after = Pt(2)

    def _box(self, block: Box) -> None:
        from docx.shared import Pt

        fill, edge = TINTS[block.look]
        table = self._word.add_table(rows=1, cols=1)
        table.autofit = False
        cell = table.cell(0, 0)
        table.columns[0].width = _cm(PAGE[0] - 2 * PAGE[2])
        cell.width = _cm(PAGE[0] - 2 * PAGE[2])
        _shade(cell, fill)
        _left_edge(cell, edge)
        for inner in block.blocks:
            self.block(inner, cell)
        first = cell.paragraphs[0]
        if not first.text and len(cell.paragraphs) > 1:
            first._p.getparent().remove(first._p)
        self._word.add_paragraph().paragraph_format.space_after = Pt(2)

    def _runs(self, made: Any, runs: Runs, size: float | None, font: str | None, colour: str | None) -> None:
        for run in runs:
            if run.href:
                self._link(made, run.text, run.href, size)
            else:
                self._text(
                    made, run.text, bold=run.bold, italic=run.italic, size=size, font=font, colour=colour
                )

    @staticmethod
    def _text(
        made: Any,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        size: float | None = None,
        font: str | None = None,
        colour: str | None = None,
    ) -> None:
        from docx.shared import Pt, RGBColor

        run = made.add_run("".join(c for c in text if c == "\n" or c.isprintable()))
        run.bold, run.italic = bold or None, italic or None
        if size:
            run.font.size = Pt(size)
        if font:
            run.font.name = font
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)

    def _link(self, made: Any, text: str, href: str, size: float | None) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        related = made.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), related)
        self._text(made, text, size=size, colour=ACCENT)
        run = made.runs[-1]
        run.font.underline = True
        link.append(run._r)
        made._p.append(link)

    @staticmethod
    def _page_number(made: Any) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        run = made.add_run()
        run.font.size = Pt(9)
        for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
            if kind:
                part = OxmlElement("w:fldChar")
                part.set(qn("w:fldCharType"), kind)
            else:
                part = OxmlElement("w:instrText")
                part.text = text
            run._r.append(part)

    def saved(self) -> bytes:
        held = io.BytesIO()
        self._word.save(held)
        fixed = io.BytesIO()
        with zipfile.ZipFile(held) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as after:
            for name in before.namelist():
                entry = zipfile.ZipInfo(name, STAMP)
                entry.compress_type = zipfile.ZIP_DEFLATED
                after.writestr(entry, before.read(name))
        return fixed.getvalue()


def _cm(value: float) -> Any:
    from docx.shared import Cm

    return Cm(value)


def _numbered(made: Any, number: int) -> None:
    properties = made._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _border(made: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, left = OxmlElement("w:pBdr"), OxmlElement("w:left")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", colour)):
        left.set(qn(f"w:{name}"), value)
    borders.append(left)
    made._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _shade(cell: Any, fill: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _left_edge(cell: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders, left = OxmlElement("w:tcBorders"), OxmlElement("w:left")
    for name, value in (("val", "single"), ("sz", "24"), ("space", "0"), ("color", colour)):
        left.set(qn(f"w:{name}"), value)
    borders.append(left)
    properties = cell._tc.get_or_add_tcPr()
    shade = properties.find(qn("w:shd"))
    shade.addprevious(borders) if shade is not None else properties.append(borders)


def _pt(value: float) -> Any:
    from docx.shared import Pt

    return Pt(value)
