"""The table twin of every picture, and its CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rag.corpus.stats import Table
from rag.explore.facets import Facet
from rag.explore.pathway import Stage
from rag.explore.timeline import Event

Row = tuple[str | int, ...]


def csv_text(table: Table) -> str:
    """RFC 4180 text of a table. A cell that a spreadsheet would run as a formula is kept as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def table_of_pathway(stages: Sequence[Stage], total: int, title: str, columns: Sequence[str]) -> Table:
    """Columns: stage, passages, people, and the number of people in the corpus."""
    rows: list[Row] = [(s.label, s.passages, len(s.people), total) for s in stages]
    return Table(title=title, columns=tuple(columns), rows=tuple(rows))


def table_of_facet(
    facet: Facet, labels: Sequence[str], total: int, title: str, columns: Sequence[str]
) -> Table:
    """Columns: the value, how many, of how many. `labels` name the options in their order."""
    rows: list[Row] = [
        (label, option.count, total) for label, option in zip(labels, facet.options, strict=True)
    ]
    return Table(title=title, columns=tuple(columns), rows=tuple(rows))


def table_of_timeline(events: Sequence[Event], title: str, columns: Sequence[str]) -> Table:
    """Columns: date, kind, event, and the id of the statement, person or source that it rests on."""
    return Table(
        title=title,
        columns=tuple(columns),
        rows=tuple((e.date, e.kind, e.text, e.reference) for e in events),
    )


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell
