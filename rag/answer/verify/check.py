"""The verifier: whether a written sentence may be shown, from its ids to its meaning.

The rules come first, in the order in which a reader would object; the scorer weighs what no rule speaks against.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

import numpy as np

from rag.answer.verify import contrast, scorer
from rag.answer.verify.attribution import Attribution, Told
from rag.answer.verify.features import NAMES, Compared, compare
from rag.answer.verify.figures import wrong_figure
from rag.answer.verify.form import english, malformed
from rag.answer.verify.meanings import Meanings
from rag.answer.verify.meanings import shipped as meanings
from rag.answer.verify.names import Names, misquoted
from rag.answer.verify.reading import Reading, plain, read
from rag.answer.verify.scorer import Scorer
from rag.answer.verify.speakers import merged
from rag.answer.verify.standing import unsafe
from rag.answer.verify.verdict import Failure, Verdict
from rag.corpus import Corpus
from rag.embed import Vectors, unit_length
from rag.text import fold

Embed = Callable[[Sequence[str]], Vectors]
log = logging.getLogger(__name__)
REMEMBERED = 5_000


class Verifier:
    """Checks written sentences against one corpus. Built once; safe to share between threads."""

    def __init__(self, corpus: Corpus, embed: Embed, statement_vectors: Embed | None = None) -> None:
        """`embed` gives raw vectors of texts (passage side), one row each. `statement_vectors` gives those of
        statements by id as an index keeps them, less their mean; without it a cited statement is embedded once and
        remembered.
        """
        self._corpus = corpus
        self._embed = embed
        self._stored = statement_vectors
        self._meanings: Meanings = meanings()
        self._scorer: Scorer = scorer.shipped()
        self._names = Names(corpus, self._meanings.known)
        self._attribution = Attribution(corpus, self._names)
        self._vector_of = lru_cache(REMEMBERED)(self._statement_vector)

    def check(
        self, sentence: str, cited: Sequence[str], given: Collection[str], speaker: str | None = None
    ) -> Verdict:
        """Whether `sentence` is borne by the statements `cited`, all of them among `given`, as `speaker`'s word.

        Never raises: what cannot be checked does not pass.
        """
        try:
            return self._check(sentence, tuple(dict.fromkeys(cited)), given, speaker)
        except Exception as e:  # whatever breaks, the sentence must not be shown
            log.exception("the verifier broke on a sentence")
            return Failure(kind="unsupported", detail=f"The check failed ({type(e).__name__}).").verdict()

    def _check(
        self, sentence: str, cited: tuple[str, ...], given: Collection[str], speaker: str | None
    ) -> Verdict:
        failure = self._unknown(cited, given) or malformed(sentence)
        if failure:
            return failure.verdict()
        told = [self._told(c) for c in cited]
        if any(fold(sentence).strip() == fold(t.reading.text).strip() for t in told):
            return self._same(speaker, told)
        reading = read(plain(sentence))
        in_english = english(reading, self._meanings)
        failure = self._facts(reading, told, speaker, in_english=in_english)
        if failure:
            return failure.verdict()
        if not in_english:
            return self._foreign(self.nearest(reading, cited))
        compared = self.compared(reading, cited)
        support = self._scorer.support(compared.features)
        failure = self._claims(reading, [t.reading for t in told], compared)
        if failure:
            return failure.verdict(min(support, 1 - support))
        if support < self._scorer.threshold:
            return Failure(kind="unsupported", detail=_doubtful(compared)).verdict(support)
        return Verdict(passed=True, kind=None, detail="", support=support)

    def compared(self, sentence: Reading, cited: Sequence[str]) -> Compared:
        """A sentence set beside the statements that it cites, for the scorer and for whoever fits it."""
        vector = self._centred(self._embed([sentence.text]))[0]
        statements = np.concatenate([self._vector_of(c) for c in cited])
        readings = [read(self._corpus.statements[c].text) for c in cited]
        person = self._attribution.protagonist(sentence, readings)
        return compare(sentence, readings, vector, statements, self._meanings, person)

    def nearest(self, sentence: Reading, cited: Sequence[str]) -> float:
        """The cosine of a sentence with the nearest statement that it cites, -1 to 1."""
        vector = self._centred(self._embed([sentence.text]))[0]
        return float(max((self._vector_of(c) @ vector).max() for c in cited))

    @property
    def threshold(self) -> float:
        """Least support with which a sentence passes."""
        return self._scorer.threshold

    def support(self, sentence: str, texts: Sequence[str]) -> float:
        """The probability that any texts, not of the corpus, say a sentence; 0 where a rule on its numbers, names or
        claims speaks against it. Attribution, standing and speakers are not looked at.
        """
        if malformed(sentence) or not texts:
            return 0.0
        reading, cited = read(plain(sentence)), [read(t) for t in texts]
        if wrong_figure(reading, cited) or self._names.stranger(reading, cited, ()):
            return 0.0
        vectors = self._centred(self._embed([reading.text, *texts]))
        compared = compare(reading, cited, vectors[0], vectors[1:], self._meanings)
        return 0.0 if self._claims(reading, cited, compared) else self._scorer.support(compared.features)

    def _unknown(self, cited: Sequence[str], given: Collection[str]) -> Failure | None:
        if not cited:
            return Failure(kind="unknown_id", detail="The sentence cites nothing.")
        for c in cited:
            if c not in self._corpus.statements:
                return Failure(kind="unknown_id", detail=f"There is no statement {str(c)[:80]}.")
            if c not in given:
                return Failure(kind="unknown_id", detail=f"The statement {c} was not among those given.")
        return None

    def _told(self, statement: str) -> Told:
        passage = self._corpus.passage_of(statement)
        text = self._corpus.statements[statement].text
        return Told(reading=read(text), passage=passage, source=self._corpus.sources[passage.source])

    def _same(self, speaker: str | None, told: Sequence[Told]) -> Verdict:
        """A statement word for word says what it says; only its speaker can be wrong."""
        failure = self._attribution.foreign_speaker(speaker, told)
        return failure.verdict() if failure else Verdict(passed=True, kind=None, detail="", support=1.0)

    def _facts(
        self, sentence: Reading, told: Sequence[Told], speaker: str | None, *, in_english: bool
    ) -> Failure | None:
        """Numbers, names, quotations, attribution, standing: what is right or wrong without a doubt."""
        readings = [t.reading for t in told]
        sources = [t.source for t in told]
        wrong = wrong_figure(sentence, readings, len(self._attribution.testifying(sentence)))
        if wrong:
            return Failure(kind="number", detail=wrong)
        relative = contrast.new_relation(sentence, readings)
        if relative:
            return Failure(kind="name", detail=f"“{relative}” does not occur in the cited statements.")
        stranger = self._names.stranger(sentence, readings, sources, english=in_english)
        if stranger:
            return Failure(kind="name", detail=f"“{stranger}” does not occur in the cited statements.")
        quotation = misquoted(sentence.text, [r.text for r in readings], sources)
        if quotation:
            return Failure(
                kind="quotation", detail=f"Nobody is quoted with “{quotation[:80]}” in the cited statements."
            )
        return (
            self._attribution.failure(sentence, told, speaker, english=in_english)
            or unsafe(sentence, told)
            or merged(sentence, told, self._attribution, self._names, self._meanings)
        )

    def _claims(self, sentence: Reading, readings: Sequence[Reading], compared: Compared) -> Failure | None:
        """What is turned round, made firmer or widened."""
        seen = dict(zip(NAMES, compared.features, strict=True))
        opposite = contrast.opposed(sentence, readings)[1]
        if opposite:
            return Failure(
                kind="negation", detail=f"“{opposite}” is the opposite of what the statements say."
            )
        if seen["turned"] and contrast.unbalanced(sentence, readings):
            return Failure(kind="negation", detail="A negation was added or lost.")
        if seen["firmer"] and not contrast.weakenings(sentence):
            return Failure(
                kind="modality", detail="What was possible, wished or planned is told as having happened."
            )
        if seen["swapped"]:
            return Failure(kind="role", detail="Who did something and to whom it was done are exchanged.")
        wider = contrast.stronger(sentence, readings)
        if wider:
            return Failure(kind="overgeneralised", detail=f"“{wider}” claims more than the cited statements.")
        unlimited = contrast.unlimited(compared.links, sentence, readings)
        if unlimited:
            return Failure(
                kind="overgeneralised", detail=f"The statements speak of some {unlimited}, not of all."
            )
        new = contrast.new_group(compared.links, sentence, readings)
        if new:
            return Failure(kind="overgeneralised", detail=f"The cited statements do not speak of {new}.")
        return None

    def _foreign(self, cosine: float) -> Verdict:
        support = self._scorer.foreign_support(cosine)
        if support < self._scorer.foreign[2]:
            return Failure(
                kind="unsupported", detail="The sentence is too far from the cited statements."
            ).verdict(support)
        return Verdict(passed=True, kind=None, detail="", support=support)

    def _statement_vector(self, statement: str) -> Vectors:
        if self._stored:
            return unit_length(np.asarray(self._stored([statement]), dtype=np.float32))
        return self._centred(self._embed([self._corpus.statements[statement].text]))

    def _centred(self, raw: Vectors) -> Vectors:
        return unit_length(np.asarray(raw, dtype=np.float32) - self._scorer.mean)


def _doubtful(compared: Compared) -> str:
    least = ", ".join(f"“{w}”" for w in compared.least())
    return f"The cited statements do not clearly say this{f'; least of all {least}' if least else ''}."
