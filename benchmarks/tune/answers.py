"""What the encoder learns for retrieval: to lie near what answers a question, among all that the corpus holds.

The stored vectors stay those of the plain model; only the reader's side moves. The loss is that of
`benchmarks.fit_asking`, whose turn stays in place behind it: for each kind of unit the share of a softmax over all
units that falls on those which answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.broad import asked_in, chosen
from benchmarks.fit_asking import HEAT, Question, training, units
from benchmarks.tune.network import Cutter, Network, Tokens, batches
from rag.index import Index, ensure_index
from rag.index.asking import turn
from rag.index.reader import KINDS
from rag.settings import get_settings
from rag.text import calm

SHARE = 0.8  # of the questions, drawn anew for each pass
APART = 40  # one question in so many is not learnt from
# Shares of questions typed without capitals and question mark, and with two letters swapped.
LOWER, SLIP = 0.15, 0.05


class Answers:
    """The questions that the corpus is known to answer, and where the answers lie."""

    def __init__(self, cut: Cutter) -> None:
        index = Index(ensure_index(get_settings()))
        matrix = turn(index.manifest.model)
        assert matrix is not None
        self._turn, self._mean = torch.from_numpy(matrix), torch.from_numpy(index.question_mean)
        self._kinds = units(index)
        self._vectors = [torch.from_numpy(kind.vectors) for kind in self._kinds]
        self._cut = cut
        out = {b.question for b in chosen(asked_in(get_settings().corpus_dir))}
        every = [q for q in training(index) if q.text not in out]
        self.apart = every[::APART]
        self._learnt = [q for n, q in enumerate(every) if n % APART]

    def one_pass(self, draw: random.Random, tokens: int) -> list[list[tuple[Question, Tokens]]]:
        drawn = draw.sample(self._learnt, int(SHARE * len(self._learnt)))
        texts = [self._cut(calm(typed(q.text, draw))) for q in drawn]
        return [[(drawn[i], texts[i]) for i in at] for at in batches(texts, tokens, draw)]

    def loss(self, network: Network, batch: Sequence[tuple[Question, Tokens]], dropped: float) -> Tensor:
        return self._loss([q for q, _ in batch], network([text for _, text in batch], dropped))

    def loss_apart(self, network: Network, tokens: int) -> float:
        texts = [self._cut(calm(q.text)) for q in self.apart]
        return float(self._loss(self.apart, network.embedded(texts, tokens)))

    def _loss(self, questions: Sequence[Question], vectors: Tensor) -> Tensor:
        turned = functional.normalize(vectors - self._mean, dim=-1) @ self._turn
        turned = functional.normalize(turned, dim=-1)
        weights = torch.tensor([q.weight for q in questions])
        lost = torch.zeros(())
        for name, kind, stored in zip(KINDS, self._kinds, self._vectors, strict=True):
            scores = turned @ stored.T / HEAT
            answers = torch.zeros_like(scores, dtype=torch.bool)
            for row, question in enumerate(questions):
                if name == "statement" and question.statements:
                    answers[row, list(question.statements)] = True
                    continue
                for passage in question.answers:
                    answers[row, kind.first[passage] : kind.last[passage]] = True
                if name == "question":
                    own = list(question.own)
                    scores[row, own], answers[row, own] = -1e4, False
            hoped = scores.masked_fill(~answers, -1e4).logsumexp(1) - scores.logsumexp(1)
            lost = lost - (hoped * weights * answers.any(1)).mean()
        return lost


def typed(text: str, draw: random.Random) -> str:
    """A question as it may come: sometimes without capitals and question mark, sometimes with two letters swapped."""
    luck = draw.random()
    if luck < LOWER:
        return text.lower().rstrip("?!. ")
    if luck < LOWER + SLIP and len(text) > 12:
        at = draw.randrange(1, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text
