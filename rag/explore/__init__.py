"""Looking around in the corpus: who is heard at which stage, filtered, compared, dated. Pure functions, no drawing."""

from rag.explore.compare import Cell, Column, Comparison, Subject, compare
from rag.explore.facets import Facet, Found, Holdings, Option, Selection, explore
from rag.explore.pathway import Stage, pathway
from rag.explore.tables import csv_text, table_of_facet, table_of_pathway, table_of_timeline
from rag.explore.timeline import Event, timeline

__all__ = [
    "Cell",
    "Column",
    "Comparison",
    "Event",
    "Facet",
    "Found",
    "Holdings",
    "Option",
    "Selection",
    "Stage",
    "Subject",
    "compare",
    "csv_text",
    "explore",
    "pathway",
    "table_of_facet",
    "table_of_pathway",
    "table_of_timeline",
    "timeline",
]
