"""What the page for curators shows of the drafts on this machine: pure functions, no drawing and no decision.

Decisions are those of rag.ingest.review, the same as on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from rag.corpus import Corpus
from rag.ingest.draft import Draft, DraftFlag, DraftPassage
from rag.ingest.marks import Piece, marked
from rag.ingest.publish import REQUIRED, lacks, stated
from rag.ingest.review import CARD, MUST_BE_SETTLED
from rag.model import Frozen, PassageType, SourceKind, Standing
from rag.web.labels import named, place
from rag.web.words import catalogue, day, labelled, language, t

Tab = Literal["passages", "card", "outside", "publish"]
TABS: tuple[Tab, ...] = get_args(Tab)
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": get_args(SourceKind),
    "standing": get_args(Standing),
    "type": get_args(PassageType),
}
LONG = ("rights", "summary", "method", "standing_note")


class State(Frozen):
    """What a curator has before them: a draft, a part of it, a passage; and what became of the last decision."""

    draft: str = ""
    tab: Tab = "passages"
    passage: str = ""
    by: str = ""
    said: str = ""
    problem: str = ""


class OptionView(Frozen):
    id: str
    label: str


class ProgressView(Frozen):
    done: int
    total: int
    text: str


class LineView(Frozen):
    """A draft in the list."""

    id: str
    title: str
    byline: str
    badge: str
    progress: ProgressView


class FlagView(Frozen):
    kind: str
    label: str
    words: str
    why: str
    mask: str
    state: str
    settled: str
    must: bool


class TagView(Frozen):
    """Values that a passage can be given for one field; the suggested ones stand first and none is chosen."""

    field: str
    label: str
    suggested: tuple[OptionView, ...]
    others: tuple[OptionView, ...]
    chosen: tuple[str, ...]


class PassageView(Frozen):
    id: str
    heading: str
    place: str
    speaker: str
    state: str
    decided: str
    reason: str
    statements: tuple[tuple[Piece, ...], ...]
    text: str
    original: tuple[str, ...]
    before: tuple[str, ...]
    flags: tuple[FlagView, ...]
    to_settle: int
    to_mask: int
    types: tuple[OptionView, ...]
    type: str
    tags: tuple[TagView, ...]
    earlier: str | None
    later: str | None
    open: str | None


class FieldView(Frozen):
    id: str
    label: str
    hint: str
    value: str
    guess: bool
    required: bool
    long: bool
    options: tuple[OptionView, ...]


class OutsideView(Frozen):
    place: str
    why: str
    text: str
    badge: str


class PublishView(Frozen):
    lacks: tuple[str, ...]
    ready: bool
    published: str
    command: str
    counts: str


class DraftView(Frozen):
    id: str
    title: str
    byline: str
    notes: tuple[str, ...]
    progress: ProgressView
    tab: str
    tabs: tuple[OptionView, ...]
    passage: PassageView | None = None
    card: tuple[FieldView, ...] = ()
    outside: tuple[OutsideView, ...] = ()
    publish: PublishView | None = None


class ReviewView(Frozen):
    """All that the page's component gets."""

    state: str
    status: str = ""
    problem: str = ""
    refused: str = ""
    said: str = ""
    by: str = ""
    signed: bool = False
    drafts: tuple[LineView, ...] = ()
    draft: DraftView | None = None


def reviewing(
    drafts: Sequence[Draft], state: State, corpus: Corpus, *, signed: bool = False, busy: str = ""
) -> ReviewView:
    """The list of drafts, or the one that is open. `signed`: whether the name is that of the sign-in; `busy`: what is
    going on."""
    chosen = next((d for d in drafts if d.id == state.draft), None)
    return ReviewView(
        state="ready",
        status=busy,
        refused=state.problem,
        said=state.said,
        by=state.by,
        signed=signed,
        drafts=() if chosen else tuple(_line(d) for d in drafts),
        draft=_draft(chosen, state, corpus) if chosen else None,
    )


def _title(draft: Draft) -> str:
    return stated(draft, "title") or draft.id


def _byline(draft: Draft) -> str:
    return t("review.byline", name=draft.name, passages=t("review.passages", n=len(draft.passages)))


def _progress(draft: Draft) -> ProgressView:
    left, total = draft.count("open"), len(draft.passages)
    counts = {"accepted": draft.count("accepted"), "left_out": draft.count("left_out")}
    text = t("review.left", n=left) if left else t("review.none_left")
    return ProgressView(done=total - left, total=total, text=f"{text} {t('review.counts', **counts)}")


def _line(draft: Draft) -> LineView:
    return LineView(
        id=draft.id,
        title=_title(draft),
        byline=_byline(draft),
        badge=t("review.published_on", date=day(draft.published)) if draft.published else "",
        progress=_progress(draft),
    )


def _draft(draft: Draft, state: State, corpus: Corpus) -> DraftView:
    outside = len(draft.outside) + len(draft.hidden)
    notes = list(draft.warnings)
    if draft.near_twin:
        notes.append(t("review.twin", name=draft.near_twin))
    if draft.rendering == "account":
        notes.append(t("review.account", command=f"exitvoices ingest worksheet {draft.id}"))
    return DraftView(
        id=draft.id,
        title=_title(draft),
        byline=_byline(draft),
        notes=tuple(notes),
        progress=_progress(draft),
        tab=state.tab,
        tabs=tuple(OptionView(id=x, label=t(f"review.tab_{x}", n=outside)) for x in TABS),
        passage=_passage(draft, state.passage, corpus) if state.tab == "passages" else None,
        card=_card(draft) if state.tab == "card" else (),
        outside=_outside(draft) if state.tab == "outside" else (),
        publish=_publish(draft) if state.tab == "publish" else None,
    )


def _passage(draft: Draft, wanted: str, corpus: Corpus) -> PassageView | None:
    p = next((p for p in draft.passages if p.id == wanted), None) or draft.next_open()
    p = p or next(iter(draft.passages), None)
    if p is None:
        return None
    earlier, later = draft.beside(p.id)
    following = draft.next_open(p.id)
    unsettled = [f for f in p.flags if f.state == "open" and f.kind in MUST_BE_SETTLED]
    said = t(f"review.decided_{p.state}", by=p.by, date=day(p.on)) if p.state != "open" else ""
    return PassageView(
        id=p.id,
        heading=t("review.passage", n=draft.passages.index(p) + 1, total=len(draft.passages)),
        place=place(p.locator),
        speaker=p.speaker or "",
        state=p.state,
        decided=said,
        reason=p.reason,
        statements=marked(p),
        text=p.text,
        original=p.original if p.original != p.statements else (),
        before=p.before,
        flags=tuple(_flag(f) for f in p.flags),
        to_settle=len(unsettled),
        to_mask=sum(f.kind == "personal" for f in unsettled),
        types=tuple(OptionView(id=x, label=_type(x, corpus)) for x in CHOICES["type"]),
        type=p.tags.type if p.state == "accepted" else "testimony",
        tags=tuple(_tags(p, corpus)),
        earlier=earlier,
        later=later,
        open=following.id if following and following.id != p.id else None,
    )


def _type(value: str, corpus: Corpus) -> str:
    return next((x.label for x in corpus.taxonomy.types if x.id == value), labelled("type", value))


def _flag(flag: DraftFlag) -> FlagView:
    settled = t(f"review.flag_{flag.state}", by=flag.by, mask=flag.mask) if flag.state != "open" else ""
    return FlagView(
        kind=flag.kind,
        label=labelled("mark", flag.label),
        words=flag.words or flag.label,
        why=flag.why,
        mask=flag.mask if flag.kind == "personal" else "",
        state=flag.state,
        settled=settled,
        must=flag.kind in MUST_BE_SETTLED and flag.state == "open",
    )


def _tags(p: DraftPassage, corpus: Corpus) -> list[TagView]:
    taxonomy = corpus.taxonomy
    known = {
        "stage": [OptionView(id=x.id, label=named("stage", x.id, corpus)) for x in taxonomy.stages],
        "motives": [OptionView(id=x.id, label=named("motive", x.id, corpus)) for x in taxonomy.motives],
        "disillusionment": [
            OptionView(id=x.id, label=named("disillusionment", x.id, corpus))
            for x in taxonomy.disillusionment
        ],
        "people": [OptionView(id=x.id, label=x.name) for x in corpus.people],
        "questions": [OptionView(id=q, label=q) for q in (*p.tags.questions, *p.suggested.questions)],
    }
    found = []
    for field, options in known.items():
        guessed: tuple[str, ...] = getattr(p.suggested, field)
        rest = tuple(o for o in options if o.id not in guessed)
        if options:
            found.append(
                TagView(
                    field=field,
                    label=t(f"review.tag_{field}"),
                    suggested=tuple(o for o in options if o.id in guessed),
                    others=() if field == "questions" else rest,
                    chosen=getattr(p.tags, field),
                )
            )
    return [x for x in found if x.suggested or x.others]


def _card(draft: Draft) -> tuple[FieldView, ...]:
    found = []
    for field in CARD:
        own = draft.card.get(field, "")
        guess = getattr(draft.guesses, field, None)
        guess = ", ".join(guess) if isinstance(guess, tuple) else str(guess or "")
        hint = f"review.hint_{field}"
        found.append(
            FieldView(
                id=field,
                label=t(f"review.card_{field}"),
                hint=t(hint) if hint in catalogue(language()) else "",
                value=own or guess or ("good" if field == "standing" else ""),
                guess=bool(guess) and not own,
                required=field in REQUIRED,
                long=field in LONG,
                options=tuple(OptionView(id=x, label=_choice(field, x)) for x in CHOICES.get(field, ())),
            )
        )
    return tuple(found)


def _choice(field: str, value: str) -> str:
    return labelled({"kind": "source_kind"}.get(field, field), value)


def _outside(draft: Draft) -> tuple[OutsideView, ...]:
    hidden = [
        OutsideView(
            place=h.hidden.where,
            why=h.hidden.how,
            text=h.hidden.text,
            badge=t("review.to_machine", why=h.instruction) if h.instruction else t("review.hidden"),
        )
        for h in draft.hidden
    ]
    return (*hidden, *(OutsideView(place=o.place, why=o.why, text=o.text, badge="") for o in draft.outside))


def _publish(draft: Draft) -> PublishView:
    found = lacks(draft)
    wants = [t("review.lacks_account")] * found.account
    wants += [t("review.lacks_open", n=found.open)] * bool(found.open)
    wants += [t("review.lacks_all")] * found.empty
    wants += [t("review.lacks_field", field=t(f"review.card_{f}")) for f in found.fields]
    return PublishView(
        lacks=tuple(wants),
        ready=not found,
        published=t("review.published_on", date=day(draft.published)) if draft.published else "",
        command=f"exitvoices ingest publish {draft.id}",
        counts=t("review.counts", accepted=draft.count("accepted"), left_out=draft.count("left_out")),
    )
