"""Citations and the notices that travel with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from rag.answer.identity import links
from rag.corpus import Corpus
from rag.corpus.read import TOLD_BY_PEOPLE
from rag.model import Citation, Notice, Passage, Person, Sentence, Source

STALE_MONTHS = 24
FLAG_WORDS = {
    "graphic": "violence",
    "suicide": "suicide",
    "sexual_violence": "sexual violence",
    "minor": "children in an armed group",
}


def citations(sentences: Sequence[Sentence], corpus: Corpus) -> tuple[Citation, ...]:
    """One citation for each statement, numbered in the order in which the answer uses them."""
    used = dict.fromkeys(s for sentence in sentences for s in sentence.citations)
    return tuple(_citation(n, statement, corpus) for n, statement in enumerate(used, 1))


def _citation(n: int, statement: str, corpus: Corpus) -> Citation:
    passage = corpus.passage_of(statement)
    source = corpus.sources[passage.source]
    return Citation(
        n=n,
        statement=statement,
        passage=passage.id,
        source=source.id,
        person=", ".join(corpus.persons[p].name for p in passage.people if p in corpus.persons) or None,
        locator=str(passage.locator),
        quote=corpus.statements[statement].text,
        title=source.title,
        publisher=source.publisher,
        date=source.published,
        url=source.url,
    )


def notices(
    cited: Sequence[Passage],
    corpus: Corpus,
    today: dt.date,
    asked_about: Sequence[str] = (),
    nearby: Sequence[Passage] = (),
) -> tuple[Notice, ...]:
    """What a reader must know beside the answer: content, standing, legal status, later events, whose voices.

    `asked_about` are ids of people whom the question names: their legal status, that an account of theirs was
    withdrawn, and whom else they may be, is told even where nothing is cited.
    `nearby` are passages of which something is shown though the answer does not rest on them.
    """
    found: list[Notice] = []
    passages = list(dict.fromkeys([*cited, *nearby]))
    flags = dict.fromkeys(FLAG_WORDS[f] for p in passages for f in p.flags if f in FLAG_WORDS)
    if flags:
        found.append(Notice(kind="content", text=f"This answer speaks of {listed(list(flags))}."))
    for source in dict.fromkeys(
        [*(corpus.sources[p.source] for p in passages), *_withdrawn(asked_about, corpus)]
    ):
        if source.standing != "good":
            found.append(Notice(kind="standing", text=_standing(source)))
    found += basis_notices([corpus.sources[p.source] for p in passages])
    people = list(dict.fromkeys(p for passage in passages for p in passage.people if p in corpus.persons))
    for person in (corpus.persons[p] for p in dict.fromkeys([*people, *asked_about]) if p in corpus.persons):
        found += legal_notice(person, today)
    found += [Notice(kind="identity", text=text) for text in links([*people, *asked_about], corpus)]
    for note in dict.fromkeys((p.source, n.date, n.note) for p in passages for n in corpus.notes_of(p)):
        found.append(Notice(kind="note", text=f"Editorial note ({note[1]}): {note[2]}"))
    voices = voices_notice(cited, corpus)
    return tuple([*found, voices] if voices else found)


def _withdrawn(people: Sequence[str], corpus: Corpus) -> list[Source]:
    """Retracted sources in which these people tell something or are told of."""
    passages = (corpus.passages[p] for person in people for p in corpus.by_person.get(person, ()))
    return [s for s in dict.fromkeys(corpus.sources[p.source] for p in passages) if s.standing == "retracted"]


def _standing(source: Source) -> str:
    word = source.standing.capitalize()
    note = source.standing_note
    return note if note.startswith(word) else f"{word}: {note}".strip()


def basis_notices(sources: Iterable[Source]) -> list[Notice]:
    """Which of the sources are known only from a summary."""
    return [
        Notice(
            kind="basis",
            text=f"“{source.title}” is told from a summary; the original was not read in full.",
        )
        for source in dict.fromkeys(s for s in sources if s.basis == "digest")
    ]


def legal_notice(person: Person, today: dt.date) -> list[Notice]:
    status = person.legal_status
    if status is None or status.status in ("unknown", "not_charged"):
        return []
    text = f"{status.text} (As of {status.as_of}"
    if status.status in ("accused", "on_trial") and _months(status.as_of, today) > STALE_MONTHS:
        text += f"; not checked for more than {STALE_MONTHS} months"
    return [Notice(kind="legal_status", text=f"{text}.)")]


def voices_notice(passages: Sequence[Passage], corpus: Corpus) -> Notice | None:
    """How many people speak in the cited passages and of which groups: testimony is not prevalence.

    Where other passages stand beside theirs, it says so, since their groups are not those of the whole answer.
    """
    speakers = dict.fromkeys(
        p
        for passage in passages
        if passage.type in TOLD_BY_PEOPLE
        for p in passage.people
        if p in corpus.persons and corpus.persons[p].voice in ("insider", "family", "mentioned")
    )
    if not speakers:
        return None
    groups = list(dict.fromkeys(g for s in speakers for g in corpus.persons[s].group))
    among = f" of the {len(corpus.tellers)}" if corpus.tellers.issuperset(speakers) else ""
    people = "people" if among or len(speakers) > 1 else "person"
    count = f"{len(speakers)}{among} {people} whose own testimony stands in this corpus"
    beside = any(passage.type not in TOLD_BY_PEOPLE for passage in passages)
    every = all(corpus.persons[s].group for s in speakers)
    kin = "of" if every else "some of"
    of = f", {kin} {listed(groups)}" if groups else ""
    if len(groups) == 1 and every and not beside:
        of = f", all {groups[0]}"
    others = ", and on what others report" if beside else ""
    return Notice(
        kind="representativeness",
        text=f"This rests on {count}{of}{others}; it does not say how common it is.",
    )


def listed(words: Iterable[str]) -> str:
    """ "a, b and c". Raises ValueError where there are no words."""
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last


def _months(since: str, today: dt.date) -> int:
    year, month = int(since[:4]), int(since[5:7]) if len(since) >= 7 else 12
    return (today.year - year) * 12 + today.month - month
