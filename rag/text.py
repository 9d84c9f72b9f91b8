"""Words, stems and numbers of a text: the one way in which retrieval, decision and checks read language."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
REMEMBERED = 50_000  # texts whose reading is kept; statements and questions are read again with every answer
_STEMMER = snowballstemmer.stemmer("english")
_STEMMING = threading.Lock()  # the stemmer keeps the word in itself while it works

# Function words: they carry no topic, so they neither link nor count as covered content.
STOPWORDS = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't dont down during
    each either else etc ever few for from further get gets got had hadn't has hasn't have haven't having he
    he'd he'll he's her here hers herself him himself his how i i'd i'll i'm i've if im in into is isn't it it's
    its itself just let like ll me might more most much must my myself no nor not now of off oh ok okay on once
    one only onto or other our ours out over own per please pls quite rather re really same shall she she'd
    she's should shouldn't so some such tell than that that's thats the their theirs them themselves then there
    there's these they they're they've thing things this those though through thru to too u under until up upon
    ur us very via was wasn't way we we'd we're we've were weren't what what's whats when where whether which
    while who who's whom whose why will with within without won't would wouldn't yes yet you you'd you're your
    yours yourself anybody anyone everybody everyone folks people person persons ppl somebody someone
    """.split()
)

_SPELLED = {
    w: n
    for n, w in enumerate(
        """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
    """.split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
NUMERALS = frozenset({*_SPELLED, *_SCALES})
MONTHS = tuple(
    "january february march april may june july august september october november december".split()
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def calm(text: str) -> str:
    """The text, but in small letters where it is shouted: encoders read a shouted word as another one."""
    return text.lower() if text.isupper() else text


def fold(text: str) -> str:
    """Lower case without accents or compatibility forms, apostrophes made plain."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(fold(text)))


def says(text: str, names: Collection[str]) -> bool:
    """Whether a text has one of the names or ids as whole words, however its lines are broken."""
    plain = " ".join(text.split())
    return any(re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", plain) for n in names)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    word = word.removesuffix("'s").replace("'", "")
    with _STEMMING:
        return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=REMEMBERED)
def content_words(text: str) -> tuple[str, ...]:
    """Folded words that are not function words, in order, unstemmed."""
    return tuple(w for w in words(text) if w not in STOPWORDS)


@lru_cache(maxsize=REMEMBERED)
def content_stems(text: str) -> tuple[str, ...]:
    return tuple(stem(w) for w in content_words(text))


@lru_cache(maxsize=REMEMBERED)
def numbers(text: str) -> frozenset[str]:
    """Every number of a text in one normal form: "1,200" is 1200, "three hundred" is 300, "41.40" is 41.4."""
    found = {_plain(m.group()) for m in NUMBER.finditer(text)}
    total: int | None = None
    for word in [*re.findall(r"[a-z]+|[^a-z\s-]+", fold(text)), ""]:
        if word in _SPELLED:
            value = _SPELLED[word]
            total = total + value if total and total % 100 in range(20, 100, 10) and value < 10 else value
            found.add(str(total))
        elif word in _SCALES and total:
            total *= _SCALES[word]
            found.add(str(total))
        else:
            total = None
    return frozenset(found)


def _plain(digits: str) -> str:
    whole = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", digits).replace(",", ".")
    try:
        return f"{float(whole):g}" if "." in whole else str(int(whole))
    except ValueError:
        return whole
