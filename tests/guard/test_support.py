"""Help for a person in difficulty: the right services, in the right order, in plain words, and no number of our own."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from rag.corpus import Corpus, load_corpus
from rag.guard.language import LANGUAGES, language_of
from rag.guard.output import OutputGuard
from rag.guard.place import country_in, country_name
from rag.guard.support import (
    CATEGORIES,
    MOST_SERVICES,
    Category,
    fitting,
    help_for,
    supported,
    was_asked,
    whereabouts,
)
from rag.model import Outcome, Service, Support, Turn
from rag.settings import ROOT

TODAY = dt.date(2026, 11, 21)
CODES = [
    "GB",
    "IE",
    "US",
    "CA",
    "DE",
    "FR",
    "NL",
    "BE",
    "SE",
    "DK",
    "NO",
    "AU",
    "CH",
    "AT",
    "ES",
    "PL",
    "TR",
    "XK",
    None,
]
EVERYWHERE = [(category, code) for category in CATEGORIES for code in CODES]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(ROOT / "corpus")


@pytest.fixture(scope="module")
def support(corpus: Corpus) -> Support:
    return corpus.support


# --- language and country --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my brother watches these videos every night, what do i do", "en"),
        ("i wanna die", "en"),
        ("Mon fils ne me parle plus, que puis-je faire ?", "fr"),
        ("je veux mourir", "fr"),
        ("Meine Tochter schreibt mit Leuten, die ich nicht kenne", "de"),
        ("ich will nicht mehr leben", "de"),
        ("ik durf geen nee te zeggen tegen mijn broer", "nl"),
        ("ik wil dood", "nl"),
        ("mi hijo ya no habla conmigo y no sé qué hacer", "es"),
        ("quiero morir", "es"),
        ("أخي يشاهد هذه المقاطع كل ليلة وأنا خائف", "ar"),
        ("kardeşimi kaybetmekten korkuyorum, ne yapabilirim?", "tr"),
        ("ölmek istiyorum", "tr"),
        ("", "en"),
        ("12345 ???", "en"),
        ("мой брат уехал", "en"),
        ("من می‌ترسم چه کار کنم", "en"),
        ("Why did Abu Hajer leave ISIS?", "en"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("we live in Leeds and he is out every night", "GB"),
        ("We are in Northern Ireland, near Belfast", "GB"),
        ("I'm a mother in Cleveland, Ohio", "US"),
        ("im in the US and my son", "US"),
        ("On habite à Marseille et ma fille", "FR"),
        ("Nous sommes en Belgique", "BE"),
        ("Ich wohne in Köln", "DE"),
        ("wij wonen in Utrecht", "NL"),
        ("vivo en Sevilla con mi hermano", "ES"),
        ("أنا في هولندا وأخاف", "NL"),
        ("نعيش ببرلين", "DE"),
        ("Almanya'da yaşıyorum", "DE"),
        ("Ben İzmir'de oturuyorum", "TR"),
        ("Ireland", "IE"),
        ("my sister in Oslo has changed", "NO"),
        # where somebody might go, came from, or what a story is about
        ("my brother wants to go to Syria", None),
        ("she is leaving for Turkey tonight", None),
        ("he came back from Iraq", None),
        ("my uncle fought in Syria", None),
        ("the war in Iraq made him angry", None),
        ("mein Bruder will nach Syrien", None),
        ("je veux partir en Syrie", None),
        ("mi hermano se fue a Siria", None),
        ("ابني يريد السفر إلى سوريا", None),
        ("Suriye'ye gidecek kardeşim", None),
        ("What did women in Germany say about leaving?", None),
        # words that only look like a place
        ("they hate us", None),
        ("nice people, i was reading in the bath", None),
        ("that is the essence", None),
        # two places
        ("I live in Cork, he lives in Leeds", "IE"),
        ("one of us is in Paris, one in Berlin", None),
        ("", None),
    ],
)
def test_the_country_that_somebody_says_to_be_in(text: str, country: str | None) -> None:
    assert country_in(text) == country


@pytest.mark.parametrize(
    ("reply", "country"),
    [("germany", "DE"), ("UK", "GB"), ("im in ireland", "IE"), ("Suisse", "CH"), ("no", None)],
)
def test_a_reply_to_the_question_for_the_country(reply: str, country: str | None) -> None:
    assert country_in(reply, asked=True) == country


def test_what_is_said_goes_before_the_setting_and_the_setting_before_the_locale() -> None:
    assert whereabouts(["we live in Leeds"], setting="de", locale="fr-FR") == "GB"
    assert whereabouts(["help me"], setting="de", locale="fr-FR") == "DE"
    assert whereabouts(["help me"], locale="fr-CH") == "CH"
    assert whereabouts(["help me"], locale="fr_BE.UTF-8") == "BE"
    assert whereabouts(["help me"], locale="fr") is None
    assert whereabouts(["I live in Leeds", "what now"]) == "GB"
    assert whereabouts(["my friend in Leeds asks for school", "i want to die"]) is None
    assert whereabouts(["i want to die", "france"], replied=True) == "FR"


@given(st.text(max_size=200))
@hypothesis(max_examples=150, deadline=None)
def test_any_text_can_be_read_for_language_and_country(text: str) -> None:
    assert language_of(text) in LANGUAGES
    code = country_in(text)
    assert code is None or re.fullmatch("[A-Z]{2}", code)


# --- services --------------------------------------------------------------------------------------------------


def active(support: Support, code: str | None) -> list[Service]:
    return [s for s in support.services if s.country == code and s.shown_on(TODAY)]


@pytest.mark.parametrize(("category", "code"), EVERYWHERE)
def test_services_fit_the_need_and_the_police_come_last(
    support: Support, category: Category, code: str | None
) -> None:
    found = fitting(category, support, code, TODAY)
    assert len(found) <= MOST_SERVICES
    assert all(s in active(support, code) for s in found)
    assert not any(set(s.audience) == {"professional"} or set(s.topics) == {"reporting"} for s in found)
    police = [s.who_answers in ("police", "security_agency", "mixed") for s in found]
    assert police == sorted(police)
    if category == "self_harm":
        assert all("suicide" in s.topics for s in found)


def test_a_crisis_line_for_who_wants_to_die_and_an_advice_line_for_who_worries(support: Support) -> None:
    def names(category: Category, code: str) -> list[str]:
        return [s.id for s in fitting(category, support, code, TODAY)]

    assert names("self_harm", "US") == ["us-988"]
    assert names("worried", "US") == ["us-parents-for-peace"]
    assert names("worried", "GB") == ["gb-samaritans", "gb-act-early"]
    assert names("drawn_in", "NL") == ["nl-lse"]
    assert names("drawn_in", "BE") == ["be-caprev"]
    assert names("left_afraid", "CA") == ["ca-cprlv", "ca-988"]
    assert names("self_harm", "FR") == []
    assert "se-cve" not in names("worried", "SE")


def test_what_nobody_checked_lately_is_never_shown(support: Support) -> None:
    for category, code in EVERYWHERE:
        given_help = help_for(category, support, TODAY + dt.timedelta(days=200), country=code)
        assert not any(s.name in given_help.text for s in support.services)
        assert support.directory.name in given_help.text


@pytest.mark.parametrize(("category", "code"), EVERYWHERE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_has_its_parts_in_their_order(
    support: Support, category: Category, code: str | None, language: str
) -> None:
    given_help = help_for(category, support, TODAY, language=language, country=code)
    paragraphs = given_help.text.split("\n\n")
    notices = [n.text for n in given_help.notices]
    assert all(n.kind == "help" for n in given_help.notices)
    assert [p for p in paragraphs if p in notices] == notices
    numbers = [n for e in support.emergency if e.country == code for n in e.numbers]
    danger = next(n for n in notices if not any(n.startswith(x) for x in names_of(support)))
    assert all(n in danger for n in numbers)
    assert (paragraphs[0] == danger) == (category == "imminent")
    for service in fitting(category, support, code, TODAY):
        row = next(n for n in notices if n.startswith(service.name))
        assert service.who_answers_text in row
        assert str(service.checked_on) in row
        assert (service.hours or "") in row
        assert all(p.display in row for p in service.phone)
    assert len(notices) - 1 <= MOST_SERVICES
    # never nobody: a service or the directory is there
    assert len(notices) >= 2


def names_of(support: Support) -> list[str]:
    return [*(s.name for s in support.services), support.directory.name]


@pytest.mark.parametrize(("category", "code"), EVERYWHERE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_stands_there_that_is_not_in_the_file(
    support: Support, category: Category, code: str | None, language: str
) -> None:
    rows = support.model_dump(mode="json")
    held = " ".join(re.findall(r"\d+", str(rows)))
    for digits in re.findall(
        r"\d+", help_for(category, support, TODAY, language=language, country=code).text
    ):
        assert digits in held.split()


@given(st.data())
@hypothesis(max_examples=80, deadline=None)
def test_with_other_rows_still_only_their_numbers_are_printed(support: Support, data: st.DataObject) -> None:
    services = tuple(
        data.draw(st.lists(st.sampled_from(support.services), unique_by=lambda s: s.id, max_size=8))
    )
    emergency = tuple(
        data.draw(st.lists(st.sampled_from(support.emergency), unique_by=lambda e: e.country, max_size=4))
    )
    fewer = Support(services=services, emergency=emergency, directory=support.directory)
    category = data.draw(st.sampled_from(CATEGORIES))
    code = data.draw(st.sampled_from(CODES))
    text = help_for(category, fewer, TODAY, country=code, urgent=data.draw(st.booleans())).text
    held = re.findall(r"\d+", str(fewer.model_dump(mode="json")))
    assert set(re.findall(r"\d+", text)) <= set(held)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_the_words_are_few_and_pass_the_check_of_what_may_leave(
    corpus: Corpus, category: Category, language: str
) -> None:
    guard = OutputGuard(corpus)
    for code in CODES:
        given_help = help_for(category, corpus.support, TODAY, language=language, country=code)
        assert guard.check_text(given_help.text) == ()
        warm = given_help.text.split("\n\n")[1 if category == "imminent" else 0]
        assert 2 <= len(re.findall(r"[.!?؟;](?:\s|$)", warm)) <= 5
        assert len(warm.split()) <= 60
        assert "{" not in given_help.text


# --- the answer ------------------------------------------------------------------------------------------------


def test_the_answer_is_help_and_nothing_else(corpus: Corpus) -> None:
    answer = supported("my nephew in Tulsa sends me race war videos", "worried", corpus, TODAY)
    assert answer.outcome is Outcome.SUPPORTED
    assert (answer.sentences, answer.citations, answer.nearby) == ((), (), ())
    assert "Parents for Peace" in answer.text
    assert "911" in answer.text
    assert "not alone" in answer.text
    assert OutputGuard(corpus).check(answer) is answer
    assert answer.corpus_version == corpus.version


def test_in_danger_the_emergency_number_comes_first_then_a_crisis_line(corpus: Corpus) -> None:
    text = supported("he took the gun, we are in Chicago", "imminent", corpus, TODAY).text
    assert (
        text.index("911")
        < text.index("not alone")
        < text.index("988 Suicide")
        < text.index("Parents for Peace")
    )
    urgent = supported(
        "they are at my door, i live in Chicago", "left_afraid", corpus, TODAY, urgent=True
    ).text
    assert urgent.index("911") < urgent.index("not alone")


def test_the_country_is_asked_for_once(corpus: Corpus) -> None:
    first = supported("i want to die", "self_harm", corpus, TODAY)
    assert "In which country are you?" in first.text
    assert "findahelpline.com" in first.text
    assert "112" in first.text
    history = [Turn(role="user", content="i want to die"), Turn(role="assistant", content=first.text)]
    assert was_asked(history)
    assert (
        "In which country" not in supported("i dont know", "self_harm", corpus, TODAY, history=history).text
    )
    told = supported("ireland", "self_harm", corpus, TODAY, history=history).text
    assert "116 123" in told
    assert "In which country" not in told
    german = supported("ich will sterben", "self_harm", corpus, TODAY)
    assert "In welchem Land" in german.text
    assert was_asked([Turn(role="assistant", content=german.text)])
    history = [Turn(role="user", content="ich will sterben"), Turn(role="assistant", content=german.text)]
    assert "nicht allein" in supported("Belgien", "self_harm", corpus, TODAY, history=history).text


def test_nobody_is_sent_to_a_line_of_another_country(corpus: Corpus) -> None:
    answer = supported("Gaziantep'te oturuyorum, korkuyorum", "left_afraid", corpus, TODAY, setting="GB")
    assert "Samaritans" not in answer.text
    assert "999" not in answer.text
    assert "findahelpline.com" in answer.text


def test_the_language_of_the_question_is_the_language_of_the_words(corpus: Corpus) -> None:
    text = supported("Mon fils ne me parle plus. On est à Strasbourg.", "worried", corpus, TODAY).text
    assert "vous n'êtes pas seul" in text
    assert "Stop-Djihadisme" in text
    assert "Qui répond: la police" in text
    assert "you are not alone" in text  # for a reader whose language was taken for another
    assert "112" in text


def test_questions_to_go_on_with_come_from_gentle_passages(corpus: Corpus) -> None:
    asked = {q: p for p in corpus.passages.values() for q in p.questions}
    for category in CATEGORIES:
        offered = supported("help me", category, corpus, TODAY).suggestions
        assert len(offered) == (0 if category in ("self_harm", "imminent") else 2)
        for question in offered:
            assert not {"graphic", "suicide", "sexual_violence", "minor"} & set(asked[question].flags)
            assert corpus.sources[asked[question].source].standing == "good"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_of_the_file_has_a_name_in_every_language(support: Support, language: str) -> None:
    for code in {e.country for e in support.emergency} | {s.country for s in support.services if s.country}:
        assert country_name(code, language) != code
