"""What the verifier says of one sentence."""

from __future__ import annotations

from rag.model import Frozen


class Verdict(Frozen):
    """Whether a sentence may be shown. `kind` names the failure and `detail` says it in one plain sentence.

    `support` is the calibrated probability, 0 to 1, that the cited statements say the sentence; where a rule already
    decided before the statements were compared it is 0.
    """

    passed: bool
    kind: str | None
    detail: str
    support: float


class Failure(Frozen):
    """A rule that a sentence breaks."""

    kind: str
    detail: str

    def verdict(self, support: float = 0.0) -> Verdict:
        return Verdict(passed=False, kind=self.kind, detail=self.detail, support=support)
