"""A pack from a brief: choose what is read, give every part its words and minutes, and say what the corpus lacks.

The same brief, corpus and day give the same pack. A question is screened and weighed as on the page: what the page
would decline, meet with help, or not answer makes no pack.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.answer import cite
from rag.corpus import Corpus
from rag.guard.output import OutputGuard
from rag.guard.place import country_name
from rag.model import Outcome, Passage
from rag.pack.choose import Chosen, Fitting, choose
from rag.pack.help import support_box
from rag.pack.model import (
    Aims,
    Brief,
    Evaluation,
    FacilitatorBrief,
    Handout,
    Licence,
    NoPack,
    Pack,
    Quoted,
    Section,
    Stimulus,
    Warned,
)
from rag.pack.passage import glossary, on_paper, source_note, speakers, stimulus
from rag.pack.themes import Theme, curriculum, fixed, theme, themes
from rag.pack.times import schedule, stimuli_wanted

if TYPE_CHECKING:
    from rag.assistant import Assistant

MADE_BY = "Exit Voices, planned from the corpus by rule; no language model"
FEWEST = 2  # a story and a voice from outside
MOST_TERMS = 8
ON_PAPER = 130  # words of passages on the handout, which is one page in large print
SEARCHED = 40
CITED, FOUND, NEAR = (
    5.0,
    3.0,
    0.5,
)  # weight of a passage that answers a question, of the best found, least share of it


def make(assistant: Assistant, brief: Brief, today: dt.date) -> Pack:
    """The pack for a brief. Raises NoPack with the reason where there is none."""
    if brief.question is None:
        return plan(brief, assistant.corpus, assistant.output, today)
    answer = assistant.answer(brief.question)
    if answer.outcome in (Outcome.DECLINED, Outcome.SUPPORTED):
        raise NoPack(answer.text)
    if answer.outcome is Outcome.ABSTAINED:
        raise NoPack(f"{answer.text} A session needs passages that speak of it; choose a theme instead.")
    hits = assistant.search(brief.question, SEARCHED)
    top = max((h.score for h in hits), default=1.0) or 1.0
    near = {h.passage.id: FOUND * h.score / top for h in hits if h.score >= NEAR * top}
    near |= {c.passage: CITED for c in answer.citations}
    return plan(brief, assistant.corpus, assistant.output, today, near)


def plan(
    brief: Brief,
    corpus: Corpus,
    output: OutputGuard,
    today: dt.date,
    near: Mapping[str, float] | None = None,
) -> Pack:
    """The pack for a brief; `near` weighs passages by id where the brief is a question. Raises NoPack."""
    subject = subject_of(brief, corpus, near)
    on = fitting(brief, subject, corpus, output, near)
    wanted = stimuli_wanted(brief.minutes)
    chosen = choose(on, wanted)
    _refuse_too_few(chosen, brief, subject)
    stimuli = tuple(stimulus(c.passage, c.role, on, today) for c in chosen)
    words = fixed()
    said = _filled(brief, subject)
    links = curriculum()
    if brief.curriculum is not None and brief.curriculum not in links:
        raise NoPack(f"There is no curriculum hook '{brief.curriculum}'; there are {', '.join(links)}.")
    adults = brief.age == "18+"
    box = support_box(corpus.support, brief.country, brief.age, today)
    warm_up = Section(title=words["warm_up"]["title"], steps=said(words["warm_up"]["steps"]))
    base = Pack(
        title=subject.title,
        brief=brief,
        adults_only=adults,
        aims=Aims(**{name: said([text])[0] for name, text in words["aims"].items()}),
        curriculum_links=tuple(
            f"{links[c].title}: {links[c].link}" for c in ([brief.curriculum] if brief.curriculum else [])
        ),
        facilitator_brief=FacilitatorBrief(sources=(), limits=()),
        before_you_start=tuple(words["before_you_start_adults" if adults else "before_you_start"]),
        content_warnings=(),
        ground_rules=tuple(words["ground_rules"]),
        schedule=schedule(brief.minutes, len(stimuli)),
        opening=Section(title=words["opening"]["title"], steps=said(words["opening"]["steps"])),
        warm_up=warm_up,
        stimuli=stimuli,
        stimulus_steps=tuple(words["stimulus_steps"]),
        activity=_section(words["activity"][subject.activity], said),
        tolerance_task=_section(words["tolerance_task"], said),
        debrief=_section(words["debrief"], said),
        support_box=box,
        follow_up=tuple(words["follow_up"]),
        evaluation=Evaluation(**{k: tuple(v) for k, v in words["evaluation"].items()}),
        handout=Handout(title=subject.title, content_note="", passages=(), questions=(), help=()),
        balance="",
        licence=Licence(text=words["licence"].strip(), quoted=()),
        corpus_version=corpus.version,
        generated_by=MADE_BY,
        date=today,
    )
    return rested(base, corpus, today)


def rested(pack: Pack, corpus: Corpus, today: dt.date) -> Pack:
    """The pack with every part that rests on its stimuli made anew; words that a person may have changed stay."""
    passages = [corpus.passages[s.passage] for s in pack.stimuli]
    words = fixed()
    read = " ".join(line.text for s in pack.stimuli for line in s.lines)
    people = {s.person: s for p in passages for s in speakers(p, corpus, today)}
    cards = {p.source: source_note(p, corpus) for p in passages}
    limits = (words["limits"]["purpose"], words["limits"]["own_account"])
    warned = content_warnings(passages)
    return pack.model_copy(
        update={
            "facilitator_brief": FacilitatorBrief(
                speakers=tuple(people.values()),
                sources=tuple(cards.values()),
                glossary=glossary(read, corpus)[:MOST_TERMS],
                limits=limits,
            ),
            "content_warnings": warned,
            "missing": missing(pack, passages, corpus),
            "balance": balance(passages, corpus),
            "handout": handout(pack, warned, corpus, today),
            "licence": Licence(
                text=pack.licence.text,
                quoted=tuple(
                    Quoted(
                        source=corpus.sources[name].title,
                        words=sum(
                            len(line.text.split())
                            for s in pack.stimuli
                            if s.passage.partition("/")[0] == name
                            for line in s.lines
                        ),
                        rights=corpus.sources[name].rights,
                    )
                    for name in cards
                ),
            ),
            "corpus_version": corpus.version,
        }
    )


def fitting(
    brief: Brief, subject: Theme, corpus: Corpus, output: OutputGuard, near: Mapping[str, float] | None = None
) -> Fitting:
    """What choosing rests on, for a brief."""
    held = near

    def match(passage: Passage) -> float:
        return subject.match(passage, corpus) if held is None else held.get(passage.id, 0.0)

    return Fitting(corpus, output, brief.age, brief.level, match, subject.source_criticism)


def subject_of(brief: Brief, corpus: Corpus, near: Mapping[str, float] | None = None) -> Theme:
    """The theme of a brief; for a question, one that has its words and the task of the theme that lies nearest."""
    if brief.theme is not None:
        return theme(brief.theme, corpus)
    weigh = near or {}
    known = list(themes().values())

    def shared(t: Theme) -> float:
        return sum(w * t.match(corpus.passages[p], corpus) for p, w in weigh.items() if p in corpus.passages)

    plain = [t for t in known if not t.source_criticism]
    like = max(plain, key=shared)
    asked = " ".join((brief.question or "").split())
    return like.model_copy(update={"id": "question", "title": asked, "about": f"the question “{asked}”"})


def content_warnings(passages: Sequence[Passage]) -> tuple[Warned, ...]:
    """A warning for each flag that a passage carries, and one that every session needs."""
    words = fixed()["warnings"]
    flags = dict.fromkeys(f for p in passages for f in p.flags)
    return (
        Warned(kind="group", text=words["group"]),
        *(Warned(kind=f, text=words[f]) for f in flags),
    )


def missing(pack: Pack, passages: Sequence[Passage], corpus: Corpus) -> tuple[str, ...]:
    """What the corpus could not give for this session, in sentences for the facilitator."""
    words = fixed()["missing"]
    told = [words["untold"]]
    voices = {corpus.persons[q].voice for p in passages for q in p.people if q in corpus.persons}
    if "family" not in voices and not any(p.type == "family_or_victim" for p in passages):
        told.append(words["relative"])
    families = {m for p in passages for m in corpus.movements_of(p)}
    if len(families) == 1:
        told.append(words["one_group"].format(families=_movement(next(iter(families)), corpus)))
    wanted = stimuli_wanted(pack.brief.minutes)
    if len(passages) < wanted:
        told.append(words["fewer"].format(count=len(passages), wanted=wanted))
    rows = [s for s in pack.support_box.services if s.service != "directory"]
    if pack.brief.country is None:
        told.append(words["no_country"])
    elif not rows:
        told.append(words["country"].format(country=country_name(pack.brief.country, "en")))
    return tuple(told)


def balance(passages: Sequence[Passage], corpus: Corpus) -> str:
    """How many passages are about which movements, and whose voices they are: testimony is not prevalence."""
    counted = Counter(m for p in passages for m in corpus.movements_of(p))
    ordered = sorted(counted.items(), key=lambda x: (-x[1], x[0]))
    parts = ", ".join(f"{_movement(m, corpus)} {n}" for m, n in ordered)
    voices = cite.voices_notice(passages, corpus)
    told = f"Movements that the passages are about: {parts}." if parts else ""
    return " ".join(t for t in (told, voices.text if voices else "") if t) or (
        "Nobody who was inside speaks here for themselves."
    )


def handout(pack: Pack, warned: Sequence[Warned], corpus: Corpus, today: dt.date) -> Handout:
    """One page in large print: the passages cut to what fits, a question of each kind, and where to turn."""
    share = ON_PAPER // max(len(pack.stimuli), 1)
    kinds = ("comprehension", "source_criticism", "alternatives")
    picked = [
        next(q.text for q in s.questions if q.kind == kind)
        for s, kind in zip(_around(pack.stimuli, len(kinds)), kinds, strict=True)
        if any(q.kind == kind for q in s.questions)
    ]
    box = pack.support_box
    rows = [r for r in box.services if r.service != "directory"][:2] or list(box.services[:1])
    return Handout(
        title=pack.title,
        content_note=warned[0].text,
        passages=tuple(on_paper(s, share, corpus, today) for s in pack.stimuli),
        questions=tuple(dict.fromkeys(picked)),
        help=(box.text, *(f"{r.name}: {r.reach}" for r in rows), box.emergency),
    )


def _around(stimuli: Sequence[Stimulus], count: int) -> list[Stimulus]:
    return [stimuli[n % len(stimuli)] for n in range(count)]


def _refuse_too_few(chosen: Sequence[Chosen], brief: Brief, subject: Theme) -> None:
    roles = {c.role for c in chosen}
    if len(chosen) >= FEWEST and roles == {"story", "counter_voice"}:
        return
    lacks = (
        "a story of somebody who was inside"
        if "story" not in roles
        else "a voice from outside, such as a relative, somebody harmed or a researcher"
    )
    older = " For an older group there may be more." if brief.age != "18+" else ""
    raise NoPack(
        f"The corpus does not hold enough for a session on “{subject.title}” for ages {brief.age}: it lacks {lacks} "
        f"that fits this age.{older} Choose another theme or age, or use single passages with your own questions."
    )


def _filled(brief: Brief, subject: Theme) -> Any:
    learners = fixed()["learners"][brief.age]
    group = 4 if brief.group_size >= 8 else 2 if brief.group_size < 6 else 3
    held = {
        "learners": learners,
        "Learners": learners.capitalize(),
        "about": subject.about,
        "line1": subject.line[0],
        "line2": subject.line[1],
        "group": group,
        "groups": math.ceil(brief.group_size / group),
    }
    return lambda texts: tuple(text.format(**held) for text in texts)


def _section(words: Mapping[str, Any], said: Any) -> Section:
    return Section(title=words["title"], steps=said(words["steps"]))


def _movement(name: str, corpus: Corpus) -> str:
    return next((t.label for t in corpus.taxonomy.movements if t.id == name), name)
