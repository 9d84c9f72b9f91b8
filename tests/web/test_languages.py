"""The interface in other languages: whole catalogues, the choice of a language, and no word outside a catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
import yaml

from rag.answer.cite import FLAG_WORDS
from rag.corpus import Corpus
from rag.explore import Holdings, Selection
from rag.settings import ROOT, Settings
from rag.web import words
from rag.web.exploring import State, exploring
from rag.web.words import t

from .conftest import Visit, shown
from .test_pages import TODAY

WEB = ROOT / "rag" / "web"
OTHERS = [x for x in words.languages() if x != words.ENGLISH]
# CLDR's cardinal forms of whole numbers below a million.
FORMS = {"ar": words.PLURALS, "de": {"one", "other"}, "fr": {"one", "other"}, "nl": {"one", "other"}}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    words.use(words.ENGLISH)


def own(code: str) -> dict[str, Any]:
    """A catalogue as its file has it, not completed with English."""
    return words._flat(yaml.safe_load((words.STRINGS / f"{code}.yaml").read_text("utf-8")))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# --- the catalogues ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_whole_and_keeps_every_placeholder(code: str) -> None:
    english, translated = own("en"), own(code)
    assert set(english) ^ set(translated) == set()
    for key, text in english.items():
        other = translated[key]
        assert isinstance(other, dict) == isinstance(text, dict), key
        if not isinstance(text, dict):
            assert placeholders(str(other)) == placeholders(str(text)), key
            continue
        assert set(other) == FORMS[code], key
        for form, words_of_form in other.items():
            # "two people" may be one word, but what stands for many numbers must say which.
            spoken = {"n"} if form in ("zero", "one", "two") else set()
            wanted = placeholders(text["other"])
            assert wanted - spoken <= placeholders(words_of_form) <= wanted, (key, form)


@pytest.mark.parametrize("code", words.languages())
def test_no_text_is_empty_and_no_key_stands_twice(code: str) -> None:
    class Once(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [loader.construct_object(k) for k, _ in node.value]
        assert len(keys) == len(set(keys)), f"{code}: a key twice in {keys}"
        return {k: loader.construct_object(v, deep=True) for k, (_, v) in zip(keys, node.value, strict=True)}

    Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    yaml.load((words.STRINGS / f"{code}.yaml").read_text("utf-8"), Once)
    assert [k for k, v in own(code).items() if not v and k != "about.reviewed_by"] == []


def test_arabic_is_written_in_arabic() -> None:
    names = {"bar.name", "prepare.docx", "prepare.md", "evaluate.other_run", "common.group"}
    names |= {k for k in own("ar") if k.startswith(("about.", "date."))}
    plain = {k: v for k, v in own("ar").items() if isinstance(v, str) and k not in names}
    assert [k for k, v in plain.items() if not re.search(r"[\u0600-\u06ff]", v)] == []


def test_the_settings_offer_the_languages_that_there_are() -> None:
    assert set(get_args(Settings.model_fields["language"].annotation)) == set(words.languages())


def test_the_english_labels_are_those_of_the_corpus(corpus: Corpus) -> None:
    english, tags = own("en"), corpus.taxonomy
    for kind, known in (
        ("stage", tags.stages),
        ("motive", tags.motives),
        ("disillusionment", tags.disillusionment),
    ):
        assert {x.id: x.label for x in known} == {
            k.removeprefix(f"{kind}."): v for k, v in english.items() if k.startswith(f"{kind}.")
        }
    assert {k: english[f"flag.{k}"] for k in FLAG_WORDS} == FLAG_WORDS


# --- numbers, dates, plurals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "date", "count", "people"),
    [
        ("en", "29 June 2014", "1,107", "1 person"),
        ("fr", "29 juin 2014", "1\u202f107", "1 personne"),
        ("de", "29. Juni 2014", "1.107", "1 Mensch"),
        ("nl", "29 juni 2014", "1.107", "1 persoon"),
        ("ar", "29 يونيو 2014", "1,107", "شخص واحد"),
    ],
)
def test_dates_numbers_and_plurals_are_those_of_the_language(
    code: str, date: str, count: str, people: str
) -> None:
    words.use(code)
    assert words.day("2014-06-29") == date
    assert words.day("2014") == "2014"
    assert words.day("about 2014") == "about 2014"
    assert words.number(1107) == count
    assert t("explore.people_short", n=1) == people


def test_arabic_has_six_forms_of_a_number() -> None:
    forms = {n: words.plural("ar", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)}
    assert list(forms.values()) == "zero one two few few many many other other few many".split()


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_the_pathway_speaks_the_language_and_the_passages_stay_as_they_are(corpus: Corpus, code: str) -> None:
    held, chosen = Holdings.of(corpus), State(chosen=Selection(stage=("doubt",)))
    english = exploring(held, chosen, TODAY)
    words.use(code)
    other = exploring(held, chosen, TODAY)
    assert other.pathway is not None
    assert english.pathway is not None
    assert other.passages is not None
    assert english.passages is not None
    assert {s.label for s in other.pathway.stages} & {s.label for s in english.pathway.stages} <= {"Contact"}
    assert [p.text for p in other.passages.items] == [p.text for p in english.passages.items]
    assert all("paragraph " not in p.byline for p in other.passages.items)


def test_a_language_is_asked_for_in_the_address_kept_between_pages_and_marked(visit: Visit) -> None:
    page = visit()
    assert [x["code"] for x in shown(page, "bar")["languages"] if x["chosen"]] == ["en"]
    with pytest.raises(ValueError, match="not enough values"):
        shown(page, "mark")  # English needs no mark
    page.query_params["lang"] = "de"
    page.run()
    assert "Maschinelle Übersetzung" in shown(page, "mark")["text"]
    assert page.chat_input[0].placeholder == "Stell eine Frage"
    assert all("?lang=de" in p["path"] for p in shown(page, "bar")["pages"])
    other = page.switch_page("privacy.py").run()
    assert shown(other, "text")["title"] == "Was über dich gespeichert wird"
    other.query_params["lang"] = "xx"
    other.run()
    assert shown(other, "text")["title"] == "Was über dich gespeichert wird"


def test_an_operator_sets_the_language_and_nothing_else_guesses_it(visit: Visit) -> None:
    page = visit(language="nl")
    assert page.chat_input[0].placeholder == "Stel een vraag"
    assert all("lang=" not in p["path"] for p in shown(page, "bar")["pages"])


# --- no word outside a catalogue --------------------------------------------------------------------------------------

PROSE = re.compile(r"[A-Z][a-z]{2,}(?: [a-z]+|$)|[a-z]+ [a-z]+ [a-z]+")
# No words of the interface: classes, media types, commands, and how the library begins a note that the page cuts off.
NOT_SAID = re.compile(r"^(rr.*|[a-z]+/[\w.+-]+.*|exitvoices .*|inspect view .*|Editorial note )$")


def said_in_python(path: Path) -> Iterator[str]:
    """String constants of a page file that a reader could see: no docstring, no key, no log line, no error."""
    tree = ast.parse(path.read_text("utf-8"))
    unseen: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() if ast.get_docstring(node):
                unseen.add(id(node.body[0].value))  # type: ignore[attr-defined]
            case ast.Raise() | ast.Assert():
                unseen |= {id(x) for x in ast.walk(node)}
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
                unseen |= {id(x) for x in ast.walk(node)}
            case ast.Call(func=ast.Name(id="TypeVar")):
                unseen |= {id(x) for x in ast.walk(node)}
            case ast.AnnAssign():
                unseen |= {id(x) for x in ast.walk(node.annotation)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unseen:
            yield node.value


def said_in_script(path: Path) -> Iterator[str]:
    """String literals of a page's script, and the words between the values of its templates."""
    text = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$|\s//\s.*$)", "", path.read_text("utf-8"), flags=re.S)
    yield from re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)
    for template in re.findall(r"`((?:[^`\\]|\\.)*)`", text):
        yield re.sub(r"\$\{[^}]*\}+", "", template).strip()


def test_no_page_file_holds_words_that_a_reader_sees() -> None:
    """They belong in the catalogue, or no other language has them."""
    found = [
        f"{path.name}: {text!r}"
        for path, literals in (
            *((p, said_in_python(p)) for p in WEB.glob("*.py") if p.name != "words.py"),
            *((p, said_in_script(p)) for p in (WEB / "assets").glob("*.js")),
        )
        for text in literals
        if PROSE.search(text) and not NOT_SAID.match(text)
    ]
    assert found == []
