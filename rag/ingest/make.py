"""From a document to its draft: cleaned, cut, and every passage with the flags that a curator has to settle."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal

from rag.corpus import Corpus
from rag.ingest.care import concerns
from rag.ingest.clean import cleaned
from rag.ingest.cut import Cut, Uncut, cut
from rag.ingest.document import Block, Document, Guesses
from rag.ingest.draft import Draft, DraftFlag, DraftPassage, HiddenFind, Outside, Suggested
from rag.ingest.instructions import Instructions
from rag.ingest.masks import Pseudonyms
from rag.ingest.names import persons
from rag.ingest.personal import Personal, forms
from rag.text import fold

_PUBLIC_VOICES = ("public_figure", "official", "journalist", "researcher")
LANGUAGE_SURE = 40  # letters from which the language of a passage is told


class Maker:
    """Makes drafts against one corpus: its people are known, its public figures need no mask."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._instructions = Instructions(corpus)

    def draft(
        self,
        source: str,
        name: str,
        file_sha256: str,
        document: Document,
        *,
        rendering: Literal["verbatim", "account"],
        card: Mapping[str, str],
        key: dict[str, str] | None = None,
    ) -> tuple[Draft, dict[str, str]]:
        """The draft and its key (mask -> words). `key` is that of the version before: its masks stay."""
        blocks = cleaned(document)
        pieces = list(cut(source, document, blocks))
        cuts = [c for c in pieces if isinstance(c, Cut)]
        outside = [
            Outside(place=str(document.locator(n)), block=n, text=b.text[:2000], why=b.why)
            for n, b in enumerate(blocks)
            if b.kind != "text"
        ]
        outside += [
            Outside(place=str(document.locator(u.block)), block=u.block, text=u.text, why=u.why)
            for u in pieces
            if isinstance(u, Uncut)
        ]
        personal = self._personal(cuts, document)
        masks = Pseudonyms(key)
        masks.learn(p for found in personal for p in found)
        language = _language(" ".join(" ".join(c.sentences) for c in cuts[:60])) or document.guesses.language
        guesses = _guesses(document, blocks, (language or "en")[:2].lower())
        passages = []
        asked = _questions_before(cuts)
        for c, found in zip(cuts, personal, strict=True):
            flags = (*_personal_flags(found, masks), *self.flags(c.sentences, guesses.language or "en"))
            suggested = Suggested(
                people=self._people(" ".join(c.sentences), c.speaker), questions=asked.get(c.id, ())
            )
            passages.append(
                DraftPassage(
                    id=c.id,
                    locator=c.locator,
                    block=c.block,
                    speaker=c.speaker,
                    original=c.sentences,
                    statements=c.sentences,
                    flags=flags,
                    suggested=suggested,
                )
            )
        hidden = tuple(
            HiddenFind(hidden=h, instruction=self._instructions.reason(h.text)) for h in document.hidden
        )
        draft = Draft(
            id=source,
            name=name,
            file_sha256=file_sha256,
            format=document.format,
            unit=document.unit,
            text_sha256=document.sha256,
            rendering=rendering,
            guesses=guesses,
            card=dict(card),
            passages=tuple(passages),
            outside=tuple(sorted(outside, key=lambda o: o.block)),
            hidden=hidden,
            warnings=document.warnings,
        )
        return draft, masks.key

    def flags(self, statements: tuple[str, ...], language: str) -> tuple[DraftFlag, ...]:
        """The flags of a passage that do not hang on the rest of its source."""
        text = " ".join(statements)
        found = [DraftFlag(kind="care", label=c.flag, why=c.why, words=c.words) for c in concerns(text)]
        why = self._instructions.reason(text)
        if why:
            found.append(DraftFlag(kind="instruction", label="instruction", why=why))
        if sum(c.isalpha() for c in text) >= 3 * LANGUAGE_SURE:
            own = _language(text)
            if own and own != language:
                found.append(
                    DraftFlag(kind="language", label=own, why=f"it reads like another language ({own})")
                )
        return tuple(found)

    def personal_flags(
        self, statements: tuple[str, ...], key: dict[str, str]
    ) -> tuple[tuple[DraftFlag, ...], dict[str, str]]:
        """Personal data in words that a curator wrote, and the key with the masks that are new."""
        masks = Pseudonyms(key)
        known = [w for words in key.values() for w in words.split(" / ")]
        found = [p for texts in self._found(list(statements), known) for p in texts]
        masks.learn(found)
        return _personal_flags(found, masks), masks.key

    def _personal(self, cuts: list[Cut], document: Document) -> list[list[Personal]]:
        """Personal data of every passage; names are looked for over the whole document."""
        speakers = sorted({c.speaker for c in cuts if c.speaker and len(c.speaker) > 2})
        texts = [" ".join(c.sentences) for c in cuts]
        return self._found(texts, speakers, document.guesses.authors)

    def _found(
        self, texts: list[str], speakers: list[str], authors: tuple[str, ...] = ()
    ) -> list[list[Personal]]:
        # A speaker's name may never stand in the text that is read; a sentence that names them brings it in.
        naming = [
            f"My name is {s.title() if s.isupper() else s}." for s in speakers if not re.search(r"\d", s)
        ]
        named = persons([*texts, *naming], known=self._known, public=(*self._public, *authors))
        found = []
        for text, names in zip(texts, named, strict=False):
            fixed = forms(text)
            free = [n for n in names if not any(f.start < n.end and n.start < f.end for f in fixed)]
            found.append(sorted([*fixed, *free], key=lambda p: p.start))
        return found

    @cached_property
    def _known(self) -> tuple[str, ...]:
        return tuple(n for t in self._corpus.terms for n in (t.term, *t.aliases))

    @cached_property
    def _public(self) -> tuple[str, ...]:
        people = (p for p in self._corpus.people if p.voice in _PUBLIC_VOICES and not p.is_pseudonym)
        return tuple(n for p in people for n in (p.name, *p.aliases))

    @cached_property
    def _names(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        return tuple(
            (p.id, re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b"))
            for p in self._corpus.people
            if (names := [n for n in (p.name, *p.aliases) if n[:1].isupper() and "(" not in n and len(n) > 3])
        )

    def _people(self, text: str, speaker: str | None) -> tuple[str, ...]:
        """People of the corpus whom a passage names or who speak in it."""
        who = f"{speaker.title() if speaker and speaker.isupper() else speaker or ''}. {text}"
        return tuple(person for person, form in self._names if form.search(who))[:6]


def _guesses(document: Document, blocks: Sequence[Block], language: str) -> Guesses:
    """What the file says of itself, and for the rest its first heading, byline and date line."""
    said = document.guesses
    heading = next((b.text for b in blocks[:20] if b.kind == "heading"), None)
    byline = next((b.text for b in blocks[:20] if b.why == "byline"), "")
    authors = tuple(
        a.strip()
        for a in re.split(r",|\band\b|\bund\b|\bet\b|&", re.sub(r"^\w+(?: by)?\s", "", byline), flags=re.I)
    )
    dated = next(
        (m for b in blocks[:20] if b.why == "date line" and (m := re.search(r"(?:19|20)\d\d", b.text))), None
    )
    return said.model_copy(
        update={
            "title": said.title or heading,
            "authors": said.authors or tuple(a for a in authors if a),
            "published": said.published or (dated.group() if dated else None),
            "language": language,
        }
    )


def _personal_flags(found: list[Personal], masks: Pseudonyms) -> tuple[DraftFlag, ...]:
    once = {(p.kind, p.text): p for p in found}
    return tuple(
        DraftFlag(kind="personal", label=p.kind, why=p.why, words=p.text, mask=masks.mask(p))
        for p in once.values()
    )


def _questions_before(cuts: list[Cut]) -> dict[str, tuple[str, ...]]:
    """For the first passage of an answer, the question of the other speaker that stands before it."""
    found: dict[str, tuple[str, ...]] = {}
    for before, after in pairwise(cuts):
        question = before.sentences[-1]
        if before.speaker and after.speaker and before.speaker != after.speaker and question.endswith("?"):
            found[after.id] = (question,)
    return found


def _language(text: str) -> str | None:
    """ISO 639-1 of a text, by py3langid; None where it is too short to tell or the package is missing."""
    if sum(c.isalpha() for c in text) < LANGUAGE_SURE:
        return None
    try:
        import py3langid
    except ImportError:
        return None
    told: Callable[[str], tuple[str, float]] = py3langid.classify
    return str(told(fold(text[:4000]) if text.isupper() else text[:4000])[0])
