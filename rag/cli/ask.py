"""`ask` and `search`: one question, its answer or its passages on stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rag.cli import bulk, render
from rag.cli.console import (
    CallError,
    LanguageOption,
    Length,
    LengthOption,
    Level,
    LevelOption,
    ModeOption,
    Where,
    WriteMode,
    parsed_filters,
    ready_assistant,
    with_model,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Trace = Annotated[
    bool, typer.Option("--trace", help="Show why each passage came up and what the decision rests on.")
]


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.", show_default=False)],
    as_json: AsJson = False,
    mode: ModeOption = WriteMode.QUOTE,
    level: LevelOption = Level.STUDENT,
    length: LengthOption = Length.MEDIUM,
    language: LanguageOption = None,
    where: Where = None,
    trace: Trace = False,
) -> None:
    """Answers one question with numbered sources."""
    from rag.answer.write.prompt import Style

    style = Style(level=level.value, length=length.value, language=language)
    assistant = with_model(ready_assistant(), mode.value)
    answer = assistant.answer(question, (), parsed_filters(where, assistant), mode.value, style)
    if as_json:
        typer.echo(json.dumps(answer.to_json(trace=trace), ensure_ascii=False, indent=2))
    else:
        typer.echo(render.answer(answer, trace=trace))


def search(
    question: Annotated[
        str | None, typer.Argument(help="The question, in quotation marks.", show_default=False)
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=1000, help="How many passages.")] = 10,
    as_json: AsJson = False,
    where: Where = None,
    trace: Trace = False,
    source: Annotated[
        Path | None,
        typer.Option("--in", metavar="FILE.jsonl", help='Lines of {"id", "question"}; needs --out.'),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.jsonl", help='Lines of {"id", "results"}; needs --in.'),
    ] = None,
) -> None:
    """Ranks the passages for one question, or for every line of a file."""
    from rag.bulk import results, searches

    if source is not None and target is not None and question is None:
        with bulk.Files(source, target) as files:
            assistant = ready_assistant()
            filters = parsed_filters(where, assistant)
            files.run("searched", lambda lines: searches(assistant, lines, k, filters))
        return
    if question is None or source is not None or target is not None:
        raise CallError('search takes either a question or both --in and --out: search "…" --k 5')
    assistant = ready_assistant()
    filters = parsed_filters(where, assistant)
    found = results(assistant, question, k, filters, trace=trace)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else render.passages(found))
