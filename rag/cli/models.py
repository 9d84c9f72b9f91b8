"""`models`: whether the language model that the settings name can write answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.console import CallError, CheckFailed

if TYPE_CHECKING:
    from rag.answer.write.checkup import Checkup

app = typer.Typer(help="The language model of write mode.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def models() -> None:
    """The language model of write mode."""


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Asks the endpoint two small things and says whether it works, streams, keeps to a schema, and how fast it is.

    Exit code 1 if answers cannot be written with it, 2 if no model is set.
    """
    from rag.answer.write.checkup import check as checked
    from rag.settings import get_settings

    settings = get_settings()
    if not settings.write_model:
        raise CallError(
            "No language model is set, and none is needed: answers are quoted. To have them written, set "
            "EXITVOICES_WRITE_MODEL, and EXITVOICES_WRITE_URL or EXITVOICES_WRITE_KEY."
        )
    found = checked(settings)
    typer.echo(json.dumps(found.model_dump(mode="json"), indent=2) if as_json else said(found))
    if not found.works:
        raise CheckFailed(f"The model cannot be used: {found.problem}")


def said(found: Checkup) -> str:
    """What a check found, a line for each thing."""
    if not found.works:
        return f"model: {found.model}\nworks: no. {found.problem}"
    streams = "yes" if found.streams else "no: the first sentence is shown only when the whole reply is there"
    schema = "yes" if found.schema_honoured else "no: sentences are asked for line by line"
    return "\n".join(
        [
            f"model: {found.model}",
            "works: yes",
            f"streams: {streams}",
            f"keeps to a JSON schema: {schema}",
            f"speed: first words after {found.first_ms:.0f} ms, then {found.per_second:.0f} tokens a second",
        ]
    )
