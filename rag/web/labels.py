"""How a place in a source and a value of the corpus are called on the pages.

The codebook's own labels are English and belong to the corpus: an English page shows them as they are, so that another
corpus brings its own. In another language the catalogue translates those it knows.
"""

from __future__ import annotations

from rag.corpus import Corpus
from rag.corpus.stats import NOT_STATED
from rag.model import Locator, Tag
from rag.web.words import ENGLISH, catalogue, labelled, language, t


def place(locator: Locator) -> str:
    """The place in the original, as a reader of the page says it."""
    if locator.timecode is not None:
        return t("locator.timecode", time=locator.timecode)
    if locator.page is not None:
        return t("locator.page", n=str(locator.page))
    return t("locator.paragraph", n=str(locator.paragraph))


def named(facet: str, value: str, corpus: Corpus) -> str:
    """How a value of a facet is called: by the codebook where it has it, else by the catalogue."""
    if value == NOT_STATED:
        return t("common.not_stated")
    tags: dict[str, tuple[Tag, ...]] = {
        "stage": corpus.taxonomy.stages,
        "motive": corpus.taxonomy.motives,
        "disillusionment": corpus.taxonomy.disillusionment,
    }
    own = next((tag.label for tag in tags.get(facet, ()) if tag.id == value), None)
    translated = f"{facet}.{value}" in catalogue(language()) and language() != ENGLISH
    return labelled(facet, value) if own is None or translated else own
