"""A reference that a student pastes leads to the very paragraph, says when it was read, and hides no doubt."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from rag.corpus import Corpus, load_corpus
from rag.export import STYLES, Style, citation, in_text, reference
from rag.export.cite import place
from rag.export.names import parted
from rag.model import Locator, Source
from rag.settings import ROOT

READ = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(ROOT / "corpus")


def made(corpus: Corpus, **fields: object) -> Source:
    return next(iter(corpus.sources.values())).model_copy(update=fields)


NEWSPAPER = {
    "id": "paper-2016",
    "title": "They came back, and then?",
    "authors": ("Ana de la Cruz", "Bo Lind"),
    "publisher": "The Evening Paper",
    "published": "2016-07-06",
    "kind": "journalism",
    "url": "https://paper.example/back",
    "standing": "good",
}


def test_each_style_as_its_manual_has_it(corpus: Corpus) -> None:
    paper = made(corpus, **NEWSPAPER)
    assert reference(paper, "apa", READ) == (
        "de la Cruz, A., & Lind, B. (2016, July 6). They came back, and then? The Evening Paper. "
        "Retrieved November 22, 2026, from https://paper.example/back"
    )
    assert reference(paper, "mla", READ) == (
        "de la Cruz, Ana, and Bo Lind. “They Came Back, and Then?” The Evening Paper, 6 July 2016, "
        "https://paper.example/back. Accessed 22 Nov. 2026."
    )
    assert reference(paper, "chicago", READ) == (
        "de la Cruz, Ana, and Bo Lind. “They Came Back, and Then?” The Evening Paper, July 6, 2016. "
        "Accessed November 22, 2026. https://paper.example/back."
    )


def test_records_for_reference_managers_can_be_read_by_them(corpus: Corpus) -> None:
    paper = made(corpus, **NEWSPAPER, rights="-")
    record = reference(paper.model_copy(update={"title": "Cost & {gain} of 5%_x"}), "bibtex", READ)
    assert record.startswith("@article{paper-2016,")
    assert "author = {de la Cruz, Ana and Lind, Bo}" in record
    assert r"title = {{Cost \& \{gain\} of 5\%\_x}}" in record
    assert re.sub(r"\\[{}]", "", record).count("{") == re.sub(r"\\[{}]", "", record).count("}")
    lines = reference(paper, "ris", READ).split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert lines[-2] == "ER  - "
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])
    assert "Y2  - 2026/11/22/" in lines


@pytest.mark.parametrize("style", STYLES)
def test_every_passage_of_the_corpus_can_be_cited_to_its_place(style: Style, corpus: Corpus) -> None:
    for source in corpus.sources.values():
        passage = next(p for p in corpus.passages.values() if p.source == source.id)
        for cited in (passage.id, passage.cited()[-1].id):
            text = citation(cited, style, corpus, READ)
            assert source.url in text
            assert place(passage.locator, style) in text
            assert "2026" in text
            if source.standing != "good":
                assert f"{source.standing.capitalize()} account" in text


def test_a_place_may_be_a_page_or_a_time() -> None:
    assert place(Locator(page=12), "mla") == "p. 12"
    assert place(Locator(timecode="00:12:03.5"), "apa") == "12:03"
    assert place(Locator(timecode="01:12:03"), "chicago") == "at 01:12:03"


def test_the_short_form_names_author_year_and_place(corpus: Corpus) -> None:
    assert in_text("gazette-2016/p6#1", "apa", corpus, READ) == "(Solyom, 2016, para. 6)"
    assert in_text("gazette-2016/p6", "mla", corpus, READ) == "(Solyom, par. 6)"


def test_an_unknown_id_is_named(corpus: Corpus) -> None:
    for name in ("nobody-1999/p1", "gazette-2016/p6#99"):
        with pytest.raises(KeyError, match=name):
            citation(name, "apa", corpus, READ)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Anne Speckhard", {"family": "Speckhard", "given": "Anne"}),
        ("Ludwig van der Berg", {"family": "van der Berg", "given": "Ludwig"}),
        ("Berg, Ida", {"family": "Berg", "given": "Ida"}),
        ("Life After Hate", {"literal": "Life After Hate"}),
        ("US Department of Justice", {"literal": "US Department of Justice"}),
        ("BBC News", {"literal": "BBC News"}),
        ("Plato", {"literal": "Plato"}),
    ],
)
def test_people_are_sorted_by_family_name_and_organisations_stay_whole(
    author: str, name: dict[str, str]
) -> None:
    assert parted(author) == name
