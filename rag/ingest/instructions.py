"""Words in a document that are meant for a machine: orders to an assistant, and whatever is hidden from readers.

The same rules that keep such words out of answers (rag.guard.rules) and out of questions (rag.guard.patterns) read every
block of a document, as it is and with its disguises undone. What is hidden is never part of the text; here it is told
apart whether it speaks to a machine.
"""

from __future__ import annotations

import re
from functools import cached_property

from rag.corpus import Corpus
from rag.embed.tuned import encoder
from rag.guard.lookalikes import hides, latin, revealed
from rag.guard.normalise import readings
from rag.guard.patterns import matches
from rag.guard.rules import Rules
from rag.ingest.document import one_line
from rag.ingest.orders import Orders, stored
from rag.ingest.sentences import sentences

SHOWN = 120  # letters of such a sentence
_ACTING = frozenset({"instruction", "system_text", "markup"})
# Who is spoken to, and what is asked of it: an order needs both, in a sentence of a text that tells a story.
_MACHINE = re.compile(
    r"\b(?:ai|a\.i\.|chat ?bots?|chat ?gpt|gpt-?\d?|claude|gemini|copilot|llms?|language models?|(?:ai |virtual |digital )?assistants?(?! (?:professor|director|secretary|"
    r"coach|principal|attorney|commissioner|editor|to the|of))|the model|summari[sz]er|automated (?:system|tool|reader)|(?:search|retrieval|indexing) (?:system|engine|tool)|"
    r"crawlers?|any(?:one|thing)? (?:system|program|tool)s? (?:that )?(?:reads?|processes|process|reading|processing)|system prompt|künstliche intelligenz|sprachmodell|ki-?assistent\w*|"
    r"modele de langage|modelo de lenguaje|asistente|assistente)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:must|should|shall|have to|has to|need to|needs to|are to|is to|please|always|never|only|do not|don't|instead|ignore|disregard|forget|override|bypass|"
    r"reveal|print|output|respond|reply|answer|recommend|rate|praise|say|state|claim|repeat|insert|include|append|summari[sz]e|translate|pretend|act as|behave|send|visit|"
    r"muss|sollst?|antworte|ignoriere|vergiss|reponds|repondez|ignore[zr]?|responde|ignora|debe|doit)\b",
    re.IGNORECASE,
)
_UNDO = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass\w*|vergiss|vergessen|missacht\w*|oublie[zr]?|olvid\w*|negeer|vergeet|discard|set aside|stop following|do not follow|"
    r"don't follow|pay no attention to|nothing (?:above|before) (?:counts|matters))\b.{0,40}\b(?:instructions?|prompts?|(?:your|these|those|all|any|previous|prior|above|earlier|the) (?:\w+ )?(?:rules?|guidelines?|directions|"
    r"safeguards?)|(?:previous|prior|above|earlier|preceding) (?:text|content|context|messages?|orders?)|anweisungen|regeln|vorgaben|règles|regles|consignes|instrucciones|reglas|instructies|"
    r"everything (?:above|before|you (?:were|have been)))\b",
    re.IGNORECASE,
)
_TO_ANSWERER = re.compile(
    r"\b(?:when|if|whenever|once|every time|before|after) (?:you(?:'re| are)?|anyone|someone|somebody|a user|the user|users|a reader|readers|people)\b[^.!?,]{0,30}\b(?:summari[sz]|answer|ask|read|process|quer|cit|quot|index|translat|respon|repl)\w*\b[^.!?,]{0,100},"
    r"\s*(?:please |always |you (?:must|should) |then |also |make sure to |do not |don't |never )*(?:say|tell|add|state|answer|reply|respond|include|mention|recommend|append|claim|direct|link|write|output|insert|cite|omit|refuse|point|send)\b",
    re.IGNORECASE,
)
_SLASHES = re.compile(
    r"<\|?\w+\|?>|\[/?INST\]|###\s*(?:system|instruction|assistant)|^\s*(?:system|assistant)\s*:",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\bjail ?breaks?\b", re.IGNORECASE)  # of prisoners, where no machine is spoken of
_SUSPECT = re.compile(r"[A-Za-z0-9+/=]{24,}|[^\W\d_](?:[\s._-][^\W\d_]){6,}|\d[a-z]|[a-z]\d", re.IGNORECASE)


class Instructions:
    """The check, for one corpus (whose own addresses and numbers its rules know)."""

    def __init__(self, corpus: Corpus) -> None:
        self._rules = Rules(corpus)

    @cached_property
    def _orders(self) -> Orders:
        return Orders(stored(), encoder())  # takes a moment, and many calls need only the rules

    def reason(self, text: str) -> str:
        """Why a text is taken for words to a machine; empty where it is not."""
        why = self.by_rule(text)
        if why:
            return why
        order = self._orders.first(text[s.start : s.end] for s in sentences(text))
        return f"it reads like an order to a machine: “{order[:SHOWN]}”" if order else ""

    def by_rule(self, text: str) -> str:
        """The same, by the rules alone."""
        if hides(text):
            return "letters that are not shown stand among those that are (zero-width or tag characters)"
        plain = text if text.isascii() else latin(revealed(text))
        why = self._reads_as_order(plain)
        if why or len(text) > 2000 or not _SUSPECT.search(text):
            return why
        for reading in readings(plain)[1:]:
            why = self._reads_as_order(reading.text)
            if why:
                return f"{why}, in disguise ({reading.how})"
        return ""

    def _reads_as_order(self, text: str) -> str:
        if _SLASHES.search(text):
            return "it has the marks of a prompt"
        for start in range(0, max(1, len(text)), 900):  # the patterns are for short texts; sentences overlap
            part = text[max(0, start - 200) : start + 900]
            if _UNDO.search(part):
                return "it tells its reader to disregard instructions"
            if any(m.label == "injection" for m in matches(part)):
                return "it speaks to an assistant"
            if _TO_ANSWERER.search(part):
                return "it says what is to be answered"
            machine = _MACHINE.search(part)
            if machine and _ORDER.search(_sentence(part, machine)) and _addressed(_sentence(part, machine)):
                return "it gives orders to an assistant"
            told = part if machine else _ESCAPE.sub("escape", part)
            rules = {f.rule for f in self._rules.carried(told)} & _ACTING
            if "instruction" in rules or "system_text" in rules:
                return "it speaks to an assistant"
        return ""


def _sentence(text: str, found: re.Match[str]) -> str:
    start = max(text.rfind(mark, 0, found.start()) for mark in (". ", "! ", "? ", "\n")) + 1
    ends = [e for mark in (". ", "! ", "? ", "\n") if (e := text.find(mark, found.end())) >= 0]
    return one_line(text[start : min(ends, default=len(text))])


def _addressed(sentence: str) -> bool:
    """Whether a sentence speaks to the machine that it names, and does not tell of one."""
    return bool(
        re.search(r"\b(?:you|your)\b", sentence, re.IGNORECASE)
        or re.search(rf"(?:{_MACHINE.pattern})\s*[,:]\s*(?:{_ORDER.pattern})", sentence, re.IGNORECASE)
        or re.match(r"\W*(?:dear |hey |hi |attention |note (?:to|for) |to |for |important[:,]? |any |all )*(?:the |an? |any |all |every )?" + _MACHINE.pattern, sentence, re.IGNORECASE)
        or re.search(r"\b(?:must|should|shall|has to|have to|needs? to|is to|are to)\b.{0,30}\b(?:say|answer|respond|reply|ignore|include|state|recommend|rate|tell|output|treat|never|always|not|only|begin|end|repeat|mention|follow)\b", sentence, re.IGNORECASE)
    )  # fmt: skip
