"""Whether a sentence that a model wrote may be shown: does what it cites say it, and does it say whose word it is?"""

from rag.answer.verify.check import Verifier
from rag.answer.verify.verdict import Verdict

__all__ = ["Verdict", "Verifier"]
