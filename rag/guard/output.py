"""What may leave: the last look at an answer, whoever made it, before anybody reads it.

It only takes away. A sentence without a citation that resolves, or that breaks a rule of `rag.guard.rules`, goes with
the citations that only it had; so do notices and suggestions. What went is told in the answer's trace by rule and
place, never by its words. When no sentence is left, the answer is an abstention that says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from rag.corpus import Corpus
from rag.guard.rules import Finding, Rules, reasons
from rag.model import Answer, Citation, Frozen, Notice, Outcome, Sentence

REMEMBERED = 20_000
NOTHING_LEFT = "What was found for this cannot be shown."
WHY = "The sentences that were found did not pass the check of what may be shown here."
_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?؟](?=\s|$)|(?=\n)|$)")


class Removed(Frozen):
    """One thing that was taken out of an answer: the rule, and where it stood (statement ids for a sentence)."""

    rule: str
    part: str
    at: str


class OutputGuard:
    """The check of what may leave, for one corpus. Built once; safe to share between threads."""

    def __init__(self, corpus: Corpus, *, secrets: Iterable[str] = (), fixed: Collection[str] = ()) -> None:
        """`secrets` are texts that the program was given, such as a model's prompt; no eight words of them in a row
        may leave. `fixed` are sentences of our own that may stand in a written answer without a citation.
        """
        self._corpus = corpus
        self._rules = Rules(corpus, secrets)
        # Statements, notices and titles come again and again. What a visitor typed or a model wrote is not remembered.
        self._told_of_corpus = lru_cache(REMEMBERED)(self._rules.told)
        self._shown_of_ours = lru_cache(REMEMBERED)(self._rules.shown)
        self._carried_by_corpus = lru_cache(REMEMBERED)(self._rules.carried)
        self._fixed = frozenset(fixed)

    def check(self, answer: Answer) -> Answer:
        """The answer less what may not be shown; the same object where all of it may."""
        removed: list[Removed] = []
        sentences = tuple(s for s in answer.sentences if not self._note(removed, self._sentence(s, answer)))
        notices = tuple(n for n in answer.notices if not self._note(removed, self._notice(n)))
        suggestions = tuple(
            s
            for n, s in enumerate(answer.suggestions)
            if not self._note(removed, self._shown(s, "suggestion", n))
        )
        nearby = tuple(s for s in answer.nearby if not self._note(removed, self._beside(s)))
        echoed = self._note(removed, self._carried(answer.standalone_question, "question"))
        text = self._text(answer, sentences, notices, removed)
        told = answer.outcome in (Outcome.ANSWERED, Outcome.PARTIAL)
        if told and not answer.sentences:
            removed.append(Removed(rule="uncited", part="answer", at=""))
        if not removed:
            return answer
        empty = told and not sentences
        if empty:
            notices = (*(n for n in notices if n.kind in ("language", "help")), Notice(kind="gap", text=WHY))
        return answer.model_copy(
            update={
                "outcome": Outcome.ABSTAINED if empty else answer.outcome,
                "text": NOTHING_LEFT if empty else text,
                "sentences": sentences,
                "citations": _renumbered(answer.citations, sentences),
                "notices": notices,
                "suggestions": suggestions,
                "nearby": () if empty else nearby,
                "standalone_question": "" if echoed else answer.standalone_question,
                "trace": {**answer.trace, "output": [r.model_dump() for r in removed]},
            }
        )

    def sentence(
        self, sentence: Sentence, citations: Sequence[Citation], *, quoted: bool
    ) -> tuple[Finding, ...]:
        """What speaks against showing a sentence with its citations; for answers that are shown as they come about."""
        rules: list[str] = []
        if not sentence.citations or not sentence.text.strip():
            rules.append("uncited")
        unknown = [c for c in sentence.citations if c not in self._corpus.statements]
        given = {c.statement: c for c in citations}
        if unknown or any(c not in given for c in sentence.citations):
            rules.append("unknown_citation")
        known = [given[c] for c in sentence.citations if c in given and c not in unknown]
        if any(not self._faithful(c) for c in known):
            rules.append("misquoted")
        words = {self._corpus.quotation(c.statement) for c in known}
        if quoted and known and sentence.text not in words:
            rules.append("misquoted")
        told = self._told_of_corpus if sentence.text in words else self._rules.told
        carried = [x for c in known for x in (c.title, c.publisher, c.person or "", c.locator)]
        found = [f for x in carried for f in self._carried_by_corpus(x)]
        return (
            *(Finding(r, reasons()[r]) for r in dict.fromkeys(rules)),
            *told(sentence.text),
            *found,
        )

    def check_text(self, text: str) -> tuple[Finding, ...]:
        """What speaks against showing words of ours outside an answer: suggestions, notices, help, exports."""
        return self._rules.shown(text)

    def check_statement(self, text: str) -> tuple[Finding, ...]:
        """What speaks against showing a statement: as `check_text`, and it must not speak to its reader."""
        return self._rules.told(text)

    def _faithful(self, citation: Citation) -> bool:
        """Whether a citation says what its statement says and leads to the statement's own source."""
        statement = self._corpus.statements[citation.statement]
        source = self._corpus.sources[statement.passage.partition("/")[0]]
        return (citation.quote, citation.url, citation.source, citation.passage) == (
            statement.text,
            source.url,
            source.id,
            statement.passage,
        )

    def _sentence(self, sentence: Sentence, answer: Answer) -> Iterator[Removed]:
        found = self.sentence(sentence, answer.citations, quoted=answer.mode == "quote")
        known = [c for c in sentence.citations if c in self._corpus.statements]
        return (Removed(rule=f.rule, part="sentence", at=" ".join(known)) for f in found)

    def _notice(self, notice: Notice) -> Iterator[Removed]:
        """A notice of what lies nearby carries a statement, so that it is read as one."""
        read = self._told_of_corpus if notice.kind == "nearby" else self._shown_of_ours
        found = read(notice.text)
        return (Removed(rule=f.rule, part="notice", at=notice.kind) for f in found)

    def _beside(self, statement: str) -> Iterator[Removed]:
        """A statement offered as nearby leads to its whole passage, so all of that is read."""
        passage = statement.partition("#")[0]
        known = self._corpus.passages.get(passage)
        if known is None or statement not in self._corpus.statements:
            return iter((Removed(rule="unknown_citation", part="nearby", at=""),))
        found = (f for s in known.cited() for f in self._told_of_corpus(self._corpus.quotation(s.id)))
        return (Removed(rule=f.rule, part="nearby", at=passage) for f in found)

    def _shown(self, text: str, part: str, number: int) -> Iterator[Removed]:
        return (Removed(rule=f.rule, part=part, at=str(number)) for f in self._shown_of_ours(text))

    def _carried(self, text: str, part: str) -> Iterator[Removed]:
        return (Removed(rule=f.rule, part=part, at="") for f in self._rules.carried(text))

    def _text(
        self, answer: Answer, kept: Sequence[Sentence], notices: Sequence[Notice], removed: list[Removed]
    ) -> str:
        """The text with the sentences that were kept, and of our own words between them those that may be shown."""
        pieces: list[str] = []
        at = 0
        own = 0
        stay = {id(s) for s in kept}
        allowed = self._fixed | {
            p for n in notices if n.kind == "gap" for p in map(str.strip, _SENTENCE.findall(n.text))
        }
        strict = answer.mode == "write" and bool(answer.sentences)
        for sentence in (*answer.sentences, None):
            said = "" if sentence is None else sentence.text.strip()  # the ends of the text are stripped, too
            start = len(answer.text) if sentence is None else answer.text.find(said, at)
            if start < 0:
                continue
            between = answer.text[at:start]
            for match in reversed(list(_SENTENCE.finditer(between))):
                own += 1
                uncited = strict and match.group().strip() not in allowed
                found = [Removed(rule="uncited", part="text", at=str(own))] if uncited else []
                if not uncited:
                    found += self._shown(match.group().strip(), "text", own)
                if self._note(removed, found):
                    between = between[: match.start()] + between[match.end() :].lstrip(" ")
            pieces.append(between)
            if sentence is not None:
                at = start + len(said)
                if id(sentence) in stay:
                    pieces.append(said)
                elif answer.text[at : at + 1] == " ":
                    at += 1
        return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip(" \n")

    @staticmethod
    def _note(removed: list[Removed], found: Iterable[Removed]) -> bool:
        """Writes down what was found; whether there was anything."""
        before = len(removed)
        removed += found
        return len(removed) > before


def _renumbered(citations: Sequence[Citation], sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    """The citations that the sentences use, numbered anew in the order of their use."""
    given = {c.statement: c for c in citations}
    used = dict.fromkeys(c for s in sentences for c in s.citations)
    return tuple(given[c].model_copy(update={"n": n}) for n, c in enumerate(used, 1))
