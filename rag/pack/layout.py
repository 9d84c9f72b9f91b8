"""A pack on paper: the order and the look of its parts, for Markdown, Word and PDF alike."""

from __future__ import annotations

from collections.abc import Iterator

from rag.export.document import (
    Block,
    Box,
    Document,
    Heading,
    Items,
    NewPage,
    Run,
    Runs,
    Table,
    labelled,
    paragraph,
    words,
)
from rag.pack import times
from rag.pack.model import HelpRow, Pack, Section, Stimulus

QUESTIONS = {
    "comprehension": "Understand",
    "perspective": "Change the view",
    "source_criticism": "Judge the source",
    "alternatives": "Other ways",
}
STANDINGS = {"good": "In good standing", "disputed": "Disputed", "retracted": "Retracted"}
LANGUAGE = {"plain": "plain language", "standard": "standard language"}
UNREVIEWED = "Not yet reviewed by a person. Read it through before you use it."


def document(pack: Pack) -> Document:
    """The pack as a document: facilitator's part, forms, and the handout on a page of its own."""
    blocks = [
        *_first_page(pack),
        *_brief(pack),
        *_session(pack),
        *_after(pack),
        *_forms(pack),
        *_handout(pack),
    ]
    return Document(
        title=f"Session pack: {pack.title}",
        subject=f"A session of {pack.brief.minutes} minutes for ages {pack.brief.age}",
        date=pack.date,
        footer=f"Exit Voices · {pack.title} · ages {pack.brief.age}",
        blocks=tuple(blocks),
    )


def _first_page(pack: Pack) -> Iterator[Block]:
    brief = pack.brief
    yield Heading(level=1, text=pack.title)
    about = [
        f"A session of {brief.minutes} minutes for ages {brief.age}",
        f"a group of about {brief.group_size}",
        LANGUAGE[brief.level],
    ]
    yield paragraph(", ".join(about) + (". For adults only." if pack.adults_only else "."), "lead")
    reviewed = f"Reviewed by {pack.reviewed_by}." if pack.reviewed_by.strip() else UNREVIEWED
    yield paragraph(
        f"Made on {pack.date.isoformat()} from corpus version {pack.corpus_version}. {reviewed}", "small"
    )
    warned = tuple(words(w.text) for w in pack.content_warnings)
    yield Box(
        blocks=(Heading(level=2, text="Content note"), Items(items=warned)),
        look="warning",
    )
    yield Heading(level=2, text="Aims")
    yield Items(
        items=(
            labelled("Know", pack.aims.cognitive),
            labelled("Feel with", pack.aims.socio_emotional),
            labelled("Do", pack.aims.behavioural),
            *(labelled("Subject", link) for link in pack.curriculum_links),
        )
    )
    yield Heading(level=2, text="The session at a glance")
    yield Table(
        caption=f"Parts of the session and their minutes, {sum(s.minutes for s in pack.schedule)} in all",
        header=("From", "Minutes", "Part", "What"),
        rows=tuple(_timeline(pack)),
        widths=(1.0, 1.2, 3.4, 6.4),
    )


def _timeline(pack: Pack) -> Iterator[tuple[str, ...]]:
    clock = 0
    for slot in pack.schedule:
        yield (f"{clock}′", str(slot.minutes), times.name(slot.part), _what(pack, slot.part))
        clock += slot.minutes


def _what(pack: Pack, part: str) -> str:
    if times.kind(part) == "stimulus":
        given = pack.stimuli[int(part.partition(" ")[2]) - 1]
        return f"{given.title}: {given.voice.lower()}"
    section: Section = getattr(pack, part)
    told = section.title.partition(": ")[2]
    return told[:1].upper() + told[1:] if told else section.steps[0].partition(". ")[0].partition(" (")[0]


def _brief(pack: Pack) -> Iterator[Block]:
    held = pack.facilitator_brief
    yield Heading(level=2, text="Before you start")
    yield Items(items=tuple(map(words, pack.before_you_start)), mark="box")
    yield Heading(level=2, text="What you should know")
    yield Items(items=tuple(map(words, held.limits)))
    if held.speakers:
        yield Heading(level=3, text="Who speaks")
    for speaker in held.speakers:
        yield paragraph((Run(text=f"{speaker.name}. ", bold=True), Run(text=speaker.about)))
        notes = (speaker.legal_status, *speaker.contradictions)
        yield Items(items=tuple(words(n) for n in notes if n))
    yield Heading(level=3, text="Where the passages come from")
    for source in held.sources:
        yield paragraph((Run(text=f"{source.title}. ", bold=True), Run(text=source.how)))
        yield paragraph(
            f"{STANDINGS[source.standing]} (as of {source.as_of}). {source.standing_note}".strip(), "small"
        )
    yield Heading(level=3, text="What this session cannot show")
    yield Items(items=tuple(map(words, (*pack.missing, pack.balance))))
    if held.glossary:
        yield Heading(level=3, text="Words")
        yield Items(items=tuple(labelled(w.term, w.meaning) for w in held.glossary))


def _session(pack: Pack) -> Iterator[Block]:
    minutes = {s.part: s.minutes for s in pack.schedule}
    yield Heading(level=2, text="The session, step by step")
    for slot in pack.schedule:
        if times.kind(slot.part) == "stimulus":
            number = int(slot.part.partition(" ")[2])
            yield from _stimulus(number, pack.stimuli[number - 1], minutes[slot.part], pack)
            continue
        section: Section = getattr(pack, slot.part)
        yield Heading(level=3, text=f"{section.title} ({slot.minutes} minutes)")
        if slot.part == "opening":
            yield Items(items=tuple(map(words, section.steps)), mark="number")
            yield Box(
                blocks=(
                    paragraph((Run(text="Ground rules", bold=True),)),
                    Items(items=tuple(map(words, pack.ground_rules))),
                )
            )
        else:
            yield Items(items=tuple(map(words, section.steps)), mark="number")


def _stimulus(number: int, given: Stimulus, minutes: int, pack: Pack) -> Iterator[Block]:
    yield Heading(level=3, text=f"Passage {number}: {given.title} ({minutes} minutes)")
    role = "A voice from outside. " if given.role == "counter_voice" else ""
    yield paragraph(f"{role}{given.voice}.", "small")
    if number == 1:
        yield Items(items=tuple(map(words, pack.stimulus_steps)))
    if given.notes:
        yield Box(
            blocks=(
                paragraph((Run(text="Read aloud first", bold=True),)),
                Items(items=tuple(map(words, given.notes))),
            ),
            look="warning",
        )
    yield paragraph(" ".join(line.text for line in given.lines), "quote")
    yield paragraph(f"{given.citation} [{given.passage}]", "small")
    yield Items(items=tuple(labelled(QUESTIONS[q.kind], q.text) for q in given.questions), mark="number")


def _after(pack: Pack) -> Iterator[Block]:
    box = pack.support_box
    yield Box(
        blocks=(
            Heading(level=2, text=box.title),
            paragraph(f"{box.text} {box.emergency}"),
            Items(items=tuple(_help(r) for r in box.services)),
            paragraph(box.local),
        ),
        look="help",
    )
    yield Heading(level=2, text="Afterwards")
    yield Items(items=tuple(map(words, pack.follow_up)))
    yield Heading(level=2, text="Sources and rights")
    yield paragraph(pack.licence.text)
    yield Items(
        items=tuple(
            words(f"{q.source}: {q.words} words are read here. {q.rights}") for q in pack.licence.quoted
        )
    )
    yield paragraph(f"{pack.generated_by}. Made on {pack.date.isoformat()}.", "small")


def _help(row: HelpRow) -> Runs:
    rest = [
        row.what,
        f"Who answers: {row.who_answers}" if row.who_answers else "",
        f"Hours: {row.hours}." if row.hours else "",
        f"Checked on {row.checked_on}." if row.checked_on else "",
    ]
    return (
        Run(text=f"{row.name}: {row.reach}. ", bold=True),
        Run(text=" ".join(r for r in rest if r)),
    )


def _forms(pack: Pack) -> Iterator[Block]:
    forms = pack.evaluation
    yield NewPage()
    yield Heading(level=2, text="Form for participants, before and after")
    yield paragraph(
        "No names. Mark one field in each row. It helps to see whether the session was worth it.", "small"
    )
    for moment in ("Before", "After"):
        yield Table(
            caption=f"{moment} the session",
            header=("", *forms.scale),
            rows=tuple((item, *([""] * len(forms.scale))) for item in forms.pupil_form),
            widths=(6.0, *([1.4] * len(forms.scale))),
            tall=True,
        )
    yield Heading(level=2, text="Log for the facilitator")
    yield Table(
        caption="Filled in within a day",
        header=("Question", "Notes"),
        rows=tuple((question, "") for question in forms.facilitator_log),
        widths=(4.0, 6.0),
        tall=True,
    )


def _handout(pack: Pack) -> Iterator[Block]:
    page = pack.handout
    yield NewPage(large=True)
    yield Heading(level=2, text=page.title)
    yield paragraph(page.content_note)
    for passage in page.passages:
        text = " ".join(line.text for line in passage.lines)
        yield paragraph(
            (
                Run(text=f"{passage.who}. ", bold=True),
                Run(text=f"{text} "),
                Run(text=passage.source, italic=True),
            )
        )
    yield Heading(level=3, text="Think about (you may pass)")
    yield Items(items=tuple(map(words, page.questions)), mark="number")
    yield Heading(level=3, text=pack.support_box.title)
    yield Items(items=tuple(map(words, page.help)))
