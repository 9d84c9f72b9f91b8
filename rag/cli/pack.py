"""`pack`: a session pack made, checked, shown and exported, without the page."""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.console import NAME, CallError, CheckFailed, ready_assistant, report

if TYPE_CHECKING:
    from rag.corpus import Corpus
    from rag.guard.output import OutputGuard
    from rag.pack.model import Pack

app = typer.Typer(
    help="Session packs: a lesson planned from testimony, for teachers and youth workers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Age(StrEnum):
    YOUNGEST = "14-15"
    YOUTH = "16-18"
    ADULT = "18+"


class Level(StrEnum):
    PLAIN = "plain"
    STANDARD = "standard"


class Kind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    MD = "md"


FILE = Annotated[Path, typer.Argument(metavar="FILE", help="A pack, as .yaml or .json.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def make(
    theme: Annotated[
        str | None,
        typer.Option(
            help="What it is about; see: pack themes. Or a tag, such as stage:doubt.", show_default=False
        ),
    ] = None,
    question: Annotated[
        str | None, typer.Option(help="A question of your own, instead of a theme.", show_default=False)
    ] = None,
    age: Annotated[Age, typer.Option(help="Ages of the group.")] = Age.YOUTH,
    minutes: Annotated[int, typer.Option(help="Length: 30, 50, 60 or 90.")] = 50,
    group_size: Annotated[int, typer.Option(min=2, max=60, help="People in the group.")] = 24,
    level: Annotated[Level, typer.Option(help="Language of passages and questions.")] = Level.STANDARD,
    curriculum: Annotated[
        str | None, typer.Option(help="Subject it serves; see: pack themes.", show_default=False)
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CC", help="Country of the help box; unset: EXITVOICES_COUNTRY.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where it is written: .yaml or .json; unset: prints YAML.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Plans a pack from the corpus; without a model, and the same for the same corpus and day."""
    from pydantic import ValidationError

    from rag.pack import files
    from rag.pack.check import check
    from rag.pack.model import Brief, NoPack
    from rag.pack.plan import make as planned
    from rag.pack.plan import plan
    from rag.settings import get_settings

    wanted = {
        "theme": theme,
        "question": question,
        "age": age.value,
        "minutes": minutes,
        "group_size": group_size,
        "level": level.value,
        "curriculum": curriculum,
        "country": (country or get_settings().country or "").upper() or None,
    }
    try:
        brief = Brief.model_validate(wanted)
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        field = ".".join(str(x) for x in first["loc"]).replace("_", "-")
        raise CallError(f"{f'--{field}: ' if field else ''}{first['msg']}.") from e
    try:
        if brief.question is not None:
            assistant = ready_assistant()
            corpus, output = assistant.corpus, assistant.output
            pack = planned(assistant, brief, dt.date.today())
        else:
            corpus, output = _corpus()
            pack = plan(brief, corpus, output, dt.date.today())
    except NoPack as e:
        raise CheckFailed(str(e)) from e
    faults = check(pack, corpus, output, dt.date.today())
    if out is None:
        typer.echo(files.as_yaml(pack).rstrip())
    else:
        _save(pack, out)
    if faults:
        raise CheckFailed(
            f"The pack needs a look: {faults[0]} ({len(faults)} in all: {NAME} pack check FILE)"
        )


@app.command()
def check(file: FILE, as_json: AsJson = False) -> None:
    """Checks a pack: whole, times adding up, everything cited as it is now, fit for its age; exit code 1 if not."""
    from rag.pack.check import check as checked
    from rag.pack.check import check_document
    from rag.pack.layout import document

    pack = _load(file)
    corpus, output = _corpus()
    faults = (*checked(pack, corpus, output, dt.date.today()), *check_document(document(pack), output))
    if as_json:
        typer.echo(json.dumps([f.model_dump() for f in faults], ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            typer.echo(str(fault))
    if faults:
        raise CheckFailed(f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in {file}.")
    report("the pack is in order")


@app.command()
def export(
    file: FILE,
    to: Annotated[list[Kind] | None, typer.Option("--to", help="Format; may be given several times.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the files go; unset: beside the pack.", show_default=False
        ),
    ] = None,
) -> None:
    """Writes a pack for print: PDF (tagged, PDF/UA-1), Word or Markdown. A pack with faults is not exported."""
    from rag.pack.check import check as checked
    from rag.pack.export import exported

    pack = _load(file)
    corpus, output = _corpus()
    faults = checked(pack, corpus, output, dt.date.today())
    if faults:
        raise CheckFailed(f"{faults[0]} Not exported; all faults: {NAME} pack check {file}")
    folder = out or file.parent
    folder.mkdir(parents=True, exist_ok=True)
    for kind in to or list(Kind):
        target = folder / f"{file.stem}.{kind.value}"
        target.write_bytes(exported(pack, kind.value, output))
        typer.echo(f"wrote {target}")


@app.command()
def show(file: FILE) -> None:
    """Prints a pack as Markdown."""
    from rag.export.markdown import markdown
    from rag.pack.layout import document

    typer.echo(markdown(document(_load(file))).rstrip())


@app.command()
def themes() -> None:
    """Lists what a pack can be about, and the subjects that it can serve."""
    from rag.pack.themes import curriculum
    from rag.pack.themes import themes as known

    for theme in known().values():
        typer.echo(f"{theme.id:12}  {theme.title}")
    typer.echo("\nSubjects (--curriculum):")
    for name, subject in curriculum().items():
        typer.echo(f"{name:12}  {subject.title}")


def _corpus() -> tuple[Corpus, OutputGuard]:
    from rag.corpus import load_corpus
    from rag.guard.output import OutputGuard
    from rag.settings import get_settings

    corpus = load_corpus(get_settings().corpus_dir)
    return corpus, OutputGuard(corpus)


def _load(file: Path) -> Pack:
    from rag.pack.files import PackError, load

    try:
        return load(file)
    except PackError as e:
        raise CallError(str(e)) from e


def _save(pack: Pack, out: Path) -> None:
    from rag.pack.files import PackError, save

    try:
        save(pack, out)
    except PackError as e:
        raise CallError(str(e)) from e
    report(f"wrote {out}: {pack.title}, {len(pack.stimuli)} passages. Read it through before you use it.")
