"""`cite`: a reference to a passage or statement, to paste."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import typer

from rag.cli.console import NAME, CallError


class Style(StrEnum):
    APA = "apa"
    MLA = "mla"
    CHICAGO = "chicago"
    BIBTEX = "bibtex"
    RIS = "ris"


def cite(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a passage or statement.", show_default=False)],
    style: Annotated[Style, typer.Option(help="How the reference is written.")] = Style.APA,
    accessed: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day you read it; unset: today.", show_default=False),
    ] = None,
) -> None:
    """Prints the full reference of a passage, with its place in the source and the day of access."""
    from rag.corpus import load_corpus
    from rag.export import citation
    from rag.settings import get_settings

    try:
        day = dt.date.fromisoformat(accessed) if accessed else dt.date.today()
    except ValueError as e:
        raise CallError(f"--accessed: '{accessed}' is no day; write it as 2026-11-22.") from e
    try:
        text = citation(name, style.value, load_corpus(get_settings().corpus_dir), day)
    except KeyError as e:
        raise CallError(
            f"The corpus has no passage or statement '{name}'. Find ids with: {NAME} search \"…\""
        ) from e
    typer.echo(text.rstrip())
