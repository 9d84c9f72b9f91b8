"""`ingest`: a user's own documents to drafts, the review of drafts, and their way into the corpus."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from rag.cli.console import NAME, CallError, CheckFailed, progress, report

if TYPE_CHECKING:
    from rag.ingest.draft import Draft, DraftPassage
    from rag.ingest.review import Review


class _PathsFirst(TyperGroup):
    """`ingest PATH...` reads documents: what is no command is a path."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["read", *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


app = typer.Typer(
    cls=_PathsFirst,
    help="Your own documents: read into a draft, reviewed, and only then put into the corpus.\n\n"
    "`ingest PATH...` is short for `ingest read PATH...`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a draft.")]
Ids = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Of passages, or of a draft for all that are open.")
]
By = Annotated[
    str, typer.Option("--by", envvar="EXITVOICES_REVIEWER", help="Your name, recorded with each decision.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; recorded, and listed with what is left out.")]


@app.command()
def read(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files, folders, ZIP or TAR archives.")
    ],
    job: Annotated[
        str | None, typer.Option("--job", help="Name of the job; by default from the first path.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--id", help="Id of the source, where there is one file.")
    ] = None,
    rendering: Annotated[
        str,
        typer.Option(
            "--rendering", help="verbatim: shown as quotations; account: a worksheet to tell it from."
        ),
    ] = "verbatim",
    rights: Annotated[
        str | None, typer.Option("--rights", help="On what ground the words may be shown.")
    ] = None,
    tags: Annotated[
        bool, typer.Option("--tags/--no-tags", help="Suggest tags (embeds every passage).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Reads documents into drafts that wait for review; nothing of them is answered from yet.

    PDF, DOCX, ODT, HTML, EPUB, Markdown, text, VTT and SRT. A run that was stopped goes on where it stood; a file that
    changed shows what changed. Exit code 1 if a file could not be read: the report says why.
    """
    from rag.ingest.run import ingest
    from rag.ingest.table import table
    from rag.settings import get_settings

    if rendering not in ("verbatim", "account"):
        raise CallError("--rendering is verbatim or account.")
    chosen: Literal["verbatim", "account"] = "verbatim" if rendering == "verbatim" else "account"
    settings = get_settings()
    with progress("reading") as moved:
        done = ingest(
            settings,
            paths,
            job=job,
            source=source,
            rendering=chosen,
            card={"rights": rights} if rights else {},
            progress=moved,
        )
    if tags:
        from rag.ingest.suggest import suggest

        with progress("suggesting tags") as moved:
            suggest(settings, done.job, moved)
    typer.echo(done.model_dump_json(indent=2) if as_json else table(done))
    failed = done.count("failed")
    if failed:
        raise CheckFailed(f"{failed} of {len(done.files)} files could not be read; the report says why.")
    report(
        f"next: {NAME} ingest review {done.files[0].source}" if done.files else "no document was found there"
    )


@app.command()
def status(as_json: AsJson = False) -> None:
    """Lists the drafts: what is decided, what is open, and what each still needs."""
    from rag.cli import render
    from rag.ingest.draft import Jobs
    from rag.ingest.publish import missing
    from rag.settings import get_settings

    rows = [
        {
            "job": job.name,
            "source": d.id,
            "open": d.count("open"),
            "accepted": d.count("accepted"),
            "left_out": d.count("left_out"),
            "published": d.published,
            "needs": list(missing(d)),
        }
        for job, d in Jobs(get_settings()).drafts()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    columns = ("source", "open", "accepted", "left out", "published")
    body = [(r["source"], r["open"], r["accepted"], r["left_out"], r["published"] or "no") for r in rows]
    typer.echo(render.table("Drafts", columns, tuple(body)) if rows else "There is no draft.")


@app.command("report")
def last_report(
    job: Annotated[
        str | None, typer.Argument(metavar="JOB", help="By default the only job there is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows the report of the last run of a job again."""
    from rag.ingest.draft import Jobs
    from rag.ingest.run import Report
    from rag.ingest.table import table
    from rag.settings import get_settings

    jobs = Jobs(get_settings())
    names = jobs.names()
    if job is None and len(names) != 1:
        raise CallError(f"Say which job: {', '.join(names) or 'there is none'}.")
    path = jobs.job(job or names[0]).folder / "report.json"
    if not path.is_file():
        raise CallError(f"The job '{job}' has no report; there is: {', '.join(names) or 'none'}.")
    told = Report.model_validate_json(path.read_bytes())
    typer.echo(told.model_dump_json(indent=2) if as_json else table(told))


@app.command()
def show(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Of a draft or one of its passages.")],
    as_json: AsJson = False,
) -> None:
    """Shows a draft with all that was left out and found hidden, or one passage with its flags."""
    from rag.ingest.draft import Jobs
    from rag.ingest.table import draft_text, passage_text
    from rag.settings import get_settings

    _, draft = _found(Jobs(get_settings()), wanted)
    if "/" in wanted:
        passage = _passage(draft, wanted)
        typer.echo(passage.model_dump_json(indent=2) if as_json else passage_text(passage))
    else:
        typer.echo(draft.model_dump_json(indent=2) if as_json else draft_text(draft))


@app.command()
def review(source: Source, by: By = "") -> None:
    """Goes through the open passages one by one, flag by flag; stop at any time and go on later."""
    from rag.ingest.table import passage_text

    work = _review(source, by)
    passage = _asked(work.next_open)
    while passage is not None:
        left = work.draft.count("open")
        typer.echo(f"\n{passage_text(passage)}\n")
        said = typer.prompt(
            f"{left} open. a accept, s accept with suggestions, m mask all and accept, k keep a flag, e edit, "
            "l leave out, q stop"
        )
        try:
            if not _decided(work, passage, said.strip()[:1].lower()):
                return
        except CallError as e:
            report(str(e))
        passage = _asked(work.next_open)
    report(f"nothing is open; next: {NAME} ingest publish {source}")


@app.command()
def accept(
    ids: Ids,
    by: By = "",
    kind: Annotated[str | None, typer.Option("--type", help="testimony, analysis, context, …")] = None,
    people: Annotated[
        list[str] | None, typer.Option("--person", help="Id from people.yaml; several times.")
    ] = None,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="From the taxonomy; the first is primary.")
    ] = None,
    motive: Annotated[list[str] | None, typer.Option("--motive")] = None,
    disillusionment: Annotated[list[str] | None, typer.Option("--disillusionment")] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Take the suggestions for what is not given.")
    ] = False,
    mask: Annotated[bool, typer.Option("--mask", help="Mask all personal data that is open first.")] = False,
) -> None:
    """Accepts passages. Refused while personal data or words to a machine in them are not settled."""
    tags = {
        "type": kind,
        "people": tuple(people or ()),
        "stage": tuple(stage or ()),
        "motives": tuple(motive or ()),
        "disillusionment": tuple(disillusionment or ()),
    }

    def each(work: Review, passage: str) -> None:
        if mask:
            work.mask(passage)
        work.accept(passage, tags, suggested=suggested)

    _for_each(ids, by, "accepted", each)


@app.command("leave-out")
def leave_out(ids: Ids, reason: Reason, by: By = "") -> None:
    """Leaves passages out, with the reason."""
    _for_each(ids, by, "left out", lambda work, passage: work.leave_out(passage, reason))


@app.command()
def edit(
    passage: Annotated[str, typer.Argument(metavar="ID")],
    text: Annotated[str, typer.Option("--text", help="The words as they shall be shown.")],
    by: By = "",
) -> None:
    """Gives a passage other words (parts left out); it is read for flags again."""
    from rag.ingest.table import passage_text

    work = _review(passage, by)
    typer.echo(passage_text(_asked(lambda: work.edit(passage, text))))


@app.command("mask")
def mask_words(
    passage: Annotated[str, typer.Argument(metavar="ID")],
    words: Annotated[
        str | None, typer.Option("--words", help="Just these; by default all that is open.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="In all passages of the source.")] = False,
    by: By = "",
) -> None:
    """Puts masks such as [person 1] in the place of personal data; the same person has the same mask."""
    work = _review(passage, by)
    typer.echo(f"masked {_asked(lambda: work.mask(passage, words, everywhere=everywhere))}")


@app.command()
def keep(
    passage: Annotated[str, typer.Argument(metavar="ID")],
    words: Annotated[str, typer.Option("--words", help="The words of a flag, or its label.")],
    reason: Reason,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="In all passages of the source.")] = False,
    by: By = "",
) -> None:
    """Settles a flag without a change, with the reason why it may stay."""
    work = _review(passage, by)
    typer.echo(f"kept {_asked(lambda: work.keep(passage, words, reason, everywhere=everywhere))}")


@app.command()
def card(
    source: Source,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=VALUE...", help="What you state of it.")
    ] = None,
    by: By = "",
) -> None:
    """Shows the source card, guesses marked as such, or states fields of it: title, rights, publisher, method, …"""
    from rag.ingest.table import card_text

    work = _review(source, by if fields else by or "reader")
    pairs = [f.partition("=") for f in fields or []]
    wrong = next((f"{k}" for k, sep, _ in pairs if not sep), None)
    if wrong is not None:
        raise CallError(f"'{wrong}' is not FIELD=VALUE, for example rights='Licensed for teaching, 2026'.")
    if pairs:
        _asked(lambda: work.state_card({k.strip(): v.strip() for k, _, v in pairs}))
    typer.echo(card_text(work.draft))


@app.command()
def diff(source: Source, as_json: AsJson = False) -> None:
    """Shows what changed by passage since the document was ingested before."""
    from rag.ingest.draft import Jobs
    from rag.ingest.table import diff_text
    from rag.settings import get_settings

    _, draft = _found(Jobs(get_settings()), source)
    typer.echo(
        json.dumps([c.model_dump() for c in draft.changes], ensure_ascii=False, indent=2)
        if as_json
        else diff_text(draft)
    )


@app.command()
def worksheet(source: Source) -> None:
    """Writes a worksheet for an account in your own words: the passages, flags and suggestions, with the original."""
    from rag.ingest.draft import Jobs
    from rag.ingest.publish import worksheet as made
    from rag.settings import get_settings

    job, draft = _found(Jobs(get_settings()), source)
    path = job.folder / draft.id / "worksheet.yaml"
    path.write_text(made(draft), "utf-8")
    typer.echo(str(path))


@app.command()
def publish(source: Source) -> None:
    """Puts a reviewed draft into the corpus: checked, built, and answered from once all of it is in order."""
    from rag.ingest.draft import DraftError, Jobs
    from rag.ingest.publish import publish as put
    from rag.settings import get_settings

    settings = get_settings()
    job, draft = _found(Jobs(settings), source)
    try:
        with progress("embedding") as moved:
            done = put(settings, job, draft, dt.date.today(), moved)
    except DraftError as e:
        raise CheckFailed(str(e)) from e
    for warning in done.warnings:
        report(f"warning: {warning}")
    gone = f", {len(done.gone)} gone" if done.gone else ""
    typer.echo(f"{done.source}: {done.passages} passages in {done.file}{gone}; index {done.index}")


def _found(jobs: Any, wanted: str) -> tuple[Any, Draft]:
    found: tuple[Any, Draft] = _asked(lambda: jobs.find(wanted))
    return found


def _passage(draft: Draft, wanted: str) -> DraftPassage:
    found: DraftPassage = _asked(lambda: draft.passage(wanted))
    return found


def _review(wanted: str, by: str) -> Review:
    from rag.corpus import load_corpus
    from rag.ingest.draft import Jobs
    from rag.ingest.review import Review
    from rag.settings import get_settings

    settings = get_settings()
    job, draft = _found(Jobs(settings), wanted)
    corpus = load_corpus(settings.corpus_dir)
    made: Review = _asked(lambda: Review(job, draft, corpus, by, dt.date.today().isoformat()))
    return made


def _asked(work: Any) -> Any:
    """What the work gives; what is wrong with the call as a CallError."""
    from rag.ingest.draft import DraftError

    try:
        return work()
    except DraftError as e:
        raise CallError(f"{e}.") from e


def _for_each(ids: list[str], by: str, done: str, each: Any) -> None:
    """The same decision on every passage named, or on all open ones of a draft; one refusal does not stop the rest."""
    refused: list[str] = []
    counts: Counter[str] = Counter()
    for wanted in ids:
        work = _review(wanted, by)
        passages = [wanted] if "/" in wanted else [p.id for p in work.draft.passages if p.state == "open"]
        for passage in passages:
            try:
                _asked(lambda work=work, passage=passage: each(work, passage))
                counts[work.draft.id] += 1
            except CallError as e:
                refused.append(str(e))
    typer.echo("; ".join(f"{done} {n} of {source}" for source, n in counts.items()) or f"{done} none")
    for why in refused[:20]:
        report(why)
    if refused:
        raise CheckFailed(f"{len(refused)} of them could not be.")


def _decided(work: Review, passage: DraftPassage, key: str) -> bool:
    """One decision of the walk through the open passages; whether to go on."""
    if key == "q":
        return False
    if key in ("a", "s", "m"):
        if key == "m":
            _asked(lambda: work.mask(passage.id))
        kind = typer.prompt("type", default="testimony")
        _asked(lambda: work.accept(passage.id, {"type": kind}, suggested=key == "s"))
    elif key == "k":
        words = typer.prompt("which (its words or label)")
        _asked(lambda: work.keep(passage.id, words, typer.prompt("why it may stay")))
    elif key == "e":
        _asked(lambda: work.edit(passage.id, typer.prompt("the words as they shall be shown")))
    elif key == "l":
        _asked(lambda: work.leave_out(passage.id, typer.prompt("why")))
    else:
        report("type one of a, s, m, k, e, l, q")
    return True
