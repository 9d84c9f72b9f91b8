"""What must not leave, read in one text: every rule with its id and its reason.

Three readings, from strict to lenient: a sentence that is told, other words of ours that are shown, and what is only
carried along (a title, a name, a repeated question).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from rag.corpus import Corpus
from rag.guard.contacts import Contacts
from rag.guard.forms import Text, broken_forms, folded, lists, orders_a_machine, speaks_to_its_reader
from rag.guard.named import People

RUN = 8  # words of a secret text in a row that give it away

_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_ROLE_TAG = re.compile(
    r"(?:^|\n)\s*(?:system|assistant|developer|user|human|ai)\s*:|\[/?INST\]|<</?SYS>>"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|instructions?|tool|function)\b"
    r"|#{2,}\s*(?:system|instructions?|assistant|human|response)\b",
    re.IGNORECASE,
)
_NEW_ROLE = re.compile(
    r"\b(?:you are (?:now|no longer|going to act)|from now on,? (?:you|answer|reply|respond|speak)|developer mode"
    r"|act as (?:if you|an? unrestricted)|pretend (?:to be|you are|that you)|jailbreak|do anything now"
    r"|your (?:new )?(?:instructions?|task|role|rules) (?:is|are))\b"
    r"|\b(?:new|updated|hidden|secret|urgent) (?:instructions?|rules?|task|prompt|orders?)\s*:"
)
_SYSTEM = re.compile(
    r"\b(?:system prompt|hidden (?:prompt|instructions?|rules)|initial prompt|prompt injection|developer message"
    r"|my (?:instructions|prompt|guidelines|rules) (?:are|is|say|tell)|as an? (?:ai|language model)\b"
    r"|i (?:was|am|have been) (?:told|instructed|programmed|prompted) to|canary(?: token| word)"
    r"|i(?:'m| am) an? (?:\w+ )?(?:ai|language model|assistant|chatbot))\b"
)
_MARKUP = re.compile(
    r"```|~~~|<[a-z!/][^>\n]{0,200}>|!?\[[^\]\n]*\]\([^)\n]*\)|\$\{|\{\{|\bjavascript:|\bdata:\w+/|&#x?\w+;|\$\("
    r"|\\x[0-9a-f]{2}",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"\S{40}")
_ENCODED = re.compile(
    r"(?<![\w/+=.-])(?=[\w+/=]*\d)(?=[\w+/=]*[A-Za-z])[A-Za-z0-9+/]{40,}={0,2}(?![\w/-]|\.\w)"
)


class Finding(NamedTuple):
    """A rule that a text breaks, by its id, and why there is such a rule."""

    rule: str
    reason: str


class Rules:
    """The rules with the names and addresses of one corpus. Built once; reading a text is pure."""

    def __init__(self, corpus: Corpus, secrets: Iterable[str] = ()) -> None:
        """`secrets` are texts that the program itself was given, such as the prompt of a model."""
        self._contacts = Contacts(corpus)
        self._people = People(corpus)
        self._secret = frozenset(run for secret in secrets for run in _runs(folded(secret)))

    def told(self, text: str) -> tuple[Finding, ...]:
        """What a sentence of an answer breaks: it tells of somebody, and never speaks to the reader."""
        read = Text.of(text)
        return _findings([*self._any(read), *(["addressed"] if speaks_to_its_reader(read) else [])])

    def shown(self, text: str) -> tuple[Finding, ...]:
        """What other words of ours (notices, suggestions, help, exports) break; these may speak to the reader."""
        return _findings(self._any(Text.of(text)))

    def carried(self, text: str) -> tuple[Finding, ...]:
        """What a title, a name or a repeated question breaks: only what could act on a machine or lead elsewhere."""
        return _findings(self._acting(text))

    def _any(self, text: Text) -> Iterator[str]:
        yield from self._acting(text.raw)
        yield from broken_forms(text)
        yield from self._people.broken_by(text)

    def _acting(self, text: str) -> Iterator[str]:
        if _HIDDEN.search(text):
            yield "hidden"
        plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
        small = folded(plain)
        if _ROLE_TAG.search(plain) or _NEW_ROLE.search(small) or orders_a_machine(small):
            yield "instruction"
        if _SYSTEM.search(small) or (self._secret and not self._secret.isdisjoint(_runs(small))):
            yield "system_text"
        if _MARKUP.search(plain) or (_LONG_WORD.search(plain) and _ENCODED.search(plain)):
            yield "markup"
        yield from self._contacts.broken_by(plain)


@cache
def reasons() -> Mapping[str, str]:
    """Why there is each rule, by its id."""
    return {rule: str(reason) for rule, reason in lists()["reasons"].items()}


def _findings(rules: Iterable[str]) -> tuple[Finding, ...]:
    return tuple(Finding(rule, reasons()[rule]) for rule in dict.fromkeys(rules))


def _runs(plain: str) -> Iterator[str]:
    """Every run of RUN words."""
    said = re.findall(r"\w+", plain)
    return (" ".join(said[n : n + RUN]) for n in range(len(said) - RUN + 1))
