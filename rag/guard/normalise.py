"""What a text says once its disguises are undone.

`readings` gives the text as typed, then every further reading that makes sense as language: lookalike and hidden
characters, letters written as digits, letters set apart or run together, words turned round, shifted alphabets,
and the usual codes, up to two of them one inside the other. A reading must gain by it: real text in a language that
the letter model knows badly is left alone, because its decoded forms read worse still.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rag.guard.ciphers import DECODERS, mirrored, rot13, shifted
from rag.guard.letters import Codes, Letters, codes, letters
from rag.guard.lookalikes import hides, latin, revealed
from rag.text import fold

MOST = 6  # readings of one text: each costs an embedding
LONGEST = 2400  # characters looked at; a longer question is refused before
MOST_PIECES = (
    12  # starred words, or stretches to turn round, of one text: a text made of them must not cost seconds
)

# Bounds on the letter model's mean log2-probability, set on our examples: 99 % of the English ones lie above -3.6 and
# of all seven languages above -4.0; the same shifted by 13 lie under -4.7, the same backwards under -3.9.
_LANGUAGE = -4.0
_ENOUGH = -4.4  # for a piece that a code gave: that it decodes at all is most of the proof
_DOUBTFUL = -3.55  # text that reads better than this is not turned round or shifted
_GAIN = 0.7
_SAME = 0.15  # two orders of the same words differ by less than this, only at the gaps between words
_MOSTLY = 0.5  # a reading that keeps less of a text than this has undone it
_FEW_LETTERS = 10

_LEET = dict(zip("013456789@$!|+€£¡", "oieasgtbgasilteli", strict=True))
_LEET_WORD = re.compile(r"(?<![\w@$!|+€£])[\w@$!|+€£¡]+(?![\w@])")
_CODE_NAME = re.compile(
    r"\d+[^\W\d_]{1,3}|[^\W\d_]{1,3}\d+|[\d_+!|$€£@¡]+|[^\W\d_]+[!|+€£$]*"
)  # 17yo, F16, 1990, help!
_SINGLES = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,4}[^\W_](?![^\W_])){3,}")
_SEPARATOR = re.compile(r"[\W_]+")
_GLUED = re.compile(r"[^\W\d_]+(?:[_.\-+*|~/·][^\W\d_]+){3,}")
_LONG = re.compile(r"[^\W\d_]{14,}")
_MASKED = re.compile(r"(?<![\w*#])(?=\w*[*#])[a-zA-Z*#]{3,}(?![\w*#])")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_MANY = 3  # words written with digits from which all of a text is read so
_OPENED = re.compile(r"(?:^|\s)[.,;:?!…]+[^\W\d_]")  # marks that close a sentence, at the beginning of a word
_CODED = re.compile(r"=*[A-Za-z0-9+/]{16,}|(?:[0-9a-fA-F]{2}\s?){8,}")
_SPANS = re.compile(r"[\n:\"“”«»„`()\[\]{}|]+|(?<=[.!?])\s")


class Reading(NamedTuple):
    """One way to read a text. `how` names the disguises undone, joined by +; "typed" for the text itself."""

    text: str
    how: str


def meant(found: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings that a person can have meant: without those of which another reading undoes almost all.

    A text in base 64 or with a mark inside every word was never meant to be judged by what it looks like: a classifier
    that is given such noise answers with noise. Text that is readable beside a hidden part stays.
    """
    noise = {
        n
        for n, reading in enumerate(found)
        for later in found[n + 1 :]
        if _comes_after(reading, later) and _kept(reading.text, later.text) < _MOSTLY
    }
    return tuple(r for n, r in enumerate(found) if n not in noise)


def _comes_after(reading: Reading, later: Reading) -> bool:
    return reading.how in ("typed", "lookalikes") or later.how.startswith(f"{reading.how}+")


def _kept(before: str, after: str) -> float:
    """The share of a text's words, by their letters, that stand in its decoded form too."""
    said = before.casefold().split()
    left = set(after.casefold().split())
    return sum(len(w) for w in said if w in left) / max(sum(map(len, said)), 1)


def readings(text: str) -> tuple[Reading, ...]:
    """The text as typed first, then at most five readings that its disguises hide."""
    model = letters()
    typed = text[:LONGEST]
    found = [Reading(text, "typed")]
    surface = _without_needless_accents(latin(revealed(typed)), model)
    if _shown(surface) != _shown(typed) or hides(typed):
        found.append(Reading(surface, "lookalikes"))
    first = list(_undone(surface, model))
    _keep(found, surface, first, model)
    for middle in first:
        inner = (Reading(r.text, f"{middle.how}+{r.how}") for r in _undone(middle.text, model))
        _keep(found, surface, inner, model)
    if len(found) == 1:
        _keep(found, surface, _coded_and_turned(surface), model)
    return tuple(found[:MOST])


def _keep(found: list[Reading], surface: str, candidates: Iterable[Reading], model: Letters) -> None:
    for candidate in candidates:
        if len(found) >= MOST:
            return
        known = {_letters(r.text) for r in found}
        if _letters(candidate.text) not in known and _makes_sense(candidate.text, surface, model):
            found.append(candidate)


def _undone(text: str, model: Letters) -> Iterator[Reading]:
    """Every single disguise of a text, undone; not yet judged."""
    for how, decode in DECODERS:
        decoded = decode(text)
        if decoded is not None:
            yield Reading(decoded, how)
    for how, undo in (
        ("leet", _from_leet),
        ("spelled", _from_spelled),
        ("joined", _from_joined),
        ("masked", _from_masked),
    ):
        other = undo(text, model)
        if other is not None:
            yield Reading(other, how)
    yield from _turned(text, model)


def _coded_and_turned(text: str) -> Iterator[Reading]:
    """A code that was turned round or shifted after coding: the turned text need not make sense itself."""
    if _CODED.search(text) is None:
        return
    for turn, turned in (("rot13", rot13(text)), ("reversed", text[::-1])):
        for how, decode in DECODERS:
            decoded = decode(turned)
            if decoded is not None:
                yield Reading(decoded, f"{turn}+{how}")


def _makes_sense(candidate: str, before: str, model: Letters) -> bool:
    """Whether what is new in the candidate reads like language: by its letters, or by words that we know."""
    old = set(before.casefold().split())
    new = [w for w in candidate.split() if w.casefold() not in old]
    seq = codes(" ".join(new))
    count = int((seq > 0).sum())
    if count < 3:
        return False
    alphabetic = sum(c.isalpha() for w in new for c in w)
    if count < alphabetic / 2:  # a script that the model has no letters for
        return True
    if count < _FEW_LETTERS:
        return all(model.knows(_bare(w)) for w in new if len(w) > 2)
    return model.score_codes(seq) >= _ENOUGH


# --- letters for letters ----------------------------------------------------------------------------------------


def _without_needless_accents(text: str, model: Letters) -> str:
    """Text with an accent on every third letter or more is dressed up, if without them it is made of known words."""
    alphabetic = [c for c in text if c.isalpha()]
    dressed = sum(not c.isascii() for c in alphabetic)
    if dressed * 3 < len(alphabetic) or not alphabetic:
        return text
    plain = fold(text)
    return plain if plain.isascii() and _known(plain, model) >= 0.6 else text


def _from_leet(text: str, model: Letters) -> str | None:
    """Digits and signs inside words as the letters they resemble, where that gives words that we know."""
    tokens = _LEET_WORD.findall(text)
    suspects = {t for t in tokens if _leet_like(t)}
    solved = {t: word for t in suspects if (word := _leet_word(t, model)) is not None}
    # Half of all words with a digit or sign in them is no accident, whether or not we know the words.
    through = len(suspects) >= _MANY and len(suspects) * 2 >= len(set(tokens))
    if not solved and not through:
        return None
    if not through and (sum(map(len, solved)) < 4 or len(solved) * 2 < len(suspects)):
        return None
    if through or len(solved) >= _MANY:
        solved |= {t: _likeliest_leet(t, model) for t in suspects if t not in solved}
    # Once some words are written so, the others are too: "t0"; and with many of them, so is a lone "1", "4" or "70".
    many = len(solved) >= 2
    for token in tokens:
        if (
            token not in solved
            and any(c in _LEET for c in token)
            and (many or not token.isdigit())
            and len(token) <= 3 + 9 * (not token.isdigit())
        ):
            word = _leet_word(token, model)
            if word is not None:
                solved[token] = word
    return _LEET_WORD.sub(lambda m: solved.get(m.group(), m.group()), text)


def _likeliest_leet(token: str, model: Letters) -> str:
    """Of the words that digits and signs can stand for, the one that reads best by its letters.

    The shapes come with the commonest letters first; the others must read clearly better.
    """
    first, *others = _leet_shapes(token)
    best = max(others, key=model.score)
    return best if model.score(best) > model.score(first) + _GAIN else first


def _leet_shapes(token: str) -> list[str]:
    return [
        "".join(one if c in "1!|" else six if c == "6" else _LEET.get(c, c) for c in shape)
        for shape in (token, token.rstrip("!|+"))
        for one in "il"
        for six in "gb"
    ]


def _leet_like(token: str) -> bool:
    return (
        any(c in _LEET for c in token)
        and any(c.isalpha() for c in token)
        and _CODE_NAME.fullmatch(token) is None
    )


def _leet_word(token: str, model: Letters) -> str | None:
    shapes = _leet_shapes(token)
    whole, without_end = shapes[: len(shapes) // 2], shapes[len(shapes) // 2 :]
    for some in (whole, without_end):  # a sign at the end is a letter where that gives a word
        frequency, word = max(((model.frequency(fold(w)), w) for w in some), key=lambda found: found[0])
        if frequency > float("-inf"):
            return word
    word = max(shapes, key=model.score)
    return word if len(word) >= 6 and model.score(word) > -3.6 else None


def _from_masked(text: str, model: Letters) -> str | None:
    """Words with a letter or two starred out, where the list has one that fits: the most frequent."""

    def fill(match: re.Match[str]) -> str:
        token = match.group().casefold()
        stars = sum(c in "*#" for c in token)
        if stars > 2 or stars * 2 >= len(token):
            return match.group()
        fits = model.like(re.sub("[*#]", "[a-z]", token))
        return fits or match.group()

    filled = _MASKED.sub(fill, text, count=MOST_PIECES) if "*" in text or "#" in text else text
    return filled if filled != text else None


# --- letters apart, words together -------------------------------------------------------------------------------


def _from_spelled(text: str, model: Letters) -> str | None:
    """Letters with something between them, as words; words glued by signs, as words."""

    def join(match: re.Match[str]) -> str:
        run = match.group()
        gaps = _SEPARATOR.findall(run)
        if len(gaps) < 3:
            return run
        common = max(dict.fromkeys(gaps), key=gaps.count)
        wide = {g for g in gaps if g != common}
        if len(wide) in (1, 2) and gaps.count(common) > len(gaps) / 2:
            pieces = ["".join(c for c in part if c.isalnum()) for part in _split_at(run, wide)]
        else:
            pieces = ["".join(c for c in run if c.isalnum())]
        return " ".join(" ".join(model.cut(fold(p))[0]) if len(p) > 9 else p for p in pieces)

    spelled = _SINGLES.sub(join, text)
    glued = _GLUED.sub(lambda m: _SEPARATOR.sub(" ", m.group()), spelled)
    return glued if glued != text else None


def _split_at(run: str, gaps: set[str]) -> list[str]:
    parts = [""]
    for piece in re.split(r"([\W_]+)", run):
        if piece in gaps:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _from_joined(text: str, model: Letters) -> str | None:
    """Words written without gaps, where a cut into known words leaves nothing over."""

    def cut(match: re.Match[str]) -> str:
        run = fold(match.group())
        if model.knows(run):
            return match.group()
        found, share = model.cut(run)
        stray = any(len(w) == 1 and w not in "ai" for w in found)
        better = model.score(" ".join(found)) - model.score(run) > _GAIN
        if share < 1 or stray or not better or len(found) < 5 or len(run) < 2.4 * len(found):
            return match.group()
        return " ".join(found)

    joined = _LONG.sub(cut, text)
    return joined if joined != text else None


# --- letters moved -----------------------------------------------------------------------------------------------


def _turned(text: str, model: Letters) -> Iterator[Reading]:
    """Text, or a span or stretch of it, backwards or in a shifted or mirrored alphabet, where it reads better so."""
    seen: set[str] = set()
    pieces = sorted({*_SPANS.split(text), *_odd_stretches(text, model)}, key=lambda s: (-len(s), s))
    for span in (text, *pieces[:MOST_PIECES]):
        if span in seen or len(span) < _FEW_LETTERS:
            continue
        seen.add(span)
        seq = codes(span)
        if (seq > 0).sum() < _FEW_LETTERS:
            continue
        score = model.score_codes(seq)
        if score > _DOUBTFUL:
            continue
        turned = _best_turns(span, seq, score, model)
        for reading in turned:
            yield Reading(text.replace(span, reading.text), reading.how)
        if turned and span == text:
            return


def _best_turns(span: str, seq: Codes, score: float, model: Letters) -> list[Reading]:
    """The likeliest turn, if it reads as language; two where the order of the words cannot be told from the letters."""
    backwards = seq[::-1]
    options = [(model.score_codes(backwards), "reversed", 0)]
    # Letters read the same by either way of turning words round; the marks tell which way the sentence goes.
    if not _OPENED.search(span):
        options.append((model.score(_words_reversed(span)), "words reversed", 0))
    is_latin = (seq > 0) & (seq <= 26)
    for direction, base in (("", seq), ("reversed+", backwards)):
        latin_here = is_latin if not direction else is_latin[::-1]
        options.append((model.score_codes(np.where(latin_here, 27 - base, base)), f"{direction}mirrored", 0))
        for by in range(1, 26):
            moved = np.where(latin_here, (base - 1 + by) % 26 + 1, base)
            options.append((model.score_codes(moved), f"{direction}shifted", by))
    gained, how, by = max(options)
    orders = [
        option for option in options[:2] if option[1].endswith("reversed") and gained - option[0] < _SAME
    ]
    likeliest = sorted(orders, reverse=True) if how in ("reversed", "words reversed") else [(gained, how, by)]
    read = [(reached, _read_so(span, how, by)) for reached, how, by in likeliest]
    return [r for reached, r in read if _reads_better(r.text, span, reached - score, reached, model)]


def _read_so(span: str, how: str, by: int) -> Reading:
    text = (
        span[::-1]
        if how.startswith("reversed")
        else _words_reversed(span)
        if how == "words reversed"
        else span
    )
    if how.endswith("shifted"):
        text = shifted(text, by)
    elif how.endswith("mirrored"):
        text = mirrored(text)
    return Reading(text, how)


def _reads_better(text: str, span: str, gain: float, score: float, model: Letters) -> bool:
    more_words = _known(text, model) - _known(span, model)
    return score >= _LANGUAGE and ((gain >= _GAIN and more_words > 0.15) or more_words >= 0.4)


def _odd_stretches(text: str, model: Letters) -> Iterator[str]:
    """Stretches of words that are no language, inside a text that is."""
    tokens = [(m.start(), m.end(), m.group()) for m in re.finditer(r"\S+", text)]
    odd = [_oddness(word, model) for _, _, word in tokens]
    start: int | None = None
    for i, mark in enumerate([*odd, False]):
        if mark is False:
            if start is not None:
                last = max(j for j in range(start, i) if odd[j])
                if sum(odd[j] is True for j in range(start, last + 1)) >= 2:
                    yield text[tokens[start][0] : tokens[last][1]]
            start = None
        elif mark and start is None:
            start = i


def _oddness(word: str, model: Letters) -> bool | None:
    """Whether a word is no language; None for one too short to tell."""
    bare = _bare(word)
    if len(bare) < 3:
        return None
    return not model.knows(bare) and model.score(bare) < -4.5


# --- small helpers -----------------------------------------------------------------------------------------------


def _words_reversed(text: str) -> str:
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", lambda m: m.group()[::-1], text)


def _bare(word: str) -> str:
    return "".join(c for c in fold(word) if c.isalnum())


def _letters(text: str) -> str:
    """What two readings must differ in to be two: their words."""
    return " ".join(filter(None, (_EDGES.sub("", word) for word in text.casefold().split())))


def _shown(text: str) -> str:
    """What tells two texts apart to the eye: letters, digits and the marks on them, by the word."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return " ".join(
        "".join(c for c in plain if c.isalnum() or c.isspace() or unicodedata.combining(c)).split()
    )


def _known(text: str, model: Letters) -> float:
    """The share of words that are on the list, of those with two letters or more."""
    found = [w for w in map(_bare, text.split()) if len(w) > 1]
    return sum(map(model.knows, found)) / len(found) if found else 0.0
