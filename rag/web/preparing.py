"""What the page for session packs offers and does, without drawing: the choices of its form, and changes to a pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rag.assistant import Assistant
from rag.guard.intake import BadQuestion
from rag.model import Support
from rag.pack import edit
from rag.pack.check import Fault, check, check_document
from rag.pack.export import Format, exported
from rag.pack.files import PackError, as_yaml, read
from rag.pack.help import countries
from rag.pack.layout import document
from rag.pack.model import Brief, EditRefused, NoPack, Pack
from rag.pack.plan import make
from rag.pack.themes import curriculum, themes

OWN = "question"  # the choice of a question of one's own instead of a theme


def theme_choices(own: str) -> Mapping[str, str]:
    """Themes by id with their titles, and a question of one's own at the end."""
    return {**{t.id: t.title for t in themes().values()}, OWN: own}


def curriculum_choices(none: str) -> Mapping[str, str]:
    return {"": none, **{name: c.title for name, c in curriculum().items()}}


def country_choices(support: Support, none: str, today: dt.date) -> Mapping[str, str]:
    return {"": none, **countries(support, today)}


@dataclass
class Desk:
    """A visitor's pack while it is being worked on: in memory for as long as the tab is open, and nowhere else."""

    pack: Pack | None = None
    problem: str = ""
    done: str = ""
    revision: int = 0
    faults: tuple[Fault, ...] = ()
    _exports: dict[Format, bytes] = field(default_factory=dict)

    def plan(self, assistant: Assistant, brief: Brief, today: dt.date) -> None:
        """Makes the pack of a brief; where there is none, the reason stands in `problem` and the old pack goes."""
        self._clear()
        try:
            self._set(make(assistant, brief, today), assistant, today)
        except (NoPack, BadQuestion) as e:
            self.problem = str(e)

    def open(self, text: str, name: str, assistant: Assistant, today: dt.date) -> None:
        """Opens a pack file; one that is none leaves the old pack and says what is wrong."""
        self.problem = self.done = ""
        try:
            self._set(read(text, name), assistant, today)
        except PackError as e:
            self.problem = str(e)

    def put(self, pack: Pack, assistant: Assistant, today: dt.date) -> None:
        """Takes a pack from elsewhere, such as the operator's shelf."""
        self.problem = self.done = ""
        self._set(pack, assistant, today)

    def change(self, change: Callable[[Pack], Pack], assistant: Assistant, today: dt.date) -> None:
        """Applies a change; one that is refused leaves the pack as it is and says why."""
        self.problem = self.done = ""
        if self.pack is None:
            return
        try:
            self._set(change(self.pack), assistant, today)
        except EditRefused as e:
            self.problem = str(e)
            self.revision += 1  # so that the fields show what stands

    def export(self, kind: Format, assistant: Assistant) -> bytes:
        """The pack in a format, made once for each state of the pack. Raises PackError."""
        assert self.pack is not None
        if kind not in self._exports:
            self._exports[kind] = exported(self.pack, kind, assistant.output)
        return self._exports[kind]

    def file(self) -> str:
        assert self.pack is not None
        return as_yaml(self.pack)

    def others(self, number: int, assistant: Assistant) -> Mapping[str, str]:
        """Passages that fit in place of one, by id: whose word, where, and how they begin."""
        assert self.pack is not None
        corpus = assistant.corpus
        found = {}
        for chosen in edit.alternatives(self.pack, number, corpus, assistant.output):
            passage = chosen.passage
            names = ", ".join(corpus.persons[p].name for p in passage.people[:2] if p in corpus.persons)
            who = names or corpus.sources[passage.source].title
            found[passage.id] = f"{who}: {_cut(passage.statements[0])}"
        return found

    def _set(self, pack: Pack, assistant: Assistant, today: dt.date) -> None:
        self.pack = pack
        printed = check_document(document(pack), assistant.output)
        self.faults = (*check(pack, assistant.corpus, assistant.output, today), *printed)
        self.revision += 1
        self._exports.clear()

    def _clear(self) -> None:
        self.pack = None
        self.problem = self.done = ""
        self.faults = ()
        self._exports.clear()


def _cut(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
