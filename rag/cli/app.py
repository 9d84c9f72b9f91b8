"""Putting the commands together, and turning whatever goes wrong into one line and an exit code."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from rag.cli import ask, bulk, cite, corpus, evals, index, ingest, models, pack, serve
from rag.cli.console import NAME, CallError, CheckFailed, one_line, report

DISK_TROUBLE = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO)

app = typer.Typer(
    name=NAME,
    help="Answers questions about joining and leaving violent extremist groups by citing testimony, sentence by "
    "sentence.\n\nExit codes: 0 done, 1 a check or a build failed, 2 the call or the set-up was wrong.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)
app.command("serve")(serve.serve)
app.command("ask")(ask.ask)
app.command("answer")(bulk.answer)
app.command("search")(ask.search)
app.command("screen")(bulk.screen)
app.command("cite")(cite.cite)
app.add_typer(corpus.app, name="corpus")
app.add_typer(index.app, name="index")
app.add_typer(models.app, name="models")
app.add_typer(ingest.app, name="ingest")
app.add_typer(evals.app, name="eval")
app.add_typer(pack.app, name="pack")


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Taken by `main`, which accepts it anywhere on the line; declared here so that the help shows it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (without the program's name); returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    own = given[: given.index("--")] if "--" in given else given
    debug = "--debug" in own
    given = [a for a in own if a != "--debug"] + given[len(own) :]
    try:
        return int(app(given, prog_name=NAME, standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        report("stopped")
        return 130
    except Exception as e:
        if debug:
            traceback.print_exception(e)
        message, code = explain(e)
        report(message)
        return code


def explain(error: Exception) -> tuple[str, int]:
    """An error as one line that says what to do next, and its exit code."""
    if isinstance(error, CheckFailed):
        return one_line(str(error)), 1
    if isinstance(error, CallError):
        return one_line(str(error)), 2
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else NAME
        return one_line(f"{error.format_message()} See: {command} --help"), 2
    return _explain_library(error)


def _explain_library(error: Exception) -> tuple[str, int]:
    from pydantic import ValidationError

    from rag.corpus import CorpusError
    from rag.embed import EmbeddingUnavailable
    from rag.guard.intake import BadQuestion
    from rag.index import IndexBuildError, IndexDamaged
    from rag.ingest.draft import DraftError

    if isinstance(error, (BadQuestion, EmbeddingUnavailable, DraftError)):
        return one_line(str(error)), 2
    if isinstance(error, (CorpusError, IndexBuildError)):
        return one_line(str(error)), 1
    if isinstance(error, IndexDamaged):
        return one_line(f"{error} Mend it: {NAME} index sync"), 1
    if isinstance(error, ValidationError) and error.title == "Settings":
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            return one_line(f"The settings are wrong: {first['msg'].removeprefix('Value error, ')}."), 2
        name = "EXITVOICES_" + "_".join(str(x) for x in first["loc"]).upper()
        return one_line(f"The setting {name} is wrong: {first['msg']}. Correct or unset it."), 2
    if isinstance(error, OSError) and error.filename:
        advice = "Check the path, its permissions and free space."
        return one_line(
            f"{error.filename}: {error.strerror}. {advice}"
        ), 1 if error.errno in DISK_TROUBLE else 2
    return one_line(
        f"{type(error).__name__}: {error}. Run it again with --debug and report what it prints."
    ), 1
