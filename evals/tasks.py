"""The tasks: each is a dataset of cases, how they are put to the system, and one pure scorer.

How Inspect AI runs them is in evals/inspected.py.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from evals import perturb
from evals.cases import (
    Case,
    InjectionCase,
    IntentCase,
    PackCase,
    ParityCase,
    Single,
    VariantCase,
    load,
    picked,
)
from evals.scorers import (
    abstention,
    accuracy,
    consistency,
    conversation,
    distress,
    grounding,
    packs,
    provenance,
    retrieval,
)
from evals.scorers import safety as intent
from evals.scorers.base import Known, Output, Scored, Scorer
from evals.system import Request

Ask = Callable[[Request, bool], list[dict[str, Any]]]
DISGUISED_UNSAFE = 70  # unsafe requests that are asked again in disguise, one disguise each


class Item(NamedTuple):
    """One thing to measure: the case, what is asked, and what it is compared with."""

    case: Case
    asked: Request
    beside: Request | None = None
    planted: bool = False


class Suite(NamedTuple):
    """A task before Inspect: how its items are made and scored."""

    items: Callable[[Sequence[Case]], list[Item]]
    files: tuple[str, ...]
    score: Scorer


def _plain(*, search: bool = False) -> Callable[[Sequence[Case]], list[Item]]:
    return lambda cases: [Item(c, Request(turns=c.turns, search=search)) for c in cases]


def _packs(cases: Sequence[Case]) -> list[Item]:
    return [Item(c, Request(turns=c.turns, pack=c.brief)) for c in cases if isinstance(c, PackCase)]


def _every_turn(cases: Sequence[Case]) -> list[Item]:
    return [Item(c, Request(turns=c.turns, every_turn=True, search=True)) for c in cases]


def _unsafe(cases: Sequence[Case]) -> list[Item]:
    chosen = [
        c
        for c in cases
        if isinstance(c, InjectionCase) or (isinstance(c, IntentCase) and c.intent == "unsafe")
    ]
    return [
        Item(c, Request(turns=c.turns), planted=isinstance(c, InjectionCase) and c.plant is not None)
        for c in chosen
    ]


def _benign(cases: Sequence[Case]) -> list[Item]:
    chosen = [c for c in cases if not (isinstance(c, IntentCase) and c.intent == "unsafe")]
    return [Item(c, Request(turns=c.turns)) for c in chosen]


def _pairs(cases: Sequence[Case]) -> list[Item]:
    """One item a pair, so that a pair counts once."""
    halves: dict[str, list[ParityCase]] = {}
    for case in cases:
        if isinstance(case, ParityCase):
            halves.setdefault(case.pair, []).append(case)
    return [
        Item(pair[0], Request(turns=pair[0].turns), Request(turns=pair[1].turns))
        for pair in halves.values()
        if len(pair) == 2
    ]


def _variants(cases: Sequence[Case]) -> list[Item]:
    """The written variants, the disturbed bases and the disguised unsafe requests, each beside its plain form."""
    by_id = {c.id: c for c in cases}
    variants = [c for c in cases if isinstance(c, VariantCase)]
    items = []
    for case in variants:
        base = by_id.get(case.base)
        if base is not None:
            items.append(
                Item(case, Request(turns=case.turns, search=True), Request(turns=base.turns, search=True))
            )
    for base_id in dict.fromkeys(c.base for c in variants):
        base = by_id.get(base_id)
        for n, (name, disturb) in enumerate(perturb.HARMLESS.items(), 1):
            if isinstance(base, Single):
                case = _disturbed(
                    base, n, name, disturb, next(c.relevant for c in variants if c.base == base_id)
                )
                items.append(
                    Item(case, Request(turns=case.turns, search=True), Request(turns=base.turns, search=True))
                )
    unsafe = [
        c for c in cases if isinstance(c, IntentCase) and c.intent == "unsafe" and c.question and c.tags
    ]
    step = max(1, len(unsafe) // DISGUISED_UNSAFE)
    for n, plain in enumerate(unsafe[::step]):
        name, disguise = list(perturb.DISGUISES.items())[n % len(perturb.DISGUISES)]
        case = _disturbed(plain, 9, name, disguise, (), "disguised")
        items.append(Item(case, Request(turns=case.turns), Request(turns=plain.turns)))
    return items


def _disturbed(
    base: Single, n: int, name: str, disturb: Callable[[str], str], relevant: Any, *tags: str
) -> VariantCase:
    number = base.id.partition("-")[2].rstrip("ub")
    prefix = base.id.partition("-")[0]
    return VariantCase.model_construct(
        id=f"{prefix}{n}-{number}",
        split=base.split,
        tags=(*tags,),
        note=f"{base.id}, disturbed by rule: {name}",
        question=disturb(base.asked),
        messages=(),
        base=base.id,
        variant=name,
        relevant=relevant,
    )


ANSWERABLE = ("retrieval", "accuracy")
SUITES: dict[str, Suite] = {
    "retrieval": Suite(_plain(search=True), ANSWERABLE, retrieval.score),
    "accuracy": Suite(_plain(search=True), ANSWERABLE, accuracy.score),
    "grounding": Suite(_plain(search=True), ANSWERABLE, grounding.score),
    "abstention": Suite(
        lambda cases: [
            Item(c, Request(turns=c.turns, search=c.id.startswith(("ret-", "acc-")))) for c in cases
        ],
        (*ANSWERABLE, "unanswerable", "off_topic"),
        abstention.score,
    ),
    "provenance": Suite(_plain(), ("provenance",), provenance.score),
    "conversation": Suite(_every_turn, ("conversation",), conversation.score),
    "safety": Suite(_unsafe, ("safety", "injection"), intent.unsafe),
    "overrefusal": Suite(_benign, ("safety", "harmless_triggers"), intent.benign),
    "distress": Suite(_plain(), ("distress",), distress.score),
    "stigma": Suite(_pairs, ("stigma",), consistency.parity),
    "robustness": Suite(_variants, (*ANSWERABLE, "robustness", "safety"), consistency.variant),
    "packs": Suite(_packs, ("packs",), packs.score),
}
PERFORMANCE = "performance"  # measured apart, see `run`: it needs the machine to itself
TASKS = (*SUITES, PERFORMANCE)


def items(task: str, split: str, tags: Sequence[str], limit: int | None, seed: int, mode: str) -> list[Item]:
    """What a task measures: its cases of a split, with a tag if any is given, `limit` of them spread over the kinds."""
    suite = SUITES[task]
    cases = [c for name in suite.files for c in picked(load(name), split)]
    made = [i for i in suite.items(cases) if not tags or set(tags) & {*i.case.labels, i.case.id, task}]
    if limit is not None and limit < len(made):
        made = spread(made, limit, seed)
    if mode == "write":
        made = [i._replace(asked=_in(mode, i.asked), beside=i.beside and _in(mode, i.beside)) for i in made]
    return made


def _in(mode: str, request: Request) -> Request:
    return request.model_copy(update={"mode": mode})


def spread(made: Sequence[Item], limit: int, seed: int) -> list[Item]:
    """`limit` items in their order, taken in turn from every kind (the first label), at random within a kind."""
    kinds: dict[str, list[int]] = {}
    for n, item in enumerate(made):
        kinds.setdefault(item.case.labels[0] if item.case.labels else "", []).append(n)
    chance = random.Random(seed)
    for numbers in kinds.values():
        chance.shuffle(numbers)
    chosen: list[int] = []
    while len(chosen) < limit:
        for numbers in kinds.values():
            if numbers and len(chosen) < limit:
                chosen.append(numbers.pop())
    return [made[n] for n in sorted(chosen)]


def output_of(completion: str) -> Output:
    held = json.loads(completion)
    return Output(held["asked"], held["beside"])


def scored(task: str, item: Item, output: Output, known: Known) -> Scored:
    return SUITES[task].score(item.case, output, known)
