"""A comparison tells noise from change, and the gate stops what got really worse, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.baseline import accept, read_baseline
from evals.compare import compare
from evals.gate import Gate, GateError, Gates, judge, load_gates, worst
from evals.measures import MEASURES
from evals.run import Run, RunError
from tests.evals.made import result, run

GATES = Gates(
    smoke_limit=5,
    gates=(Gate(measure="accuracy.nuggets_vital", bound=0.5, wanted=0.9, from_issue=2),),
)


def scored(values: list[float], name: str = "a run") -> Run:
    return run(*(result(f"acc-{n:03}", nuggets_vital=v) for n, v in enumerate(values)), name=name)


def test_a_run_compared_with_itself_has_not_changed() -> None:
    one = scored([1.0, 0.0] * 50)
    found = compare(one, one, ["accuracy.nuggets_vital"])
    assert [c.verdict for c in found.changes] == ["same"]
    assert found.flips == ()


def test_a_real_loss_is_worse_and_its_flips_are_listed() -> None:
    base, new = scored([1.0] * 100), scored([0.0] * 15 + [1.0] * 85)
    change = compare(base, new, ["accuracy.nuggets_vital"]).change("accuracy.nuggets_vital")
    assert change is not None
    assert change.verdict == "worse"
    assert (change.better, change.worse, change.n) == (0, 15, 100)
    assert change.interval is not None
    assert change.interval.high < 0
    flips = compare(base, new, []).flips
    assert [f.case for f in flips] == [f"acc-{n:03}" for n in range(15)]
    assert not any(f.improved for f in flips)


def test_two_flips_each_way_are_noise() -> None:
    base = scored([1.0] * 50 + [0.0] * 50)
    new = scored([0.0] * 2 + [1.0] * 50 + [0.0] * 48)
    change = compare(base, new, ["accuracy.nuggets_vital"]).changes[0]
    assert (change.better, change.worse) == (2, 2)
    assert change.verdict in ("noise", "same")


def test_only_cases_that_are_the_same_in_both_are_compared_and_the_rest_is_named() -> None:
    base = scored([1.0] * 10)
    changed = run(*(r._replace(hash="another") if r.case == "acc-003" else r for r in base.results[:9]))
    found = compare(base, changed, [])
    assert found.changes[0].n == 8
    assert found.left_out == ("accuracy/acc-003", "accuracy/acc-009")


def test_the_gate_opens_for_what_holds_and_closes_for_what_fell() -> None:
    base = scored([1.0] * 90 + [0.0] * 10)
    assert judge(base, base, GATES).passed
    assert judge(base, base, GATES).summary.startswith("Safe to release: yes")
    fallen = judge(scored([1.0] * 70 + [0.0] * 30), base, GATES)
    assert not fallen.passed
    assert "1 regression" in fallen.summary
    assert "0.900 to 0.700" in worst(fallen)[0].text


def test_the_gate_has_a_floor_even_without_a_baseline() -> None:
    low = judge(scored([1.0] * 4 + [0.0] * 6), None, GATES)
    assert [f.kind for f in low.failures] == ["bound"]


def test_a_new_critical_failure_closes_the_gate_alone_and_an_old_one_does_not() -> None:
    base = scored([1.0] * 20)
    bad = run(*(r._replace(critical=("leaked",)) if r.case == "acc-007" else r for r in base.results))
    assert [f.kind for f in judge(bad, base, GATES).failures] == ["critical"]
    assert judge(bad, bad, GATES).passed


def test_a_case_that_was_not_scored_closes_the_gate() -> None:
    base = scored([1.0] * 20)
    broken = run(
        *(r._replace(error="it broke", shares={}) if r.case == "acc-007" else r for r in base.results)
    )
    verdict = judge(broken, base, GATES)
    assert [f.kind for f in verdict.failures] == ["unscored"]
    assert "1 case not scored" in verdict.summary


def test_no_more_than_three_failures_are_named_first() -> None:
    results = [result(f"acc-{n}", nuggets_vital=0.0, critical=("x",)) for n in range(8)]
    clean = [r._replace(critical=()) for r in results]
    assert len(worst(judge(run(*results), run(*clean), GATES))) == 3


def test_the_shipped_gates_name_measures_that_exist_and_what_is_wanted() -> None:
    gates = load_gates()
    assert len({g.measure for g in gates.gates}) == len(gates.gates)
    for gate in gates.gates:
        better = MEASURES[gate.measure].better
        assert gate.bound <= gate.wanted if better == "higher" and gate.bound < 1 else True


def test_a_gate_for_a_measure_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text("smoke_limit: 3\ngates: [{measure: a.b, bound: 1, wanted: 1, from_issue: 3}]\n", "utf-8")
    with pytest.raises(GateError, match=r"a\.b"):
        load_gates(path)


def test_a_baseline_is_accepted_by_somebody_for_a_reason_and_read_back_whole(tmp_path: Path) -> None:
    made = scored([1.0, 0.5, 0.0])
    with pytest.raises(RunError, match="by a person for a reason"):
        accept(made, who=" ", why="", folder=tmp_path)
    accept(made, who="Ada", why="first", folder=tmp_path)
    assert read_baseline(folder=tmp_path).results == made.results
    with pytest.raises(RunError, match="no whole baseline"):
        read_baseline("another", tmp_path)


def test_a_run_with_unscored_cases_is_no_baseline(tmp_path: Path) -> None:
    broken = run(result("acc-1")._replace(error="it broke"))
    with pytest.raises(RunError, match="must be whole"):
        accept(broken, who="Ada", why="hurry", folder=tmp_path)
