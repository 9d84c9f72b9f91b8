"""Does the suite catch what it should? Each defect is put into the system, and the gate must close.

python -m evals.mutations [DEFECT ...] prints the table of docs/evaluation.md. It takes some minutes: each defect is run
on the whole test part of the tasks where it should show, and held against the same tasks without it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.defects import DEFECTS
from evals.gate import Gates, Verdict, judge, load_gates
from evals.run import Plan, Run, execute
from rag.settings import Settings, get_settings


class Caught(NamedTuple):
    defect: str
    what: str
    verdict: Verdict

    @property
    def by(self) -> tuple[str, ...]:
        """The measures whose bound or comparison closed the gate, and the tasks of new critical failures."""
        return tuple(
            dict.fromkeys(
                f"{f.measure} (critical)" if f.kind == "critical" else f.measure
                for f in self.verdict.failures
            )
        )


def mutated(
    defects: Sequence[str], settings: Settings, gates: Gates, folder: Path, limit: int | None = None
) -> Iterator[Caught]:
    """Runs each defect beside a sound system on the same cases and says what the gate makes of it.

    `limit` takes a few cases of each task, for a quick look. Raises AssertionError where the sound system itself does
    not pass against itself: then the gate would prove nothing.
    """
    known: dict[tuple[str, ...], Run] = {}
    for name in defects:
        # To start a second process would take longer than the few cases of a quick look.
        plan = Plan(tasks=DEFECTS[name].tasks, limit=limit, workers=2 if limit is None else 1)
        if plan.tasks not in known:
            known[plan.tasks] = execute(plan, settings, folder / f"sound-{len(known)}")
        sound = known[plan.tasks]
        assert judge(sound, sound, gates, smoke=limit is not None).passed, (
            "the sound system must pass its own gate"
        )
        broken = execute(plan.model_copy(update={"defect": name}), settings, folder / name)
        yield Caught(name, DEFECTS[name].what, judge(broken, sound, gates, smoke=limit is not None))


def main(arguments: Sequence[str]) -> int:
    unknown = [a for a in arguments if a not in DEFECTS]
    if unknown:
        print(f"no defect {unknown[0]}; there are {', '.join(DEFECTS)}", file=sys.stderr)
        return 2
    gates, settings = load_gates(), get_settings()
    missed = 0
    with tempfile.TemporaryDirectory() as place:
        print("| defect | what is broken | caught by |\n|---|---|---|")
        for caught in mutated(arguments or list(DEFECTS), settings, gates, Path(place)):
            missed += caught.verdict.passed
            first = ", ".join(f"`{m}`" for m in caught.by[:3]) or "**nothing**"
            print(f"| `{caught.defect}` | {caught.what} | {first} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
