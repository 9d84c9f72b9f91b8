"""A document as HTML for a page that has a heading of its own: headings two levels lower, every word escaped."""

from __future__ import annotations

from html import escape

from rag.export.document import Block, Box, Document, Heading, Items, NewPage, Paragraph, Runs, Table

LEVEL = 2  # by which headings go down


def html(document: Document) -> str:
    """The blocks of a document as one <article>, without styles; classes begin with `doc-`."""
    inner = "\n".join(_block(b) for b in document.blocks)
    return f'<article class="doc" lang="{escape(document.language)}">\n{inner}\n</article>'


def _block(block: Block) -> str:
    match block:
        case Heading():
            level = min(block.level + LEVEL, 6)
            return f"<h{level}>{escape(block.text)}</h{level}>"
        case Paragraph():
            tag = "blockquote" if block.look == "quote" else "p"
            return f'<{tag} class="doc-{block.look}">{_runs(block.runs)}</{tag}>'
        case Items():
            tag = "ol" if block.mark == "number" else "ul"
            items = "".join(f"<li>{_runs(i)}</li>" for i in block.items)
            look = "tick" if block.mark == "box" else block.mark
            return f'<{tag} class="doc-{look}">{items}</{tag}>'
        case Table():
            return _table(block)
        case Box():
            return f'<div class="doc-box doc-{block.look}">{"".join(map(_block, block.blocks))}</div>'
        case NewPage():
            return "<hr>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in table.header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in table.rows)
    caption = escape(table.caption)
    # A table that is wider than its page is moved sideways: by keyboard too, so its box can have the focus.
    return (
        f'<div class="doc-table" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _runs(runs: Runs) -> str:
    said = []
    for run in runs:
        shown = escape(run.text)
        shown = f"<strong>{shown}</strong>" if run.bold else shown
        shown = f"<em>{shown}</em>" if run.italic else shown
        if run.href.startswith(("https://", "http://")):
            shown = f'<a href="{escape(run.href)}" target="_blank" rel="noopener noreferrer">{shown}</a>'
        said.append(shown)
    return "".join(said)
