"""What every command shares: saying things on stderr, progress, and an assistant that is ready to answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # importing the library costs half a second, which `--help` need not wait for
    from rag.assistant import Assistant
    from rag.model import Filters, Mode

NAME = "exitvoices"


class WriteMode(StrEnum):
    QUOTE = "quote"
    WRITE = "write"


class Level(StrEnum):
    STUDENT = "student"
    PRACTITIONER = "practitioner"


class Length(StrEnum):
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


ModeOption = Annotated[
    WriteMode,
    typer.Option(
        "--mode",
        help="quote: statements of the corpus; write: a language model's words, each sentence checked.",
    ),
]
LevelOption = Annotated[Level, typer.Option("--level", help="For whom a model writes.")]
LengthOption = Annotated[Length, typer.Option("--length", help="How much a model writes.")]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        help="Language in which a model writes; that of the question if not given.",
        show_default=False,
    ),
]

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="FACET=VALUE",
        help="Only passages with this facet, for example stage=exit or gender=woman; may be given several times. "
        "Facets: stage, motive, disillusionment, ideology, role, gender, country, source, standing.",
    ),
]


class CallError(Exception):
    """The call was wrong; the message says what to change."""


class CheckFailed(Exception):
    """What was to be checked is not in order; the message says what to do."""


def one_line(text: str) -> str:
    return " ".join(text.split())


def report(message: str) -> None:
    """One line on stderr, so that stdout holds nothing but the result."""
    typer.echo(f"{NAME}: {message}", err=True)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr that is moved by calling it with (done, total); nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total or None)


def ready_assistant() -> Assistant:
    """An assistant on the newest index, built first if need be; says on stderr what readers should know."""
    from rag.index import is_current
    from rag.opening import open_assistant
    from rag.settings import get_settings

    settings = get_settings()
    if not is_current(settings):
        report(f"building the index in {settings.index_root}, once for this corpus")
    with progress("embedding") as moved:
        assistant, older = open_assistant(settings, moved)
    if older:
        report(one_line(older))
    return assistant


def with_model(assistant: Assistant, mode: Mode) -> Assistant:
    """The same assistant. Raises CallError for write mode where no language model can be used."""
    if mode == "write" and assistant.scribe is None:
        raise CallError(
            f"--mode write needs a language model. {assistant.no_scribe} Set EXITVOICES_WRITE_MODEL and, for a server "
            f"of your own, EXITVOICES_WRITE_URL, then: {NAME} models check. Without one, use --mode quote."
        )
    return assistant


def parsed_filters(where: list[str] | None, assistant: Assistant) -> Filters:
    """The chosen facets. Raises CallError for an unknown facet, or for values that no passage has."""
    from rag.model import Filters

    try:
        filters = Filters.parse(where or [])
    except ValueError as e:
        raise CallError(f"--where: {e}") from e
    if filters and not assistant.retriever.allowed(filters):
        raise CallError(f"--where: no passage has {' and '.join(where or [])}; see: {NAME} corpus stats")
    return filters
