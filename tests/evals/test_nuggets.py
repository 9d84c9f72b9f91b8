"""A nugget is found when its facts are said, in digits or words, and not when a number only looks alike."""

from __future__ import annotations

import pytest

from evals.nuggets import holds, vital_recall


def nugget(*must: list[str], vital: bool = True) -> dict[str, object]:
    return {"text": "", "vital": vital, "must": list(must)}


@pytest.mark.parametrize(
    ("must", "text", "found"),
    [
        ([["2"]], "He had two children.", True),
        ([["2"]], "That was in 2014.", False),
        ([["41.4"]], "41.4 percent of the 111 men", True),
        ([["online", "internet"]], "They met on the Internet.", True),
        ([["leave"]], "He was leaving.", True),
        ([["700"], ["month"]], "He got $700 a month.", True),
        ([["700"], ["week"]], "He got $700 a month.", False),
    ],
)
def test_matching(must: list[list[str]], text: str, found: bool) -> None:
    assert holds(nugget(*must), text) is found


def test_recall_counts_the_vital_ones_and_refuses_a_case_without_any() -> None:
    nuggets = [nugget(["a"]), nugget(["b"]), nugget(["c"], vital=False)]
    assert vital_recall(nuggets, "a and c") == 0.5
    with pytest.raises(ValueError, match="at least one vital"):
        vital_recall([nugget(["c"], vital=False)], "c")
