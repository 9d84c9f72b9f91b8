"""In which of the languages of the help a text is written: by script, and by its commonest small words.

Small words (articles, pronouns, prepositions, auxiliaries) tell a language from a handful of words, need no model and
cannot be far off: what is not recognised is answered in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from rag.text import words

LANGUAGES = ("en", "fr", "de", "nl", "es", "ar", "tr")

_ARABIC = re.compile(r"[\u0621-\u064a]")
_NOT_ARABIC = re.compile(r"[پچژگکیےٹڈں]")  # letters of Persian and Urdu
# As `rag.text.words` gives them: folded, without accents. A word of two languages counts for both.
_SMALL: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        """the a an and of to in is are was were do does did i im i'm ive my me he she it his her they them we you your
        for with from on at about that this what who why how when where not no dont don't have has had can will would
        be been am but if or so as there want need help someone just get like because""".split()
    ),
    "fr": frozenset(
        """le la les un une des du de au aux et ou mais je j'ai j'en tu il elle on nous vous ils mon ma mes ton ta son
        sa ses ce cette est suis sont etait ai as a avec dans pour sur par pas ne plus qui que quoi comment pourquoi
        c'est qu'il n'est m'a d'un veux peux moi lui leur sans chez depuis quand tres besoin""".split()
    ),
    "de": frozenset(
        """der die das den dem ein eine einen einem meine mein meinen meiner und oder aber ich du er sie es wir ihr mich
        mir ihm ist bin sind war hat habe haben kann will nicht kein keine mehr mit von zu zum zur im in auf aus bei
        nach fur was wer wie warum wenn weil dass auch noch nur schon sich um uber""".split()
    ),
    "nl": frozenset(
        """de het een mijn zijn haar hun en of maar ik jij je hij zij ze wij we mij hem is ben was heeft heb hebben kan
        wil niet geen meer met van naar te ten in op uit bij voor wat wie hoe waarom als omdat dat ook nog maar al zich
        om over er aan ons den woon onze u uw dit die worden""".split()
    ),
    "es": frozenset(
        """el la los las un una unos unas de del al y o pero yo tu mi mis su sus me te se nos lo le es esta estoy soy
        son era ha he han puede puedo quiero con en para por sin sobre no ni mas que quien como cuando donde porque
        si muy ya hay tengo tiene hace desde eso esto alguien vivo morir""".split()
    ),
    "tr": frozenset(
        """bir ve veya ama ben bana beni benim sen sana o onu ona biz bize siz bu su da de mi mu ne neden nasil kim
        icin ile gibi cok daha en var yok degil olarak kadar sonra once her hic ki ya diye istiyorum biliyorum
        korkuyorum oluyor musun misin ediyor kardesim oglum kizim yardim artik burada nerede""".split()
    ),
}
_LETTERS: Mapping[str, str] = {"fr": "çœêèàù", "de": "ßäöü", "es": "ñ¿¡áíóú", "tr": "ğışçöü", "nl": "ĳ"}


def language_of(text: str) -> str:
    """One of LANGUAGES; English where none is recognised."""
    if _ARABIC.search(text):
        arabic = sum(1 for c in text if _ARABIC.match(c))
        latin = sum(1 for c in text if c.isascii() and c.isalpha())
        return "ar" if arabic > latin and not _NOT_ARABIC.search(text) else "en"
    said = [w.replace("ı", "i") for w in words(text)]
    score = {language: float(sum(w in small for w in said)) for language, small in _SMALL.items()}
    composed = unicodedata.normalize("NFC", text.casefold())
    for language, letters in _LETTERS.items():
        score[language] += 0.4 * min(3, sum(c in letters for c in composed))
    best = max(score, key=lambda language: (score[language], language == "en"))
    return best if score[best] >= 1 else "en"
