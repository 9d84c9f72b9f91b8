"""An answer in a model's words: every sentence is checked before it is shown, and whatever breaks, nothing is.

Sentences are passed on as they pass the check. One that fails is asked for once more after the rest; if it fails
again it is dropped. When the first sentence or more than half of them fall, or anything goes wrong with the model,
`Finished.trouble` says so and the caller shows the quoted answer instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple, Protocol

from rag.answer.write import cache
from rag.answer.write.given import Given
from rag.answer.write.parse import Draft, Parser, RanAway
from rag.answer.write.prompt import Style, prompt_hash, schema, to_repair, to_write
from rag.answer.write.purse import Account, BudgetSpent, Purse
from rag.chat import Chat, ChatFailed, Message
from rag.corpus import Corpus
from rag.model import Sentence, Writing
from rag.settings import Settings

ENDS = (".", "!", "?", "…", '"', "”", "’", ")", "»", "。", "؟")
LONGEST_SENTENCE = 90  # words
REPAIR_NEEDS = 1.0  # seconds that must be left to ask once more


class Verdict(Protocol):
    """What a check of a sentence found; `kind` names what is wrong with it."""

    @property
    def passed(self) -> bool: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def detail(self) -> str: ...
    @property
    def support(self) -> float: ...


class Verifier(Protocol):
    """Whether the statements that a sentence cites say it, and say whose word it is; `speaker` is a person's id."""

    def check(
        self, sentence: str, cited: Sequence[str], given: Collection[str], speaker: str | None = None
    ) -> Verdict: ...


class Task(NamedTuple):
    """What to write: `corpus_version` and `question` are part of what a kept answer is known by."""

    question: str
    parts: tuple[str, ...]
    given: Given
    style: Style
    corpus_version: str


class Passed(NamedTuple):
    sentence: Sentence


class Beat(NamedTuple):
    """Nothing new; the caller gets control back."""


class Finished(NamedTuple):
    sentences: tuple[Sentence, ...]
    writing: Writing
    verdicts: tuple[dict[str, Any], ...]
    trouble: str | None


Step = Passed | Beat | Finished


class Checked(NamedTuple):
    draft: Draft
    cited: tuple[str, ...]
    kind: str | None
    detail: str
    support: float

    @property
    def sentence(self) -> Sentence:
        return Sentence(text=self.draft.text, citations=self.cited)

    @property
    def told(self) -> dict[str, Any]:
        """For the trace. The words of a sentence that failed are not in it: traces are shown too."""
        shown = {"sentence": self.draft.text} if self.kind is None else {}
        return {
            "passed": self.kind is None, "kind": self.kind, "support": round(self.support, 3),
            "cited": list(self.cited), "speaker": self.draft.speaker if self.kind is None else None, **shown,
        }  # fmt: skip


class Writer:
    """Writes answers with one model. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        corpus: Corpus,
        chat: Chat,
        verifier: Verifier,
        objections: Callable[[Sentence], Sequence[str]],
        purse: Purse,
        may_keep: Callable[[], bool] = lambda: True,
    ) -> None:
        """`objections` are the rules of the output guard that a sentence breaks; `may_keep` says whether answers may
        be kept now (not when the corpus has changed under a running page)."""
        self._settings = settings
        self._corpus = corpus
        self._chat = chat
        self.verifier = verifier
        self._objections = objections
        self._purse = purse
        self._kept = cache.Written(settings.data_dir)
        self._may_keep = may_keep

    @property
    def model(self) -> str:
        return self._chat.model

    def account(self) -> Account:
        return Account(self._chat, self._purse)

    def write(self, task: Task, account: Account, until: float) -> Iterator[Step]:
        """The sentences that pass, then Finished. Never raises for what a model or an endpoint does."""
        name = self._key(task)
        known = self._recalled(name, task)
        if known is not None:
            for checked in known:
                yield Passed(checked.sentence)
            yield self._finished(_Work(passed=known, all=len(known)), account, None, cached=True)
            return
        work = _Work()
        trouble: str | None = None
        try:
            yield from self._first(task, work, account, until)
            yield from self._repair(task, work, account, until)
            trouble = work.verdict
        except ChatFailed as e:
            trouble = str(e)
        except BudgetSpent:
            trouble = "The budget for the language model is spent."
        except RanAway:
            trouble = "The model's reply had no end."
        finished = self._finished(work, account, trouble)
        if finished.trouble is None and self._may_keep():
            self._kept.put(name, [c.draft._replace(refs=c.cited) for c in work.passed])
        yield finished

    def _first(self, task: Task, work: _Work, account: Account, until: float) -> Iterator[Step]:
        def messages(with_schema: bool) -> list[Message]:
            work.sent = to_write(task.question, task.parts, task.given, task.style, schema=with_schema)
            return work.sent

        with closing(self._drafts(messages, task, account, until)) as drafts:
            for draft in drafts:
                if draft is None:
                    yield Beat()
                    continue
                checked = self._check(draft, task.given)
                if any(p.sentence.text == checked.sentence.text for p in work.passed):
                    continue  # a model that goes round in circles says nothing new
                work.all += 1
                work.seen.append(checked)
                if checked.kind is None:
                    work.passed.append(checked)
                    if not work.lead_failed:
                        yield Passed(checked.sentence)
                else:
                    work.failed.append(checked)
                    work.lead_failed |= work.all == 1
                if work.all == task.style.most:
                    return

    def _repair(self, task: Task, work: _Work, account: Account, until: float) -> Iterator[Step]:
        """One more try for the sentences that failed; those that pass now come after the others, the first first."""
        if not work.failed or until - time.monotonic() < REPAIR_NEEDS:
            return
        wanted = [(", ".join(c.draft.refs), c.draft.text, c.detail or str(c.kind)) for c in work.failed]

        def messages(with_schema: bool) -> list[Message]:
            sent = to_write(task.question, task.parts, task.given, task.style, schema=with_schema)
            return to_repair(sent, wanted, schema=with_schema)

        again: list[Checked] = []
        try:
            with closing(self._drafts(messages, task, account, until)) as drafts:
                for draft in drafts:
                    if draft is None:
                        yield Beat()
                        continue
                    again.append(self._check(draft, task.given))
                    if len(again) == len(work.failed):
                        break
        except (ChatFailed, BudgetSpent, RanAway):
            return  # what could not be repaired is dropped, as if it had failed again
        work.seen += again
        shown = {p.sentence.text for p in work.passed}
        good = [c for c in again if c.kind is None and c.sentence.text not in shown]
        work.repaired = len(good)
        if work.lead_failed and again and again[0].kind is None:
            work.lead_failed = False
            work.passed = [*good[:1], *work.passed, *good[1:]]
            yield from (Passed(c.sentence) for c in work.passed)
        else:
            work.passed += good
            if not work.lead_failed:
                yield from (Passed(c.sentence) for c in good)

    def _drafts(
        self, messages: Callable[[bool], list[Message]], task: Task, account: Account, until: float
    ) -> Generator[Draft | None, None, None]:
        """The sentences of one reply as they are complete; None when there is nothing new for a moment."""
        # Servers of one's own make a grammar of a schema at once; OpenAI takes seconds for each that it has not seen.
        refs = tuple(task.given.by_ref) if self._settings.write_url else None
        parser = Parser()
        most = self._settings.write_max_tokens
        with account.ask(messages, schema=schema(refs), most=most, until=until) as reply:
            pieces = iter(reply)
            for piece in pieces:
                if not piece:
                    yield None
                yield from parser.feed(piece)
            last, whole = parser.end(cut=reply.cut)
            if reply.with_schema and not parser.json and self._chat.takes_schema:
                self._chat.refuse("schema")  # taken and not honoured: plain lines from the next call on
            yield from last
            if not whole:
                raise ChatFailed("broken", "The model's reply broke off.")

    def _check(self, draft: Draft, given: Given) -> Checked:
        """A draft with what is wrong with it; whatever fails while it is checked, the sentence fails."""
        draft = draft._replace(text=given.cleaned(draft.text))
        known = [given.by_ref[r] for r in draft.refs if r in given.by_ref]
        cited = tuple(dict.fromkeys(s.id for s in known))
        wrong = _form(draft, len(known))
        if wrong:
            return Checked(draft, cited, *wrong, 0.0)
        return self._judged(draft, cited, given)

    def _judged(self, draft: Draft, cited: tuple[str, ...], given: Given) -> Checked:
        try:
            speaker = given.whose(draft.speaker, cited, self._corpus)
        except ValueError:
            return Checked(draft, cited, "attribution", "it names a speaker whom nobody knows", 0.0)
        try:
            verdict = self.verifier.check(draft.text, cited, given.ids, speaker)
            objections = self._objections(Sentence(text=draft.text, citations=cited))
        except Exception as e:  # fails closed: a check that breaks has not passed
            return Checked(draft, cited, "check_failed", type(e).__name__, 0.0)
        if not verdict.passed:
            return Checked(draft, cited, verdict.kind or "unsupported", verdict.detail, verdict.support)
        if objections:
            return Checked(draft, cited, f"rule_{objections[0]}", "it may not be shown", verdict.support)
        return Checked(draft, cited, None, "", verdict.support)

    def _key(self, task: Task) -> str:
        settings = self._settings
        return cache.key(
            task.corpus_version, prompt_hash(), self.model, settings.write_url, settings.write_responses,
            settings.write_max_tokens, task.question, task.parts, task.style.model_dump_json(), task.given.key,
        )  # fmt: skip

    def _recalled(self, name: str, task: Task) -> list[Checked] | None:
        """A kept answer all of whose sentences still pass."""
        held = self._kept.get(name)
        if not held:
            return None
        ids = task.given.ids
        checked = [self._judged(d, d.refs, task.given) for d in held if d.refs and set(d.refs) <= ids]
        return checked if len(checked) == len(held) and all(c.kind is None for c in checked) else None

    def _finished(
        self, work: _Work, account: Account, trouble: str | None, *, cached: bool = False
    ) -> Finished:
        writing = Writing(
            model=self.model, prompt=prompt_hash(), tokens_in=account.usage.tokens_in,
            tokens_out=account.usage.tokens_out, estimated=account.usage.estimated, cost=account.cost,
            cached=cached, written=work.all, repaired=work.repaired, dropped=work.dropped, fell_back=trouble,
        )  # fmt: skip
        return Finished(
            tuple(c.sentence for c in work.passed), writing, tuple(c.told for c in work.seen), trouble
        )


class _Work:
    """What has come of one answer so far."""

    def __init__(self, passed: list[Checked] | None = None, all: int = 0) -> None:
        self.passed: list[Checked] = passed or []
        self.failed: list[Checked] = []
        self.seen: list[Checked] = list(self.passed)
        self.sent: list[Message] = []
        self.all = all
        self.repaired = 0
        self.lead_failed = False

    @property
    def dropped(self) -> int:
        return len(self.failed) - self.repaired

    @property
    def verdict(self) -> str | None:
        """Why what is left is no answer; None where it is one."""
        if not self.all:
            return "The model wrote nothing that could be checked."
        if self.lead_failed:
            return "The model's first sentence does not rest on the testimony."
        if 2 * self.dropped > self.all:
            return "Most of what the model wrote does not rest on the testimony."
        return None


def _form(draft: Draft, known: int) -> tuple[str, str] | None:
    """What is wrong with a sentence before its content is looked at."""
    if not draft.refs:
        return "uncited", "it names no statement"
    if known < len(draft.refs):
        return "unknown_id", "it names a statement that was not given"
    if not draft.text.endswith(ENDS) or len(draft.text.split()) > LONGEST_SENTENCE:
        return "not_a_sentence", "it is not one whole sentence"
    if set("[]{}|<>") & set(draft.text):
        return "markup", "it holds signs that are no part of a sentence"
    return None
