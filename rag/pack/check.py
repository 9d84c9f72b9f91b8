"""Whether a pack may be used: nothing missing, everything it cites as the corpus has it now, and fit for its age.

A pack is checked when it is made, opened, changed and exported. Each fault names the part and says what to do; a pack
without faults still needs a person who reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rag.corpus import Corpus
from rag.export.document import Document, faults, flat, plain_text
from rag.guard.output import OutputGuard
from rag.model import Frozen, Passage
from rag.pack import times
from rag.pack.choose import Fitting, frightening, unfit
from rag.pack.help import DIRECTORY, directory, row
from rag.pack.model import QUESTION_KINDS, NoPack, Pack, Stimulus
from rag.pack.plan import FEWEST, fitting, subject_of
from rag.pack.themes import curriculum

MOST_STIMULI = 4
GROUND_RULES = 5
FORM = 4
MOST_WORDS_HANDOUT = 290  # on one page in large print, without the help
UNTOLD = ("unknown", "not_charged")


class Fault(Frozen):
    """Something that keeps a pack from being used."""

    part: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.part}: {self.what}. {self.todo}"


def check(pack: Pack, corpus: Corpus, output: OutputGuard, today: dt.date) -> tuple[Fault, ...]:
    """Every fault of a pack, in the order of its parts."""
    return (
        *_whole(pack),
        *_times(pack),
        *_stimuli(pack, corpus, output),
        *_people(pack, corpus),
        *_warnings(pack, corpus),
        *_handout(pack),
        *_help(pack, corpus, today),
        *_words(pack, output),
    )


def check_document(document: Document, output: OutputGuard) -> tuple[Fault, ...]:
    """Faults of an export: numbers, links and addresses that no record holds, and what a screen reader cannot use."""
    lines = plain_text(document).splitlines()
    found = {f.rule for line in lines for f in output.check_text(line)}
    links = [r.href for b in flat(document.blocks) for r in getattr(b, "runs", ()) if r.href]
    found |= {f.rule for href in links for f in output.check_text(href)}
    told = [
        Fault(
            part="export", what=f"it breaks the rule '{r}' of what may be shown", todo="Make the pack anew."
        )
        for r in sorted(found & {"phone", "contact", "link", "address", "markup", "hidden"})
    ]
    return (*told, *(Fault(part="export", what=f, todo="Mend the layout.") for f in faults(document)))


def _whole(pack: Pack) -> Iterator[Fault]:
    """Parts that are empty, and lists that are too short to be what they are called."""
    texts = {
        "title": pack.title,
        **{f"aims, {k}": v for k, v in pack.aims.model_dump().items()},
        "balance": pack.balance,
        "licence": pack.licence.text,
        "generated_by": pack.generated_by,
        "corpus_version": pack.corpus_version,
        "support_box, title": pack.support_box.title,
        "support_box, text": pack.support_box.text,
        "support_box, local": pack.support_box.local,
    }
    for part, text in texts.items():
        if not text.strip():
            yield Fault(part=part, what="it is empty", todo="Fill it in.")
    sections = {n: getattr(pack, n) for n in ("opening", "warm_up", "activity", "tolerance_task", "debrief")}
    for part, section in sections.items():
        if not section.title.strip() or not any(s.strip() for s in section.steps):
            yield Fault(part=part, what="it has no title or no steps", todo="Write what is done in it.")
    lists: dict[str, tuple[object, ...]] = {
        "facilitator_brief, limits": pack.facilitator_brief.limits,
        "facilitator_brief, sources": pack.facilitator_brief.sources,
        "before_you_start": pack.before_you_start,
        "stimulus_steps": pack.stimulus_steps,
        "follow_up": pack.follow_up,
        "evaluation, scale": pack.evaluation.scale,
        "evaluation, facilitator_log": pack.evaluation.facilitator_log,
        "missing": pack.missing,
        "licence, quoted": pack.licence.quoted,
    }
    for part, items in lists.items():
        if not [i for i in items if not isinstance(i, str) or i.strip()]:
            yield Fault(part=part, what="it is missing", todo="Make the pack anew, or fill it in.")
    for part, items, count in (
        ("ground_rules", pack.ground_rules, GROUND_RULES),
        ("evaluation, pupil_form", pack.evaluation.pupil_form, FORM),
    ):
        if len([i for i in items if i.strip()]) != count:
            yield Fault(part=part, what=f"it needs {count} sentences", todo="Add or take out some.")
    if pack.adults_only != (pack.brief.age == "18+"):
        yield Fault(part="adults_only", what="it does not fit the age", todo="Set it as the age has it.")
    if pack.brief.curriculum is not None and (
        pack.brief.curriculum not in curriculum() or not pack.curriculum_links
    ):
        yield Fault(
            part="curriculum_links", what="the chosen subject is not told", todo="Make the pack anew."
        )


def _times(pack: Pack) -> Iterator[Fault]:
    total = sum(s.minutes for s in pack.schedule)
    if total != pack.brief.minutes:
        yield Fault(
            part="schedule",
            what=f"the minutes add up to {total}, not {pack.brief.minutes}",
            todo="Change the minutes of a part.",
        )
    wanted = [*times.BEFORE, *(f"stimulus {n + 1}" for n in range(len(pack.stimuli))), *times.AFTER]
    if sorted(s.part for s in pack.schedule) != sorted(wanted):
        yield Fault(
            part="schedule",
            what="it does not hold every part of the session once",
            todo=f"It needs {', '.join(wanted)}.",
        )
        return
    for slot in pack.schedule:
        if slot.minutes < times.least(slot.part):
            yield Fault(
                part="schedule",
                what=f"{times.name(slot.part)} has {slot.minutes} minutes",
                todo=f"It needs {times.least(slot.part)} at least.",
            )


def _stimuli(pack: Pack, corpus: Corpus, output: OutputGuard) -> Iterator[Fault]:
    if not FEWEST <= len(pack.stimuli) <= MOST_STIMULI:
        yield Fault(
            part="stimuli",
            what=f"there are {len(pack.stimuli)}",
            todo=f"A session has {FEWEST} to {MOST_STIMULI} passages.",
        )
    for role, named in (("story", "a story"), ("counter_voice", "a voice from outside")):
        if role not in {s.role for s in pack.stimuli}:
            yield Fault(part="stimuli", what=f"{named} is missing", todo="Swap a passage.")
    if len({s.passage for s in pack.stimuli}) < len(pack.stimuli):
        yield Fault(part="stimuli", what="a passage stands twice", todo="Swap one of them.")
    kinds = {q.kind for s in pack.stimuli for q in s.questions if q.text.strip()}
    for kind in QUESTION_KINDS:
        if kind not in kinds:
            yield Fault(part="stimuli", what=f"no question of the kind {kind}", todo="Add one.")
    on: Fitting | None = None
    try:
        on = fitting(pack.brief, subject_of(pack.brief, corpus), corpus, output)
    except NoPack as e:
        yield Fault(part="brief", what=str(e).rstrip("."), todo="Choose another theme.")
    for number, stimulus in enumerate(pack.stimuli, 1):
        yield from _stimulus(f"stimulus {number}", stimulus, pack, corpus, on)


def _stimulus(part: str, given: Stimulus, pack: Pack, corpus: Corpus, on: Fitting | None) -> Iterator[Fault]:
    passage = corpus.passages.get(given.passage)
    if passage is None:
        yield Fault(
            part=part, what=f"the corpus has no passage {given.passage}", todo="Swap it for another one."
        )
        return
    for line in given.lines:
        held = corpus.statements.get(line.statement)
        if held is None or held.passage != passage.id:
            yield Fault(part=part, what=f"{line.statement} is not in {passage.id}", todo="Swap the passage.")
        elif held.text != line.text:
            yield Fault(
                part=part,
                what=f"the words of {line.statement} are not those of the corpus",
                todo="Restore them, or swap the passage; what people said is not edited.",
            )
    if on is not None and (reason := unfit(passage, on)):
        yield Fault(part=part, what=f"it is not for ages {pack.brief.age}: {reason}", todo="Swap it.")
    if pack.brief.age == "14-15" and any(frightening(line.text) for line in given.lines):
        yield Fault(part=part, what="violence is named in it", todo="Swap it for a gentler passage.")
    source = corpus.sources[passage.source]
    if given.standing != source.standing:
        yield Fault(part=part, what=f"its source is {source.standing} now", todo="Swap it, or make it anew.")
    if source.standing != "good" and not any(
        source.standing_note[:20] in n or "account" in n for n in given.notes
    ):
        yield Fault(
            part=part, what=f"its source is {source.standing} and no note says so", todo="Add the note."
        )
    if source.url not in given.citation:
        yield Fault(part=part, what="its citation does not lead to its source", todo="Make the pack anew.")
    if not given.title.strip() or not given.voice.strip():
        yield Fault(part=part, what="it does not say whose word it is", todo="Say who speaks.")


def _people(pack: Pack, corpus: Corpus) -> Iterator[Fault]:
    """Everybody who speaks stands in the brief, and a legal status is told where the passage is read."""
    noted = {s.person: s for s in pack.facilitator_brief.speakers}
    for number, given in enumerate(pack.stimuli, 1):
        for name in _passage_people(corpus.passages.get(given.passage), corpus):
            person = corpus.persons[name]
            if name not in noted:
                yield Fault(
                    part="facilitator_brief", what=f"{person.name} is not in it", todo="Make the notes anew."
                )
            status = person.legal_status
            if status is None or status.status in UNTOLD:
                continue
            if not any(status.text in note and status.as_of in note for note in given.notes):
                yield Fault(
                    part=f"stimulus {number}",
                    what=f"the legal status of {person.name} ({status.status}, {status.as_of}) is not told",
                    todo="Add it to the notes that are read with the passage.",
                )


def _passage_people(passage: Passage | None, corpus: Corpus) -> list[str]:
    return [p for p in passage.people if p in corpus.persons] if passage else []


def _warnings(pack: Pack, corpus: Corpus) -> Iterator[Fault]:
    told = {w.kind for w in pack.content_warnings if w.text.strip()}
    passages = [corpus.passages[s.passage] for s in pack.stimuli if s.passage in corpus.passages]
    for flag in dict.fromkeys(f for p in passages for f in p.flags):
        if flag not in told:
            yield Fault(part="content_warnings", what=f"no warning of the kind {flag}", todo="Add it.")
    if not told:
        yield Fault(part="content_warnings", what="there is none", todo="Add one.")


def _handout(pack: Pack) -> Iterator[Fault]:
    page = pack.handout
    read = {line.statement: line.text for s in pack.stimuli for line in s.lines}
    shown = [line for p in page.passages for line in p.lines]
    if not shown or not page.questions or not page.help or not page.content_note.strip():
        yield Fault(
            part="handout", what="passages, questions, content note or help are missing", todo="Make it anew."
        )
    if any(read.get(line.statement) != line.text for line in shown):
        yield Fault(part="handout", what="it has words that no passage of the pack has", todo="Make it anew.")
    words = " ".join([page.title, page.content_note, *page.questions, *(line.text for line in shown)]).split()
    if len(words) > MOST_WORDS_HANDOUT:
        yield Fault(
            part="handout",
            what=f"its {len(words)} words do not fit on one page in large print",
            todo=f"Shorten it to {MOST_WORDS_HANDOUT}.",
        )


def _help(pack: Pack, corpus: Corpus, today: dt.date) -> Iterator[Fault]:
    """Every row is as the corpus has it and was checked lately; nothing else stands in the box."""
    held = {s.id: s for s in corpus.support.services}
    box = pack.support_box
    if not box.services or not box.emergency.strip():
        yield Fault(part="support_box", what="it names no service or no emergency", todo="Make it anew.")
    if box.country != pack.brief.country:
        yield Fault(part="support_box", what="it is for another country", todo="Make the pack anew.")
    for given in box.services:
        if given.service == DIRECTORY:
            current = directory(corpus.support)
        elif given.service in held:
            service = held[given.service]
            current = row(service)
            if not service.shown_on(today):
                yield Fault(
                    part="support_box",
                    what=f"{given.name} was not checked in the last 180 days",
                    todo="Take it out, or have it checked.",
                )
            if service.country != pack.brief.country:
                yield Fault(
                    part="support_box", what=f"{given.name} is not in this country", todo="Take it out."
                )
        else:
            yield Fault(
                part="support_box", what=f"{given.service} is not in corpus/support.yaml", todo="Take it out."
            )
            continue
        if given != current:
            yield Fault(
                part="support_box",
                what=f"{given.name} is not as corpus/support.yaml has it",
                todo="Make the pack anew.",
            )


def _words(pack: Pack, output: OutputGuard) -> Iterator[Fault]:
    """The check of what may leave, over everything that a reader sees."""
    statements = {line.text for s in pack.stimuli for line in s.lines}
    for part, text in _texts(pack.model_dump(mode="json"), ""):
        found = output.check_statement(text) if text in statements else output.check_text(text)
        for rule in dict.fromkeys(f.rule for f in found):
            reason = next(f.reason for f in found if f.rule == rule)
            yield Fault(
                part=part,
                what=f"“{text[:60]}” breaks the rule '{rule}'",
                todo=f"{reason} Change the words.",
            )


# What a program reads and no reader sees, and what is a record of the corpus that its own linter reads.
UNSEEN = ("format", "brief", "corpus_version", "date", "schedule")
CARDS = (
    "source",
    "person",
    "service",
    "statement",
    "passage",
    "kind",
    "role",
    "standing",
    "country",
    "as_of",
    "rights",
    "citation",
    "contradictions",
)


def _texts(value: object, part: str) -> Iterator[tuple[str, str]]:
    match value:
        case str() if value.strip():
            yield part, value
        case dict():
            for key, inner in value.items():
                if (
                    key in CARDS
                    or (not part and key in UNSEEN)
                    or (part, key) == ("facilitator_brief", "sources")
                ):
                    continue
                yield from _texts(inner, f"{part}, {key}" if part else str(key))
        case list():
            for inner in value:
                yield from _texts(inner, part)
