"""The report for a CI server, as JUnit XML: a suite of cases for each task, and one of the gates."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from evals.compare import Comparison
from evals.gate import Failure, Gates, Verdict
from evals.report import figures
from evals.report.words import headline
from evals.run import Result, Run

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(
    run: Run,
    comparison: Comparison | None,
    verdict: Verdict | None,
    gates: Gates | None,
    *,
    smoke: bool = False,
) -> str:
    """A critical failure is a `failure`, a case that was not scored an `error`; marks lost fail nothing by themselves.

    The suite `gates` fails where the gate does. The values of the measures are properties of their task.
    """
    root = ET.Element("testsuites", {"name": _clean(run.name)})
    rows = figures.rows(run, comparison, gates, smoke=smoke)
    totals = [0, 0, 0]
    for task in dict.fromkeys(r.task for r in run.results):
        results = [r for r in run.results if r.task == task]
        counts = (
            len(results),
            sum(bool(r.critical) and not r.error for r in results),
            sum(bool(r.error) for r in results),
        )
        suite = _suite(root, task, counts, totals)
        properties = ET.SubElement(suite, "properties")
        for row in rows:
            if row.task == task:
                _property(properties, row.measure, f"{row.value:.6f}")
                if row.interval is not None:
                    _property(properties, f"{row.measure}.low", f"{row.interval.low:.6f}")
                    _property(properties, f"{row.measure}.high", f"{row.interval.high:.6f}")
                _property(properties, f"{row.measure}.n", str(row.n))
        for result in results:
            _case(suite, result)
    if gates is not None:
        _gates(root, run, verdict, gates, rows, totals, smoke=smoke)
    for name, total in zip(("tests", "failures", "errors"), totals, strict=True):
        root.set(name, str(total))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, counts: Sequence[int], totals: list[int]) -> ET.Element:
    tests, failures, errors = counts
    for n, count in enumerate(counts):
        totals[n] += count
    return ET.SubElement(
        root,
        "testsuite",
        {"name": name, "tests": str(tests), "failures": str(failures), "errors": str(errors), "skipped": "0"},
    )


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})


def _case(suite: ET.Element, result: Result) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": result.task, "name": _clean(result.case)})
    if result.error:
        found = ET.SubElement(case, "error", {"type": "unscored", "message": _clean(result.error)})
    elif result.critical:
        found = ET.SubElement(
            case, "failure", {"type": "critical", "message": _clean("; ".join(result.critical))}
        )
    else:
        return
    cited = ", ".join(result.cited)
    told = f"Question: {result.question}\nOutcome: {result.outcome}\nAnswer: {result.text}\nCited: {cited}"
    found.text = _clean(told)


def _gates(
    root: ET.Element,
    run: Run,
    verdict: Verdict | None,
    gates: Gates,
    rows: Sequence[figures.Row],
    totals: list[int],
    *,
    smoke: bool,
) -> None:
    tasks = {r.task for r in run.results}
    values = {r.measure: r for r in rows}
    failures = verdict.failures if verdict is not None else ()
    suite = _suite(root, "gates", (0, 0, 0), totals)
    properties = ET.SubElement(suite, "properties")
    _property(properties, "verdict", headline(verdict))
    skipped = failed = 0
    for gate in gates.gates:
        case = ET.SubElement(suite, "testcase", {"classname": "gates", "name": gate.measure})
        if (
            verdict is None
            or gate.measure.partition(".")[0] not in tasks
            or figures.bound_of(gate, smoke=smoke) is None
        ):
            ET.SubElement(case, "skipped", {"message": "not measured in this run"})
            skipped += 1
            continue
        own = [
            f for f in failures if f.measure == gate.measure and f.kind in ("bound", "regression", "missing")
        ]
        failed += _failed(case, own)
        row = values.get(gate.measure)
        if row is not None:
            out = f"value {row.value:.6f}, n {row.n}, bound {row.bound}, wanted {row.wanted}"
            ET.SubElement(case, "system-out").text = out
    extra = (
        (("critical", "no new critical failure"), ("unscored", "every case scored"))
        if verdict is not None
        else ()
    )
    for kind, name in extra:
        case = ET.SubElement(suite, "testcase", {"classname": "gates", "name": name})
        failed += _failed(case, [f for f in failures if f.kind == kind])
    tests = len(gates.gates) + len(extra)
    for name, count in (("tests", tests), ("failures", failed), ("skipped", skipped)):
        suite.set(name, str(count))
    totals[0] += tests
    totals[1] += failed


def _failed(case: ET.Element, failures: Sequence[Failure]) -> int:
    if not failures:
        return 0
    kinds = " and ".join(dict.fromkeys(f.kind for f in failures))
    found = ET.SubElement(case, "failure", {"type": kinds, "message": _clean(failures[0].text)})
    found.text = _clean("\n".join(f.text for f in failures))
    return 1


def _clean(text: str) -> str:
    """Without the characters that XML does not allow at all: they would make the file unreadable."""
    return _NO_XML.sub("\ufffd", text)
