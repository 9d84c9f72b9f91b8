"""A document that was ingested before: what changed by passage, and which decisions still hold.

A passage keeps its id where it stands in the same place. Where its words are the same, so are the decisions on it; where
they changed, it is open again and the words that were accepted stand beside the new ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.ingest.draft import Change, Draft, DraftFlag, DraftPassage, Outside
from rag.text import words


def updated(new: Draft, old: Sequence[DraftPassage]) -> Draft:
    """The new draft with the decisions on passages that are the same, and the list of what is not."""
    by_id = {p.id: p for p in old}
    by_words = {_key(p): p for p in old}
    used: set[str] = set()
    passages: list[DraftPassage] = []
    changes: list[Change] = []
    for p in new.passages:
        before = by_id.get(p.id)
        if before is not None and _key(before) == _key(p):
            used.add(before.id)
            passages.append(_decided(p, before))
            continue
        same = by_words.get(_key(p))
        if (
            same is not None
            and same.id not in used
            and same.id not in {q.id for q in new.passages if _key(q) == _key(same) and q.id != p.id}
        ):
            used.add(same.id)
            changes.append(Change(id=p.id, what="moved", before=same.id, after=p.id))
            passages.append(_decided(p, same))
        elif before is not None:
            used.add(before.id)
            changes.append(Change(id=p.id, what="changed", before=_said(before), after=_said(p)))
            passages.append(p.model_copy(update={"before": before.statements, "tags": before.tags}))
        else:
            changes.append(Change(id=p.id, what="new", after=_said(p)))
            passages.append(p)
    changes += [Change(id=p.id, what="gone", before=_said(p)) for p in old if p.id not in used]
    return new.model_copy(update={"passages": tuple(passages), "changes": tuple(changes)})


def without_removed(draft: Draft, removed: Collection[str]) -> Draft:
    """The draft without passages whose ids have a tombstone: they were taken out, and stay out."""
    gone = [p for p in draft.passages if p.id in removed]
    why = "removed on request; its id is not used again"
    outside = [Outside(place=str(p.locator), block=p.block, text="", why=why) for p in gone]
    kept = tuple(p for p in draft.passages if p.id not in removed)
    return draft.model_copy(update={"passages": kept, "outside": (*draft.outside, *outside)})


def _decided(new: DraftPassage, old: DraftPassage) -> DraftPassage:
    """A passage with what was decided on the same words before; flags that are new keep it open."""
    known = {(f.kind, f.label, f.words): f for f in old.flags}
    flags = tuple(_settled(f, known.get((f.kind, f.label, f.words))) for f in new.flags)
    fresh = bool(old.flags) and any(
        f.state == "open" and (f.kind, f.label, f.words) not in known for f in flags
    )
    state = "open" if fresh else old.state
    fields = ("statements", "tags", "reason", "by", "on", "edited", "suggested")
    return new.model_copy(update={"flags": flags, "state": state, **{f: getattr(old, f) for f in fields}})


def _settled(flag: DraftFlag, before: DraftFlag | None) -> DraftFlag:
    return flag if before is None else flag.model_copy(update={"state": before.state, "by": before.by})


def _key(passage: DraftPassage) -> str:
    return " ".join(words(" ".join(passage.original)))


def _said(passage: DraftPassage) -> str:
    return " ".join(passage.original)
