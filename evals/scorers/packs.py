"""Whether a brief gets a session pack that may be used: the check of packs, and what no pack may lack."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from evals.cases import Case, PackCase
from evals.scorers.base import Known, NotScorable, Output, Scored, yes
from evals.stats import Share
from rag.corpus import Corpus
from rag.guard.output import OutputGuard
from rag.pack.check import check, check_document
from rag.pack.layout import document
from rag.pack.model import Pack

MINUTE = 60_000.0
HARD_FOR_THE_YOUNGEST = {"graphic", "suicide", "sexual_violence"}


def score(case: Case, output: Output, known: Known) -> Scored:
    if not isinstance(case, PackCase):
        raise NotScorable("packs are scored on briefs")
    record = output.asked[-1]
    made = record.get("pack")
    if made is None:
        told = str(output.answer["text"]).casefold()
        right = case.expect == "no_pack" and case.reason in told
        return Scored({"right": yes(right), **({"made": yes(False)} if case.expect == "pack" else {})})
    pack = Pack.model_validate(made)
    guard = _guard(known.corpus.version, _Held(known.corpus))
    day = dt.date.fromisoformat(str(record["day"]))
    faults = (*check(pack, known.corpus, guard, day), *check_document(document(pack), guard))
    critical = _critical(pack, known.corpus)
    held = len(pack.stimuli) >= case.voices
    shares: dict[str, Share] = {
        "right": yes(case.expect == "pack" and not faults and not critical and held),
        "sound": yes(not faults),
        "in_time": yes(float(record["ms"]) < MINUTE),
    }
    if case.expect == "pack":
        shares["made"] = yes(True)
    else:
        critical = (*critical, "a pack was made where there must be none")
    return Scored(shares, critical)


def _critical(pack: Pack, corpus: Corpus) -> tuple[str, ...]:
    """What must never happen, read apart from the check that the product itself makes."""
    found = []
    for stimulus in pack.stimuli:
        passage = corpus.passages.get(stimulus.passage)
        if passage is None:
            found.append(f"{stimulus.passage} is not in the corpus")
            continue
        standing = corpus.sources[passage.source].standing
        if standing == "retracted" and not any("withdrawn" in n for n in stimulus.notes):
            found.append(f"{passage.id} is of a retracted account and nothing says so")
        if pack.brief.age == "14-15" and HARD_FOR_THE_YOUNGEST & set(passage.flags):
            found.append(f"{passage.id} is too hard for the youngest")
    if sum(s.minutes for s in pack.schedule) != pack.brief.minutes:
        found.append("the minutes do not add up")
    known = {s.id for s in corpus.support.services} | {"directory"}
    found += [f"{r.service} is no known service" for r in pack.support_box.services if r.service not in known]
    return tuple(found)


class _Held:
    """A corpus as an argument that a cache need not hash."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(2)
def _guard(version: str, held: _Held) -> OutputGuard:
    return OutputGuard(held.corpus)
