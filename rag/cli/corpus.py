"""`corpus`: checking, counting, showing and changing what answers rest on."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.cli import render
from rag.cli.console import NAME, CallError, CheckFailed, progress, report

app = typer.Typer(
    help="The corpus: what it holds and whether it is in order.", no_args_is_help=True, rich_markup_mode=None
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command("lint")
def lint_corpus(
    originals: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the original texts: compares against them too."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Checks every file by the rules of curation; exit code 1 if something is wrong."""
    from rag.corpus.lint import lint
    from rag.settings import get_settings

    if originals is not None and not originals.is_dir():
        raise CallError(f"--originals: there is no folder {originals}.")
    problems = lint(get_settings().corpus_dir, originals, dt.date.today())
    if as_json:
        typer.echo(json.dumps([p.model_dump() for p in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(f"{'warning: ' if problem.severity == 'warning' else ''}{problem}")
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        count = f"{len(errors)} problem{'' if len(errors) == 1 else 's'}"
        raise CheckFailed(f"{count} in {get_settings().corpus_dir}; each line says where and what to do.")
    report("the corpus is in order")


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a source, passage, statement or person.")],
) -> None:
    """Shows one entry, for example gazette-2016, gazette-2016/p10 or gazette-2016/p10#2."""
    from rag.corpus import load_corpus
    from rag.settings import get_settings

    text = render.entry(name, load_corpus(get_settings().corpus_dir))
    if text is None:
        raise CallError(f"The corpus has no '{name}'. Find ids with: {NAME} search \"…\"")
    typer.echo(text)


@app.command()
def stats(as_json: AsJson = False) -> None:
    """Counts what the corpus holds and says what it lacks: speakers by ideology, gender, age, role and country."""
    from rag.corpus import load_corpus
    from rag.corpus.stats import stats as count
    from rag.settings import get_settings

    counted = count(load_corpus(get_settings().corpus_dir))
    if as_json:
        typer.echo(json.dumps(counted.to_json(), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n\n".join(render.table(t.title, t.columns, t.rows) for t in counted.tables()))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a passage, a person or a whole source.")],
    yes: Annotated[bool, typer.Option("--yes", help="A person: don't ask before it is done.")] = False,
) -> None:
    """Removes a passage, a person or a source for good: from the corpus, the vectors, every index and all that is kept.

    For a person, what would go and what a curator has to decide is shown first, and nothing is done without a yes.
    """
    from rag.corpus.yaml_text import UnexpectedLayout
    from rag.settings import get_settings
    from rag.takedown import RemovalError, foreseen
    from rag.takedown import remove as take_down

    settings = get_settings()
    try:
        planned = foreseen(settings, name)
        if planned is not None:
            typer.echo(render.foreseen(planned))
            if not yes and not sys.stdin.isatty():
                raise CallError(
                    f"Nothing was changed. If that is what you want: {NAME} corpus remove {name} --yes"
                )
            if not yes and not typer.confirm("Do it?", default=False):
                report("nothing was changed")
                return
        with progress("embedding") as moved:
            done = take_down(settings, name, dt.date.today(), moved, planned)
    except (RemovalError, UnexpectedLayout) as e:
        raise CallError(str(e)) from e
    typer.echo(render.removal(done))


@app.command()
def schema() -> None:
    """Writes corpus/schema: the JSON Schema of each file, for editors that check while you type."""
    from rag.corpus.schema import write_schemas
    from rag.settings import get_settings

    for path in write_schemas(get_settings().corpus_dir):
        typer.echo(f"wrote {path}")


@app.command()
def vectors() -> None:
    """Writes corpus/vectors: the embeddings of exactly the texts of the corpus, for committing."""
    from rag.corpus import load_corpus
    from rag.embed import make_embeddings
    from rag.index import embedded_texts, vector_store
    from rag.settings import get_settings

    settings = get_settings()
    texts = embedded_texts(load_corpus(settings.corpus_dir))
    with progress("embedding") as moved:
        count = vector_store(settings).commit(texts, lambda: make_embeddings(settings), moved)
    typer.echo(f"{count:,} vectors in {settings.corpus_dir / 'vectors'}")


@app.command()
def lock() -> None:
    """Adds every id of the corpus to corpus/ids.lock: from then on none of them may stand for anything else."""
    from rag.corpus.ids import lock_ids
    from rag.settings import get_settings

    typer.echo(f"{len(lock_ids(get_settings().corpus_dir)):,} new ids locked")
