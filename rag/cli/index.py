"""`index`: building, checking and bringing up to date what answers are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rag.cli.console import NAME, CheckFailed, one_line, progress, report

if TYPE_CHECKING:
    from rag.settings import Settings

app = typer.Typer(
    help="The index: derived from the corpus, safe to delete.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def build() -> None:
    """Builds the index anew, whatever there is, and puts it in place of the old one."""
    from rag.index import ensure_index
    from rag.settings import get_settings

    with progress("embedding") as moved:
        directory = ensure_index(get_settings(), moved, rebuild=True)
    typer.echo(f"built {directory.name}")


@app.command()
def sync() -> None:
    """Builds the index if the corpus or the embedding model changed or the index is damaged; else does nothing."""
    from rag.index import ensure_index, is_current
    from rag.settings import get_settings

    settings = get_settings()
    ready = is_current(settings)
    with progress("embedding") as moved:
        directory = ensure_index(settings, moved)
    typer.echo(f"{'up to date' if ready else 'built'}: {directory.name}")


@app.command()
def verify() -> None:
    """Checks the current index in a process of its own; exit code 1 if it is missing or damaged."""
    from rag.index import IndexDamaged, is_current, verify_index
    from rag.settings import get_settings

    settings = get_settings()
    try:
        directory = verify_index(settings)
    except IndexDamaged as e:
        raise CheckFailed(f"{e} Mend it: {NAME} index build") from e
    if not is_current(settings):
        report(f"the corpus or the embedding model has changed since it was built; next: {NAME} index sync")
    typer.echo(f"whole: {directory.name}")


def bring_up_to_date(settings: Settings) -> None:
    """Builds the index if need be; where that fails and an older one is whole, says so and lets it answer."""
    from rag.corpus import CorpusError
    from rag.index import IndexBuildError, current_index, ensure_index, is_current

    if is_current(settings):
        return
    report(f"building the index in {settings.index_root}, once for this corpus")
    try:
        with progress("embedding") as moved:
            ensure_index(settings, moved)
    except (CorpusError, IndexBuildError) as e:
        if current_index(settings) is None:
            raise
        report(one_line(f"the page answers from the index that was there before: {e}"))
