"""Adding cases: from a question, or from lines of feedback, once a person has said what a right answer needs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.cases import CASES, FILES, CaseError, load, to_line

PREFIXES = {
    "retrieval": "ret",
    "accuracy": "acc",
    "unanswerable": "una",
    "off_topic": "off",
    "conversation": "con",
    "provenance": "pro",
    "safety": "saf",
    "distress": "dis",
    "stigma": "sti",
    "injection": "inj",
    "harmless_triggers": "trg",
    "robustness": "rob",
    "packs": "pac",
}
TEST_SHARE = 0.8  # of new cases that go to the test part


def add(name: str, drafts: Iterable[dict[str, Any]], folder: Path = CASES) -> tuple[list[str], list[str]]:
    """Appends the drafts that are whole cases, each with an id and a seal; returns their ids and what the others lack.

    The split is drawn by a hash of the question, so that nobody picks the test part. Raises CaseError where there is
    no such file.
    """
    if name not in FILES:
        raise CaseError(f"there is no case file '{name}'; there are {', '.join(FILES)}")
    number = _last_number([c.id for c in load(name, folder)])
    lines, ids, faults = [], [], []
    for n, draft in enumerate(drafts, 1):
        asked = str(
            draft.get("question") or draft.get("messages") or draft.get("dialogue") or draft.get("brief")
        )
        row = {
            "id": f"{PREFIXES[name]}-{number + 1:03}",
            "split": _split(asked),
            "tags": [],
            "note": "",
            **draft,
        }
        try:
            case = FILES[name].model_validate(row)
        except ValidationError as e:
            lacks = "; ".join(
                f"{'.'.join(map(str, x['loc'])) or 'the case'}: {x['msg']}"
                for x in e.errors(include_url=False)
            )
            faults.append(f"draft {n} ({asked[:60]}): {lacks}")
            continue
        number += 1
        ids.append(case.id)
        lines.append(to_line(row) + "\n")
    with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return ids, faults


def _last_number(ids: Sequence[str]) -> int:
    found = [int(m.group(1)) for i in ids if (m := re.search(r"-(\d+)", i))]
    return max(found, default=0)


def _split(asked: str) -> str:
    drawn = int(hashlib.sha256(asked.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "test" if drawn < TEST_SHARE else "dev"
