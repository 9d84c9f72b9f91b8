"""`eval`: measuring a version, holding it against the last accepted one, and saying whether it may be released."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.console import NAME, CallError, CheckFailed, progress, report

if TYPE_CHECKING:
    from evals.run import Run
    from rag.settings import Settings

app = typer.Typer(
    help="Regression evals: run, compare, gate, report. Needs the extra `evals`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
cases = typer.Typer(
    help="The cases: adding, sealing, checking, counting.", no_args_is_help=True, rich_markup_mode=None
)
baselines = typer.Typer(
    help="The accepted run that new ones are held against.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(cases, name="case")
app.add_typer(baselines, name="baseline")

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Name or folder of a run; `baseline` for the accepted one.")
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tags",
        metavar="TAG",
        help="Only cases with this tag, kind, id or task; may be given several times.",
    ),
]
Corpus = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Another corpus than the one of the settings.")
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="A .env file to take settings from.")
]


@app.command()
def run(
    tasks: Annotated[
        list[str] | None,
        typer.Option("--task", metavar="TASK", help="Only this task; may be given several times."),
    ] = None,
    tags: Tags = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many cases a task, spread over the kinds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which cases a limit takes.")] = 0,
    split: Annotated[str, typer.Option(help="test, dev or all.")] = "test",
    mode: Annotated[
        str, typer.Option(help="quote, or write with the language model of the settings.")
    ] = "quote",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 2,
    corpus: Corpus = None,
    settings_file: SettingsFile = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the run's folder; the time and revision if not given.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked and what it costs, and stop.")
    ] = False,
) -> None:
    """Asks and scores the cases; writes a run folder and prints the measures.

    What an interrupted run has asked is not asked again. Exit code 1 if a case could not be asked or scored.
    """
    _needed()
    from evals.gate import load_gates
    from evals.machine import revision
    from evals.report import terminal
    from evals.run import Plan, RunError, execute
    from evals.tasks import TASKS

    unknown = [t for t in tasks or [] if t not in TASKS]
    if unknown:
        raise CallError(f"--task: there is no task {unknown[0]}; there are {', '.join(TASKS)}")
    if split not in ("test", "dev", "all"):
        raise CallError("--split is test, dev or all")
    if mode not in ("quote", "write"):
        raise CallError("--mode is quote or write")
    plan = Plan(
        tasks=tuple(tasks or TASKS),
        tags=tuple(tags or ()),
        split=split,
        limit=limit,
        seed=seed,
        mode=mode,
        workers=workers,
    )
    settings = _settings(corpus, settings_file)
    if dry_run:
        _say_what_it_costs(plan, settings)
        return
    if mode == "write":
        _model_answers(settings)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
    target = _runs(settings) / (name or f"{stamp}-{revision().rstrip('+') or 'unversioned'}")
    try:
        with progress("asking") as moved:
            done = execute(plan, settings, target, moved)
    except RunError as e:
        raise CallError(str(e)) from e
    typer.echo(terminal.render(done, None, None, load_gates()))
    report(f"run {target.name}; open it with: {NAME} eval report {target.name}")
    _complain_of_errors(done)


@app.command("list")
def list_runs() -> None:
    """Lists the runs on this machine, the newest last."""
    from rag.settings import get_settings

    for folder in sorted(_runs(get_settings()).glob("*/manifest.json")):
        plan = json.loads(folder.read_text("utf-8"))["plan"]
        what = "all tasks" if len(plan["tasks"]) > 5 else ", ".join(plan["tasks"])
        typer.echo(
            f"{folder.parent.name}  {what}, {plan['split']}{', limit ' + str(plan['limit']) if plan['limit'] else ''}"
        )


@app.command()
def score(run_name: RunArgument) -> None:
    """Scores the stored outputs of a run again with the scorers of today; nothing is asked."""
    _needed()
    from evals.gate import load_gates
    from evals.report import terminal
    from evals.run import RunError, rescore
    from rag.settings import get_settings

    try:
        done = rescore(_folder(run_name), get_settings())
    except RunError as e:
        raise CallError(str(e)) from e
    typer.echo(terminal.render(done, None, None, load_gates()))
    _complain_of_errors(done)


@app.command("compare")
def compare_runs(
    base: RunArgument,
    new: RunArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Says for each measure what changed, with its interval, and lists the cases that flipped."""
    _needed()
    from evals.compare import compare
    from evals.gate import load_gates
    from evals.report import as_json as plain
    from evals.report import terminal

    gates, run = load_gates(), _run(new)
    found = compare(_run(base), run, [g.measure for g in gates.gates])
    typer.echo((plain if as_json else terminal).render(run, found, None, gates))


@app.command()
def gate(
    run_name: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run that was made; a new one if not given.")
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="The small stratified subset: seconds instead of minutes.")
    ] = False,
    baseline: Annotated[str, typer.Option(help="Baseline to hold it against.")] = "current",
    corpus: Corpus = None,
) -> None:
    """Says whether a version may be released; exit code 1 with the three worst regressions if not."""
    _needed()
    from evals.baseline import read_baseline
    from evals.gate import judge, load_gates, smoke_plan, worst
    from evals.run import Plan, RunError, execute

    gates = load_gates()
    try:
        held = read_baseline(baseline)
        if run_name is not None:
            done = _run(run_name)
        else:
            settings = _settings(corpus, None)
            plan = smoke_plan(gates) if smoke else Plan()
            with progress("asking") as moved:
                done = execute(plan, settings, _runs(settings) / ("smoke" if smoke else "gate"), moved)
    except RunError as e:
        raise CallError(str(e)) from e
    verdict = judge(done, held, gates, smoke=smoke)
    typer.echo(verdict.summary)
    for failure in worst(verdict):
        typer.echo(f"  {failure.kind}: {failure.text}")
    if not verdict.passed:
        rest = len(verdict.failures) - len(worst(verdict))
        more = f" and {rest} more" if rest else ""
        raise CheckFailed(
            f"the gate is closed{more}; see all of it: {NAME} eval report {done.name} --html report.html"
        )


@app.command("report")
def write_report(
    run_name: RunArgument,
    against: Annotated[
        str, typer.Option(metavar="RUN", help="What to compare with; `none` for nothing.")
    ] = "baseline",
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One file that opens without a network.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="JUnit XML.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A comment for a pull request.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Everything as JSON.")
    ] = None,
) -> None:
    """Writes reports of a run; without a file it prints the tables."""
    _needed()
    from evals.gate import is_smoke, judge, load_gates
    from evals.report import as_json as plain
    from evals.report import html as page
    from evals.report import junit as xml
    from evals.report import markdown as comment
    from evals.report import terminal

    done, gates = _run(run_name), load_gates()
    held = None if against == "none" else _run(against)
    smoke = is_smoke(done, gates)
    verdict = judge(done, held, gates, smoke=smoke)
    notices = page.stored_notices(_folder(run_name)) if html is not None and run_name != "baseline" else {}
    told = done, verdict.comparison, verdict, gates
    if html is not None:
        _written(html, page.render(*told, smoke=smoke, notices=notices))
    if junit is not None:
        _written(junit, xml.render(*told, smoke=smoke))
    if markdown is not None:
        _written(markdown, comment.render(*told, smoke=smoke))
    if as_json is not None:
        _written(as_json, plain.render(*told, smoke=smoke))
    if not any((html, junit, markdown, as_json)):
        typer.echo(terminal.render(*told, smoke=smoke))


@baselines.command("accept")
def accept_baseline(
    run_name: RunArgument,
    who: Annotated[str, typer.Option(help="Who accepts it.")],
    why: Annotated[str, typer.Option(help="Why: what got better, or which loss is accepted for what.")],
    name: Annotated[str, typer.Option(help="Name of the baseline.")] = "current",
) -> None:
    """Makes a run the baseline. Only this command ever changes one."""
    _needed()
    from evals.baseline import accept
    from evals.run import RunError

    try:
        target = accept(_run(run_name), who=who, why=why, name=name)
    except RunError as e:
        raise CallError(str(e)) from e
    report(f"accepted as {target.name}; commit evals/baselines/{target.name}")


@baselines.command("show")
def show_baseline(name: Annotated[str, typer.Argument(help="Name of the baseline.")] = "current") -> None:
    """Says who accepted the baseline, when and why, and prints its measures."""
    _needed()
    from evals.baseline import BASELINES, read_baseline
    from evals.gate import load_gates
    from evals.report import terminal
    from evals.run import RunError

    try:
        held = read_baseline(name)
    except RunError as e:
        raise CallError(str(e)) from e
    told = json.loads((BASELINES / name / "accepted.json").read_text("utf-8"))
    typer.echo(f"Accepted by {told['who']} on {told['on']} from run {told['run']}: {told['why']}")
    typer.echo(terminal.render(held, None, None, load_gates()))


@cases.command("add")
def add_case(
    name: Annotated[str, typer.Argument(metavar="FILE", help="Case file, for example accuracy.")],
    question: Annotated[str | None, typer.Option(help="The question of one new case.")] = None,
    fields: Annotated[str, typer.Option(metavar="JSON", help="Its other fields as a JSON object.")] = "{}",
    source: Annotated[
        Path | None,
        typer.Option("--in", metavar="FILE.jsonl", help="Drafts or feedback, one JSON object a line."),
    ] = None,
) -> None:
    """Adds cases with an id, a split drawn by hash and a seal; says what a draft lacks to be one."""
    _needed()
    from evals.authoring import add
    from evals.cases import CaseError, rows

    if (question is None) == (source is None):
        raise CallError("give either --question or --in FILE.jsonl")
    try:
        drafts = (
            [r for _, r in rows(source)]
            if source is not None
            else [{**json.loads(fields), "question": question}]
        )
        ids, faults = add(name, drafts)
    except (CaseError, json.JSONDecodeError) as e:
        raise CallError(str(e)) from e
    for fault in faults:
        typer.echo(fault)
    report(f"added {', '.join(ids) or 'nothing'} to {name}")
    if faults:
        raise CheckFailed(
            f"{len(faults)} of {len(drafts)} drafts are no whole case yet; each line says what it lacks"
        )


@cases.command("seal")
def seal_cases(
    name: Annotated[str, typer.Argument(metavar="FILE", help="Case file, for example accuracy.")],
) -> None:
    """Renews the hashes of a case file after an edit that was meant."""
    _needed()
    from evals.cases import FILES
    from evals.lint import seal

    if name not in FILES:
        raise CallError(f"there is no case file '{name}'; there are {', '.join(FILES)}")
    report(f"{seal(name)} cases of {name} were changed and are sealed now")


@cases.command("lint")
def lint_cases() -> None:
    """Checks every case: form, seal, pairs, and that the corpus says what its nuggets say."""
    _needed()
    from evals.lint import lint
    from rag.corpus import load_corpus
    from rag.settings import get_settings

    faults = lint(load_corpus(get_settings().corpus_dir))
    for fault in faults:
        typer.echo(str(fault))
    if faults:
        raise CheckFailed(f"{len(faults)} faults in the cases; each line says where and what to do")
    report("the cases are in order")


@cases.command("coverage")
def case_coverage(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Counts the cases and says which passages, people, stages and sources none asks about."""
    _needed()
    from evals.coverage import coverage
    from rag.corpus import load_corpus
    from rag.settings import get_settings

    found = coverage(load_corpus(get_settings().corpus_dir))
    if as_json:
        typer.echo(json.dumps(found._asdict(), ensure_ascii=False))
        return
    for file, splits in found.cases.items():
        kinds = ", ".join(f"{label} {n}" for label, n in found.labels[file].most_common(12))
        typer.echo(f"{file}: {splits.get('test', 0)} test, {splits.get('dev', 0)} dev ({kinds})")
    for what in ("sources", "stages", "people", "passages"):
        missing = getattr(found, what)
        typer.echo(f"{what} without a case: {len(missing)}{': ' + ', '.join(missing) if missing else ''}")


def _needed() -> None:
    try:
        import inspect_ai  # noqa: F401
    except ImportError as e:
        raise CallError("The evals need the extra: pip install 'exitvoices[evals]'") from e


def _settings(corpus: Path | None, file: Path | None) -> Settings:
    from rag.settings import Settings, get_settings

    if file is not None and not file.is_file():
        raise CallError(f"--settings: there is no file {file}")
    settings = get_settings() if file is None else Settings(_env_file=file)
    return settings if corpus is None else settings.model_copy(update={"corpus_dir": corpus.resolve()})


def _runs(settings: Settings) -> Path:
    return settings.data_dir / "evals" / "runs"


def _folder(name: str) -> Path:
    from rag.settings import get_settings

    return Path(name) if Path(name).is_dir() else _runs(get_settings()) / name


def _run(name: str) -> Run:
    from evals.baseline import read_baseline
    from evals.run import RunError, read

    try:
        return read_baseline() if name == "baseline" else read(_folder(name))
    except RunError as e:
        raise CallError(str(e)) from e


def _written(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    report(f"wrote {path}")


def _complain_of_errors(done: Run) -> None:
    for result in done.errors[:10]:
        typer.echo(f"not scored: {result.task}/{result.case}: {result.error}", err=True)
    if done.errors:
        raise CheckFailed(
            f"{len(done.errors)} cases could not be asked or scored: this run counts for nothing yet"
        )


def _say_what_it_costs(plan: Any, settings: Settings) -> None:
    made = plan.items()
    asked = {i.asked for items in made.values() for i in items} | {
        i.beside for items in made.values() for i in items if i.beside
    }
    for task, items in made.items():
        typer.echo(f"{task}: {len(items)} cases")
    if plan.mode == "quote":
        typer.echo(
            f"{len(asked)} conversations would be asked in quote mode: no model is called, 0 tokens, no cost."
        )
        return
    turns = sum(sum(t.role == "user" for t in r.turns) for r in asked)
    most = 2 * turns * (settings.write_context + settings.write_max_tokens)
    typer.echo(
        f"{len(asked)} conversations would be asked in write mode: at most {most:,} tokens, in two calls a question."
    )


def _model_answers(settings: Settings) -> None:
    """Raises CallError where the model cannot be used: the run would measure quoted answers."""
    from rag.answer.write.checkup import check

    if not settings.write_model:
        raise CallError("--mode write needs a language model; set EXITVOICES_WRITE_MODEL.")
    found = check(settings)
    if not found.works:
        raise CallError(f"--mode write: the model cannot be used. {found.problem}")
