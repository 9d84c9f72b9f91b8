"""Decisions on a draft: accept, edit, mask, keep, leave out, take back in. Each is logged with who made it.

Several people may review a draft at once, on the page and on the command line. A decision is made on the draft as it is
on the disk, and refused where its passage is no longer the one that was looked at.

A passage is accepted only when nothing in it is left to settle: personal data masked or kept with a reason, words to a
machine kept on purpose. What calls for care (violence, minors) is accepted with its flag, which readers are warned by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_args

from rag.corpus import Corpus
from rag.ingest.draft import Draft, DraftError, DraftFlag, DraftPassage, Job, Tags
from rag.ingest.make import Maker
from rag.ingest.masks import masked
from rag.ingest.sentences import MOST, sentences
from rag.model import Flag

CARD = ("title", "authors", "publisher", "published", "url", "kind", "language", "rights", "summary", "method", "standing", "standing_note", "standing_source")  # fmt: skip
MUST_BE_SETTLED = ("personal", "instruction")
P = ParamSpec("P")
R = TypeVar("R")
Decision = Callable[Concatenate["Review", str, P], R]


def _decision(decide: Decision[P, R]) -> Decision[P, R]:
    """Makes a decision on a passage one that knows of those made since the draft was looked at."""

    @wraps(decide)
    def decided(self: Review, passage: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._alone() as seen:
            self._unchanged(passage, seen)
            return decide(self, passage, *args, **kwargs)

    return decided


class Review:
    """Decisions of one person on one draft; every one is saved at once.

    `draft` is the draft as this person has it before them. Every decision brings it up to date, also one that is
    refused (DraftError) because somebody else decided on the same passage meanwhile.
    """

    def __init__(self, job: Job, draft: Draft, corpus: Corpus, by: str, today: str) -> None:
        """`by` is who decides. Raises DraftError where nobody is named: decisions are somebody's."""
        if not by.strip():
            raise DraftError("say who reviews: --by 'Your Name' (or set EXITVOICES_REVIEWER)")
        self.job, self.draft, self.by, self._today = job, draft, by.strip(), today
        self._corpus = corpus

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self._corpus)  # takes a moment, and only an edit needs it

    def next_open(self) -> DraftPassage | None:
        """The next passage that nobody has decided on yet. Raises DraftError where the draft is gone."""
        self.draft = self.job.load(self.draft.id)
        return self.draft.next_open()

    @_decision
    def mask(self, passage: str, words: str | None = None, *, everywhere: bool = False) -> int:
        """Masks personal data: the given words, or all that is open; how many were masked. Raises DraftError."""
        named = self.draft.passage(passage)
        chosen = [
            f for f in named.flags if f.kind == "personal" and f.state == "open" and words in (None, f.words)
        ]
        if words is not None and not chosen:
            chosen = [self._own_mask(named, words)]
        wanted = {f.words for f in chosen}
        count = 0
        for p in self.draft.passages if everywhere else (named,):
            flags = p.flags
            if p.id == passage:
                flags = (*flags, *(f for f in chosen if f not in flags))
            hits = [f for f in flags if f.kind == "personal" and f.words in wanted and f.state == "open"]
            if not hits:
                continue
            said = list(p.statements)
            for flag in sorted(hits, key=lambda f: -len(f.words)):
                said = [masked(s, flag.words, flag.mask) for s in said]
            changed = tuple(
                f.model_copy(update={"state": "masked", "by": self.by}) if f in hits else f for f in flags
            )
            self._put(p.model_copy(update={"statements": tuple(said), "flags": changed}))
            self.job.log(self.draft.id, self.by, "masked", p.id, ", ".join(sorted({f.mask for f in hits})))
            count += len(hits)
        return count

    @_decision
    def keep(self, passage: str, words: str, reason: str, *, everywhere: bool = False) -> int:
        """Settles a flag without a change: `words` are those of personal data, or the flag's label."""
        if not reason.strip():
            raise DraftError("say why it may stay: --reason 'a public official, named in the judgement'")
        count = 0
        for p in self.draft.passages if everywhere else (self.draft.passage(passage),):
            hits = [f for f in p.flags if words in (f.words, f.label) and f.state == "open"]
            if hits:
                flags = tuple(
                    f.model_copy(update={"state": "kept", "by": self.by}) if f in hits else f for f in p.flags
                )
                self._put(p.model_copy(update={"flags": flags}))
                self.job.log(self.draft.id, self.by, "kept", p.id, f"{hits[0].label}: {reason}")
                count += len(hits)
        if not count:
            raise DraftError(f"{passage} has no open flag '{words}'; see: exitvoices ingest show {passage}")
        return count

    @_decision
    def edit(self, passage: str, text: str) -> DraftPassage:
        """Other words for a passage: parts left out, words in [brackets] put in. It is read for flags again."""
        p = self.draft.passage(passage)
        said = tuple(text[s.start : s.end] for s in sentences(" ".join(text.split())))
        if not said:
            raise DraftError("no words are left; leave the passage out instead: exitvoices ingest leave-out")
        if len(said) > MOST:
            raise DraftError(f"{len(said)} sentences are too many for one passage, the most is {MOST}")
        found, key = self._maker.personal_flags(said, self.job.key(self.draft.id))
        settled = {(f.kind, f.label, f.words): f for f in p.flags if f.state == "kept"}
        language = self.draft.guesses.language or "en"
        flags = tuple(
            settled.get((f.kind, f.label, f.words), f) for f in (*found, *self._maker.flags(said, language))
        )
        changed = p.model_copy(update={"statements": said, "flags": flags, "edited": True, "state": "open"})
        self._put(changed, key=key)
        self.job.log(self.draft.id, self.by, "edited", p.id)
        return changed

    @_decision
    def accept(
        self, passage: str, tags: dict[str, Any] | None = None, *, suggested: bool = False
    ) -> DraftPassage:
        """Accepts a passage as it stands. `tags` are fields of Tags; `suggested` takes the guesses for the rest.

        Raises DraftError while something has to be settled first, or for a tag that the corpus does not know.
        """
        p = self.draft.passage(passage)
        unsettled = [f for f in p.unsettled if f.kind in MUST_BE_SETTLED]
        if unsettled:
            what = "; ".join(
                f"{f.label} '{f.words}'" if f.words else f"{f.label}: {f.why}" for f in unsettled
            )
            raise DraftError(
                f"{passage} has something to settle first (mask, keep, edit or leave out): {what}"
            )
        given = {k: v for k, v in (tags or {}).items() if v not in (None, (), [])}
        guesses = {k: v for k, v in p.suggested.model_dump().items() if v} if suggested else {}
        care = tuple(f.label for f in p.flags if f.kind == "care" and f.state == "open")
        flags = tuple(
            f for f in dict.fromkeys((*p.tags.flags, *care, *given.pop("flags", ()))) if f in get_args(Flag)
        )
        own = {k: v for k, v in p.tags.model_dump().items() if v}
        chosen = Tags.model_validate({**guesses, **own, **given, "flags": cast(tuple[Flag, ...], flags)})
        self._known(chosen)
        done = tuple(
            f.model_copy(update={"state": "kept", "by": self.by}) if f.state == "open" else f for f in p.flags
        )
        changed = p.model_copy(
            update={
                "state": "accepted",
                "tags": chosen,
                "flags": done,
                "by": self.by,
                "on": self._today,
                "reason": "",
            }
        )
        self._put(changed)
        self.job.log(self.draft.id, self.by, "accepted", p.id)
        return changed

    @_decision
    def leave_out(self, passage: str, reason: str) -> DraftPassage:
        """Leaves a passage out of the corpus, with the reason that is listed there."""
        if not reason.strip():
            raise DraftError("say why it is left out: --reason 'names a third person'")
        p = self.draft.passage(passage)
        changed = p.model_copy(
            update={"state": "left_out", "reason": reason.strip(), "by": self.by, "on": self._today}
        )
        self._put(changed)
        self.job.log(self.draft.id, self.by, "left out", p.id, reason)
        return changed

    def state_card(self, fields: dict[str, str]) -> Draft:
        """Fields of the source card, as a person states them. Raises DraftError for one that there is not."""
        unknown = sorted(set(fields) - set(CARD))
        if unknown:
            raise DraftError(f"the card has no field '{unknown[0]}'; it has {', '.join(CARD)}")
        with self._alone() as seen:
            now = self.draft.card
            others = {f for f in fields if now.get(f, "") != seen.card.get(f, "")}
            # A form sends every field: one that its sender left as it was says nothing against what others stated.
            mine = {f: v for f, v in fields.items() if f not in others or v != seen.card.get(f, "")}
            torn = sorted(f for f in others & set(mine) if mine[f] != now.get(f, ""))
            if torn:
                raise DraftError(
                    f"somebody else stated '{torn[0]}' of the card meanwhile ('{now.get(torn[0], '')}'), so yours was "
                    "not saved; look at it and state it again"
                )
            self.draft = self.draft.model_copy(update={"card": {**now, **mine}})
            self.job.save(self.draft)
            self.job.log(self.draft.id, self.by, "card", detail=", ".join(sorted(mine)))
        return self.draft

    @contextmanager
    def _alone(self) -> Iterator[Draft]:
        """Takes in what others decided, and keeps them waiting; gives the draft as this person has seen it."""
        with self.job.alone():
            seen, self.draft = self.draft, self.job.load(self.draft.id)
            yield seen

    def _unchanged(self, passage: str, seen: Draft) -> None:
        """Raises DraftError where a passage is not as it was seen: nobody decides on words that they have not read."""
        now = self.draft.passage(passage)
        if now == seen.passage(passage):
            return
        done = {"accepted": "accepted", "left_out": "left out"}.get(now.state, "changed")
        by = f" by {now.by}" if now.by and now.state != "open" else ""
        raise DraftError(
            f"{passage} was {done}{by} meanwhile, so your decision was not saved; look at it again: "
            f"exitvoices ingest show {passage}"
        )

    def _own_mask(self, p: DraftPassage, words: str) -> DraftFlag:
        """A mask for words that nothing found; they count as a person."""
        if words not in p.text:
            raise DraftError(f"'{words}' does not stand in {p.id}")
        from rag.ingest.masks import Pseudonyms
        from rag.ingest.personal import Personal

        masks = Pseudonyms(self.job.key(self.draft.id))
        mask = masks.mask(
            Personal(kind="person", start=0, end=len(words), text=words, why="named by the reviewer")
        )
        self.job.save(self.draft, key=masks.key)
        return DraftFlag(kind="personal", label="person", why="named by the reviewer", words=words, mask=mask)

    def _known(self, tags: Tags) -> None:
        taxonomy = self._corpus.taxonomy
        for field, known in (
            ("stage", [t.id for t in taxonomy.stages]),
            ("motives", [t.id for t in taxonomy.motives]),
            ("disillusionment", [t.id for t in taxonomy.disillusionment]),
            ("people", list(self._corpus.persons)),
        ):
            for value in cast(Sequence[str], getattr(tags, field)):
                if value not in known:
                    where = "people.yaml" if field == "people" else "taxonomy.yaml"
                    raise DraftError(f"{field}: '{value}' is not in {where}")

    def _put(self, passage: DraftPassage, key: dict[str, str] | None = None) -> None:
        self.draft = self.draft.with_passage(passage)
        self.job.save(self.draft, key=key)
