"""Adding cases: from a question, a conversation or feedback, once a person has said what a right answer needs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.cases import CASES, FILES, CaseError, load, to_line
from rag.model import Turn

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
            faults.append(f"draft {n} ({asked[:60]}): {'; '.join(_told(e))}")
            continue
        number += 1
        ids.append(case.id)
        lines.append(to_line(row) + "\n")
    with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return ids, faults


def draft(name: str, turns: Sequence[Turn], answer: Mapping[str, Any]) -> dict[str, Any]:
    """A case to be completed by a person: what was asked, and the places and sentences of the answer that it got.

    `turns` ends with the user's turn; `answer` is the contract JSON. What a right answer must say is left empty on
    purpose: the answer that was given proves nothing. Raises CaseError where there is no such file.
    """
    if name not in FILES:
        raise CaseError(f"there is no case file '{name}'; there are {', '.join(FILES)}")
    fields = FILES[name].model_fields
    cited = list(answer.get("citations", ()))
    places = [p for c in cited if (p := _place(c)) is not None]
    told = [{"text": s["text"], "vital": True, "must": []} for s in answer.get("sentences", ())]
    held: dict[str, Any] = {
        "relevant": [{**p, "grade": 2} for p in places],
        "near": [{**p, "grade": 1} for p in places],
        "places": [{**p, "grade": 2} for p in places],
        "nuggets": told[:4],
        "sources_needed": sorted({c["source"] for c in cited}),
        "dialogue": [{"user": t.content} for t in turns if t.role == "user"],
        "expect": {"say": [], "not_say": [], "notices": [n["text"] for n in answer.get("notices", ())][:3]},
    }
    asked: dict[str, Any] = {}
    if "question" in fields:
        asked = (
            {"question": turns[-1].content}
            if len(turns) == 1
            else {"messages": [t.model_dump() for t in turns]}
        )
    wanted = {f: held.get(f, "") for f, info in fields.items() if f in held or info.is_required()}
    return {
        **asked,
        "tags": ["from-the-page"],
        "note": "",
        **{k: v for k, v in wanted.items() if k not in ("id", "split")},
    }


def lacks(name: str, row: Mapping[str, Any]) -> list[str]:
    """What a draft still lacks to be a whole case; empty where nothing. Raises CaseError for an unknown file."""
    if name not in FILES:
        raise CaseError(f"there is no case file '{name}'; there are {', '.join(FILES)}")
    empty = [f"{field}: is empty; say what it is" for field, value in row.items() if value == ""]
    faults = [f for f in empty if not f.startswith("note:")]
    try:
        FILES[name].model_validate({"id": f"{PREFIXES[name]}-1", "split": "test", **row})
    except ValidationError as e:
        named = {f.partition(":")[0] for f in faults}
        faults += [f for f in _told(e) if f.partition(":")[0] not in named]
    return faults


def _place(citation: Mapping[str, Any]) -> dict[str, Any] | None:
    found = re.fullmatch(r"paragraph (\d+)", str(citation["locator"]))
    return {"source": citation["source"], "paragraph": int(found.group(1))} if found else None


def _told(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, x['loc'])) or 'the case'}: {x['msg']}" for x in error.errors(include_url=False)
    ]


def _last_number(ids: Sequence[str]) -> int:
    found = [int(m.group(1)) for i in ids if (m := re.search(r"-(\d+)", i))]
    return max(found, default=0)


def _split(asked: str) -> str:
    drawn = int(hashlib.sha256(asked.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "test" if drawn < TEST_SHARE else "dev"
