"""Forms of words that must not leave: orders, calls, praise, blame, steps of a method; read in one text alone.

Every rule is about form, not topic, so that testimony about dark things passes as long as it says who did and said
what. The lists of words are in output.yaml beside this file; here is how they are put together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from rag.data import from_yaml
from rag.link import countries
from rag.text import fold

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]{12,}’|«[^»]*»")
_WORDS = re.compile(r"[\w'-]+")
_BEGIN = r"(?:^\s*|[.!?:;]\s+|\n\s*|(?<!\w)[“\"‘'(*>-]\s*)"
_OPENERS = (
    r"(?:(?:please|now|then|first|second|next|finally|lastly|also|instead|and|so|kindly|just|always|never|do not|don't"
    r"|dear \w+|attention|important|note|nb|ps|step \d+|\d{1,2}[.)]|assistant|model|ai|chatbot|bot|system|reader"
    r"|brothers?|sisters?)[,:.]?\s+){0,3}"
)
_TO_ANSWER = (
    "reply|respond|answer|output|print|begin|start|end|finish|include|insert|append|repeat|say|write|add"
)
_EXACTLY = (
    r"only|exactly|verbatim|word for word|with"
    r"|(?:the|this|following) (?:\w+ )?(?:word|phrase|token|code|string|marker|sentence|text|line)"
)
_YOU = re.compile(r"\b(?:you|your|yours|yourself|yourselves|you're|you'll|u r)\b")
_IN_TURN = re.compile(r"\b(?:then|next|after that|afterwards|first|finally)\b")
_NOT = re.compile(r"\b(?:not|never|no|nor|neither|hardly)\b")
_AGE_AFTER_NAME = re.compile(
    r"\b([A-Z][a-z]+),?\s+(?:an?\s+|aged?\s+|then\s+|only\s+|just\s+)*(?:\d|1[0-7])"
    r"(?:[- ]year[- ]old\b|\s*,|\s+years old)"
)
_NAME_AFTER_AGE = re.compile(
    r"\b(?:\d|1[0-7])[- ]year[- ]old\s+(?:(?:boy|girl|child|son|daughter|pupil|named|called|recruit)\s+)*([A-Z][a-z]+)"
)
_NO_NAMES = frozenset(
    """a an the at in by only when then aged about over until from since his her their another one this that""".split()
)
# How words begin that undo rules, in the languages of the help: without one of them their patterns are not tried.
_UNDOING = tuple(
    """ignor disregard forget overrid bypass drop skip oubli neglig vergiss missacht vergess negeer vergeet sla olvid
    omit تجاهل انس اهمل talimat kural yonerge komut""".split()
)


class Text(NamedTuple):
    """A text as it is, and its own words (not those that it quotes) in lower case."""

    raw: str
    own: str

    @classmethod
    def of(cls, text: str) -> Text:
        return cls(text, folded(_QUOTED.sub(" ", text)))


class _Forms(NamedTuple):
    """The lists of output.yaml as patterns, for text that `fold` made lower case: ignoring case is slow."""

    order: re.Pattern[str]
    attribution: re.Pattern[str]
    undone: tuple[re.Pattern[str], ...]
    machine: re.Pattern[str]
    how_to: re.Pattern[str]
    operational: re.Pattern[str]
    recipe: re.Pattern[str]
    step: re.Pattern[str]
    calling: re.Pattern[str]
    call: re.Pattern[str]
    urge: re.Pattern[str]
    praise: re.Pattern[str]
    gore: re.Pattern[str]
    wording: re.Pattern[str]
    harmless: re.Pattern[str]
    blamed: frozenset[str]
    blame: re.Pattern[str]
    graphic: re.Pattern[str]


def folded(text: str) -> str:
    """As `rag.text.fold`, without its pains where a text is plain already."""
    return text.casefold() if text.isascii() else fold(text)


def broken_forms(text: Text) -> list[str]:
    """The rules of form that a text breaks, whoever reads it."""
    forms = _forms()
    return [rule for rule, breaks in _RULES if breaks(forms, text)]


def speaks_to_its_reader(text: Text) -> bool:
    """Whether a text says "you" or gives orders, outside of what it quotes."""
    return bool(_YOU.search(text.own) or _forms().order.search(text.own))


def orders_a_machine(plain: str) -> bool:
    """Whether a text tells a program what to do, or to forget what it was told; quoting it is no excuse."""
    forms = _forms()
    if forms.machine.search(plain):
        return True
    return any(w in plain for w in _UNDOING) and any(p.search(plain) for p in forms.undone)


@cache
def lists() -> Mapping[str, Any]:
    """The lists of output.yaml; those folded over lines without the blanks that are only layout."""
    data: Mapping[str, Any] = from_yaml(
        resources.files("rag.guard").joinpath("output.yaml").read_text("utf-8")
    )
    return {
        k: re.sub(r"\|\s+", "|", " ".join(v.split())) if isinstance(v, str) else v for k, v in data.items()
    }


@cache
def _forms() -> _Forms:
    said = lists()
    wording = from_yaml(resources.files("rag.data").joinpath("wording.yaml").read_text("utf-8"))
    before = rf"{_BEGIN}{_OPENERS}"
    order = rf"{before}(?:{said['orders']})(?:\s+(?:{said['after_order']})\b|\s*[:!])"
    return _Forms(
        order=re.compile(order),
        attribution=re.compile(rf"\b(?:{said['attribution']})\b"),
        undone=_undone(before),
        machine=re.compile(
            rf"\b(?:{said['machines']})\b.{{0,20}}\b(?:must|should|shall|has to|have to|is to|needs to|are to)\s+"
            rf"(?:\w+ )?(?:{said['orders']})\b|{before}(?:{_TO_ANSWER})\b.{{0,40}}\b(?:{_EXACTLY})\b"
        ),
        how_to=re.compile(
            rf"{order}|\b(?:you|one) (?:\w+ )?(?:should|must|need to|have to|can|could|will|needs to|has to|ought to)\b"
            r"|\bhere is how\b|\bstep (?:one|two|three|\d)\b|\bthe (?:best|easiest|safest|surest|quickest) way to\b"
        ),
        operational=re.compile(rf"\b(?:{said['operational']})\b"),
        recipe=re.compile(
            rf"\b\d+(?:[.,]\d+)?\s?(?:{said['units']})\b.{{0,80}}\b(?:{said['steps']})\b"
            rf"|\b(?:{said['steps']})\b.{{0,80}}\b\d+(?:[.,]\d+)?\s?(?:{said['units']})\b"
        ),
        step=re.compile(rf"\b(?:{said['steps']})\b"),
        calling=re.compile(rf"\b(?:{said['calls']})\b"),
        call=re.compile(rf"{before}(?:{said['calls']})(?:\s+(?:{said['after_order']})\b|\s*(?:[!.]|$))"),
        urge=re.compile(rf"\b(?:{said['urging']})\s+(?:\w+ )?(?:{said['calls']})\b"),
        praise=_praise(),
        gore=re.compile(rf"\b(?:{said['gore']})\b"),
        wording=re.compile("|".join(rf"\b(?:{rule['words']})\b" for rule in wording["forbidden"])),
        harmless=re.compile(said["harmless"]),
        blamed=frozenset(w for group in _groups() for w in _WORDS.findall(fold(group))) - {"the", "people"},
        blame=_blame(),
        graphic=re.compile(rf"\b(?:{said['graphic_for_minors']})\b"),
    )


def _undone(before: str) -> tuple[re.Pattern[str], ...]:
    """Orders to undo rules: any rules at the beginning of a sentence; inside one only those that machines have."""
    undo = r"(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass\w*|drop|skip)\b"
    whose = r"(?:previous|prior|above|earlier|all|any|your|these|those|its|foregoing)"
    own = r"(?:instructions?|prompts?|guidelines?|restrictions?|safeguards?|(?:system|previous) messages?)"
    return tuple(
        re.compile(p)
        for p in (
            rf"{before}{undo}.{{0,40}}\b(?:{lists()['rules_of_machines']})\b",
            rf"\b{undo}.{{0,20}}\b{whose}\b.{{0,20}}\b{own}\b",
            *lists()["orders_to_machines_elsewhere"],
        )
    )


def _praise() -> re.Pattern[str]:
    said = lists()
    near = r"\W+(?:\w+\W+){0,2}"
    return re.compile(
        rf"\b(?:{said['glory']}){near}(?:{said['glorified']})\b|\b(?:{said['heroes']})\b"
        rf"|\b(?:{said['deserved']}){near}(?:{said['done_to_them']})\b|\b(?:{said['slogans']})\b"
    )


def _blame() -> re.Pattern[str]:
    """A whole group and what it is blamed for; "some" or "many" of them are not the group."""
    said = lists()
    groups = "|".join(sorted(map(re.escape, map(fold, _groups())), key=len, reverse=True))
    few = "".join(
        rf"(?<!{w} )" for w in ("some", "few", "several", "many", "these", "those", "two", "three", r"\d")
    )
    be = r"(?:are|is|were|was|have always been|will always be|tend to be|remain)\s+(?!not\b)"
    very = (
        r"(?:all|always|by nature|naturally|simply|just|the|a|an|our|so|more|very|only|nothing but|\w+ly)\s+"
    )
    how = r"(?:so |such |all |always |become |be )*"
    return re.compile(
        rf"\b{few}(?:{groups})\s+(?:{be}(?:{very})*(?:{said['blame']})"
        rf"|(?:all |always |only |really )*(?:{said['blame_verbs']}))\b"
        rf"|\b(?:never|don't|do not) trust (?:a |any )?(?:{groups})\b|\bblame (?:the )?(?:{groups})\b"
        rf"|\b(?:why|how come) (?:are|is|were|do|does) (?:all |the |most )?(?:{groups})\s+{how}(?:{said['blame']})\b"
    )


def _groups() -> set[str]:
    people = [form for c in countries() for form in c.people]
    plurals = {f"{form}s" for form in people if not form.endswith(("s", "h", "hman", "woman"))}
    return {*map(str, lists()["groups"]), *plurals, *(f"the {form}" for form in people)}


def _is_how_to(forms: _Forms, text: Text) -> bool:
    if not forms.operational.search(text.own):
        return False
    if forms.how_to.search(text.own) or forms.recipe.search(text.own):
        return True
    return bool(_IN_TURN.search(text.own)) and len(set(forms.step.findall(text.own))) > 1


def _calls(forms: _Forms, text: Text) -> bool:
    if text.own.rstrip().endswith("?") or not forms.calling.search(text.own):
        return False
    urged = forms.urge.search(text.own)
    return bool(forms.call.search(text.own)) or (urged is not None and not _attributed(forms, text, urged))


def _praises(forms: _Forms, text: Text) -> bool:
    found = forms.praise.search(text.own)
    if not found or _attributed(forms, text, found):
        return False
    return not _NOT.search(text.own[max(0, found.start() - 20) : found.end()])


def _is_gory(forms: _Forms, text: Text) -> bool:
    return bool(forms.gore.search(text.own))


def _uses_wording(forms: _Forms, text: Text) -> bool:
    return bool(forms.wording.search(text.own)) and bool(
        forms.wording.search(forms.harmless.sub(" ", text.own))
    )


def _blames(forms: _Forms, text: Text) -> bool:
    if forms.blamed.isdisjoint(_WORDS.findall(text.own)):
        return False
    found = forms.blame.search(text.own)
    return found is not None and not _attributed(forms, text, found)


def _attributed(forms: _Forms, text: Text, found: re.Match[str]) -> bool:
    """Whether the words around what was found say whose view it is."""
    return bool(forms.attribution.search(f"{text.own[: found.start()]} | {text.own[found.end() :]}"))


def _shows_a_minor(forms: _Forms, text: Text) -> bool:
    names = [*_AGE_AFTER_NAME.findall(text.raw), *_NAME_AFTER_AGE.findall(text.raw)]
    return any(n.casefold() not in _no_names() for n in names) and bool(forms.graphic.search(text.own))


@cache
def _no_names() -> frozenset[str]:
    """Words with a capital beside an age that name no child: nationalities and beginnings of sentences."""
    return frozenset(form for c in countries() for form in (*c.people, *c.names)) | _NO_NAMES


_RULES: tuple[tuple[str, Callable[[_Forms, Text], bool]], ...] = (
    ("how_to", _is_how_to),
    ("call_to_join", _calls),
    ("praise", _praises),
    ("gore", _is_gory),
    ("wording", _uses_wording),
    ("collective_blame", _blames),
    ("minor", _shows_a_minor),
)
