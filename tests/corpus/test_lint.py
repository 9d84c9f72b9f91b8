"""`corpus lint`: for every rule one corpus that breaks it, and the one problem that a curator is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rag.corpus import Problem
from rag.corpus.ids import bury, lock_ids
from rag.corpus.lint import lint
from rag.corpus.removal import take_out
from rag.model import digest_of
from rag.settings import ROOT

TODAY = dt.date(2026, 11, 21)
Change = Callable[[str, str, str], None]

HARBOUR = "sources/harbour-2020.yaml"
UNDERCOVER = "sources/undercover-2018.yaml"


def problems(corpus: Path, today: dt.date = TODAY) -> list[Problem]:
    return lint(corpus, corpus / "originals", today)


def test_a_sound_corpus_has_no_problems(invented: Path) -> None:
    assert problems(invented) == []


def test_the_shipped_corpus_has_no_errors() -> None:
    assert [str(p) for p in lint(ROOT / "corpus", None, TODAY) if p.severity == "error"] == []


# check, file, text that stands once, what it becomes; then file, entry and field that the problem names, and a part
# of what it says
BROKEN = {
    "a stranger's question of a passage that is not there": (
        ("asked", "asked.jsonl", '"harbour-2020/p4", "answers"', '"harbour-2020/p9", "answers"'),
        ("asked.jsonl", "line 3", "passage", "there is no passage harbour-2020/p9"),
    ),
    "a stranger's question with a statement too many": (
        ("asked", "asked.jsonl", '"answers": [2]', '"answers": [3]'),
        ("asked.jsonl", "line 2", "answers", "has statements 1 to 2"),
    ),
    "a stranger's question that is no JSON": (
        ("schema", "asked.jsonl", '{"passage": "harbour-2020/p4"', '"passage": "harbour-2020/p4"'),
        ("asked.jsonl", "line 3", "", "not a question with its passage"),
    ),
    "a field that nobody defined": (
        ("schema", HARBOUR, "people: [jonas-lie]", "persons: [jonas-lie]"),
        ("harbour-2020.yaml", "harbour-2020/p5b", "persons", "Extra inputs are not permitted"),
    ),
    "a file that is no YAML": (
        ("schema", "glossary.yaml", "terms:", "terms: ["),
        ("glossary.yaml", "line", "", "not readable as YAML"),
    ),
    "a passage under the id of another source": (
        ("ids", HARBOUR, "id: harbour-2020/p3\n", "id: harbor-2020/p3\n"),
        ("harbour-2020.yaml", "harbor-2020/p3", "id", "belongs to 'harbor-2020'"),
    ),
    "an id that says another paragraph": (
        ("ids", HARBOUR, "locator: {paragraph: 3}", "locator: {paragraph: 2, also: [3]}"),
        ("harbour-2020.yaml", "harbour-2020/p3", "locator", "the id says paragraph 3, the locator 2"),
    ),
    "an id that is given twice": (
        ("ids", "people.yaml", "id: jonas-lie", "id: nadia-berg"),
        ("people.yaml", "nadia-berg", "id", "given 2 times"),
    ),
    "passages out of order": (
        ("order", HARBOUR, "harbour-2020/p5a", "harbour-2020/p5c"),
        ("harbour-2020.yaml", "harbour-2020/p5b", "", "stands after harbour-2020/p5c"),
    ),
    "a paragraph that nobody accounts for": (
        ("coverage", HARBOUR, "- {paragraph: 6, reason: navigation}\n", ""),
        ("harbour-2020.yaml", "harbour-2020", "left_out", "paragraph 6 is neither"),
    ),
    "a paragraph left out that is a passage": (
        ("coverage", HARBOUR, "  part: how to hide\n", ""),
        ("harbour-2020.yaml", "harbour-2020", "left_out 4", "left out and is a passage too"),
    ),
    "a paragraph left out that the original does not have": (
        ("locators", HARBOUR, "- {paragraph: 6, reason", "- {paragraphs: [6, 7], reason"),
        ("harbour-2020.yaml", "harbour-2020", "left_out [6, 7]", "only 6 paragraphs"),
    ),
    "a person whom nobody knows": (
        ("people", HARBOUR, "people: [jonas-lie]", "people: [jonas-li]"),
        ("harbour-2020.yaml", "harbour-2020/p5b", "people", "'jonas-li'"),
    ),
    "a person in a source that the person's entry leaves out": (
        ("people", "people.yaml", "    sources: [harbour-2020]\n    same_as", "    sources: []\n    same_as"),
        ("people.yaml", "jonas-lie", "sources", "does not name harbour-2020"),
    ),
    "a link to nobody": (
        ("people", "people.yaml", "- person: viktor-holm", "- person: viktor"),
        ("people.yaml", "jonas-lie", "same_as", "nobody else has the id 'viktor'"),
    ),
    "a term from a source that is not there": (
        ("sources", "glossary.yaml", "[harbour-2020, undercover-2018]", "[harbour-2020, undercover]"),
        ("glossary.yaml", "undercover", "sources", "no source 'undercover'"),
    ),
    "a tag that the taxonomy does not have": (
        ("tags", HARBOUR, "stage: [exit, doubt]", "stage: [exit, doubts]"),
        ("harbour-2020.yaml", "harbour-2020/p4", "stage", "no tag 'doubts'"),
    ),
    "a tag given twice": (
        ("tags", HARBOUR, "stage: [exit, doubt]", "stage: [exit, exit]"),
        ("harbour-2020.yaml", "harbour-2020/p4", "stage", "given twice"),
    ),
    "testimony without a stage": (
        ("tags", HARBOUR, "stage: [aftermath]", "stage: []"),
        ("harbour-2020.yaml", "harbour-2020/p5b", "stage", "'testimony' has no stage"),
    ),
    "an example that is not there": (
        ("tags", "taxonomy.yaml", "example: harbour-2020/p4}", "example: harbour-2020/p9}"),
        ("taxonomy.yaml", "stages: exit", "example", "no passage 'harbour-2020/p9'"),
    ),
    "a note that is not there": (
        ("notes", HARBOUR, "stage: [aftermath]\n    notes: [n2]", "stage: [aftermath]\n    notes: [n2, n3]"),
        ("harbour-2020.yaml", "harbour-2020/p5b", "notes", "no editorial note 'n3'"),
    ),
    "a note that no passage names": (
        ("notes", HARBOUR, "    notes: [n1]\n", ""),
        ("harbour-2020.yaml", "harbour-2020", "editorial_notes n1", "nobody sees it"),
    ),
    "two sides of which only one is shown": (
        ("notes", HARBOUR, "    note: The paper later", "    contrast: true\n    note: The paper later"),
        ("harbour-2020.yaml", "harbour-2020", "editorial_notes n1", "only one is named"),
    ),
    "one alias for two people": (
        (
            "aliases",
            "people.yaml",
            "    name: Jonas Lie\n",
            "    name: Jonas Lie\n    aliases: [nadja berg]\n",
        ),
        ("people.yaml", "jonas-lie", "aliases", "also names nadia-berg"),
    ),
    "a question asked in two passages": (
        ("questions", HARBOUR, "what happend to her brother", "what made nadia leave"),
        ("harbour-2020.yaml", "harbour-2020/p4", "questions", "asked in harbour-2020/p2 already"),
    ),
    "a statement of more than 35 words": (
        (
            "length",
            HARBOUR,
            "found a flat for her niece.",
            f"found a flat for her niece{' of the family' * 9}.",
        ),
        ("harbour-2020.yaml", "harbour-2020/p4#2", "statements", "39 words, the most is 35"),
    ),
    "a statement that begins with a pronoun": (
        ("standalone", HARBOUR, "Nadia Berg turned away", "She turned away"),
        ("harbour-2020.yaml", "harbour-2020/p4#1", "statements", "'She' points outside"),
    ),
    "a pronoun for somebody whom the statement does not name": (
        (
            "standalone",
            HARBOUR,
            "Nadia Berg turned away from Northwatch because its",
            "Once in Northwatch, she saw that",
        ),
        ("harbour-2020.yaml", "harbour-2020/p4#1", "statements", "'she' points outside"),
    ),
    "a statement about what was said before": (
        (
            "standalone",
            HARBOUR,
            "Solveig, an aunt of Nadia Berg,",
            "After this Solveig, an aunt of Nadia Berg,",
        ),
        ("harbour-2020.yaml", "harbour-2020/p4#2", "statements", "'After this' points outside"),
    ),
    "a share without a base": (
        (
            "percent",
            HARBOUR,
            "Of the 40 recruits, the Harbour Post wrote, 30",
            "The Harbour Post wrote that 30",
        ),
        ("harbour-2020.yaml", "harbour-2020/p3#2", "statements", "'30 percent' does not say of whom"),
    ),
    "a word that harms in a statement": (
        ("wording", HARBOUR, "because its leaders kept", "because its masterminds kept"),
        (
            "harbour-2020.yaml",
            "harbour-2020/p4#1",
            "statements",
            "'masterminds' is not used here: it praises",
        ),
    ),
    "a word that harms in a summary": (
        (
            "wording",
            HARBOUR,
            "people who left the group Northwatch. It",
            "people brainwashed by Northwatch. It",
        ),
        ("harbour-2020.yaml", "harbour-2020", "summary", "'brainwashed' is not used here"),
    ),
    "the same sentence twice": (
        (
            "duplicate",
            HARBOUR,
            "Solveig, an aunt of Nadia Berg, found a flat for her niece.",
            "Nadia Berg turned away from Northwatch because its leaders kept donations meant for prisoners.",
        ),
        ("harbour-2020.yaml", "harbour-2020/p4#2", "statements", "the same sentence is harbour-2020/p4#1"),
    ),
    "a legal status that may be out of date": (
        ("legal", "people.yaml", "as_of: '2026-06-01'", "as_of: '2024-10-01'"),
        ("people.yaml", "nadia-berg", "legal_status.as_of", "checked 25 months ago"),
    ),
    "a legal status of the future": (
        ("legal", "people.yaml", "as_of: '2026-06-01'", "as_of: '2027-06-01'"),
        ("people.yaml", "nadia-berg", "legal_status.as_of", "lies ahead"),
    ),
    "a member of a group without a legal status": (
        (
            "legal",
            "people.yaml",
            "    legal_status:\n      status: withdrawn\n      as_of: '2019-10-08'\n"
            "      source: https://court.example/holm\n      text: A charge against Viktor Holm was withdrawn.\n",
            "",
        ),
        ("people.yaml", "viktor-holm", "legal_status", "no legal status"),
    ),
    "a retracted source that does not say why": (
        ("standing", UNDERCOVER, "standing_source: https://court.example/holm", "standing_source: ''"),
        ("undercover-2018.yaml", "undercover-2018", "standing_source", "nothing says why"),
    ),
    "a withdrawn account that is tagged like testimony": (
        (
            "standing",
            UNDERCOVER,
            "    people: [viktor-holm]\n",
            "    people: [viktor-holm]\n    stage: [exit]\n",
        ),
        ("undercover-2018.yaml", "undercover-2018/p2", "stage", "as if it were testimony"),
    ),
    "a withdrawn account that is told as true": (
        ("standing", UNDERCOVER, "claimed, in an account later withdrawn as invented, that", "said that"),
        (
            "undercover-2018.yaml",
            "undercover-2018/p2#1",
            "statements",
            "without saying that his account was withdrawn",
        ),
    ),
    "a stance where nobody judges": (
        ("stance", HARBOUR, "    type: analysis\n", "    type: analysis\n    stance: remorse\n"),
        ("harbour-2020.yaml", "harbour-2020/p3", "stance", "only a speaker can judge"),
    ),
    "a help service that nobody checked": (
        ("support", "support.yaml", "    checked_on: '2026-11-01'\n", ""),
        ("support.yaml", "no-listeners", "checked_on", "nobody checked it"),
    ),
    "a help service that was checked long ago": (
        ("support", "support.yaml", "checked_on: '2026-11-01'", "checked_on: '2026-05-01'"),
        ("support.yaml", "no-listeners", "checked_on", "so the row is hidden"),
    ),
    "a help service without a source": (
        ("support", "support.yaml", "source: https://listeners.example", "source: ''"),
        ("support.yaml", "no-listeners", "source", "no source"),
    ),
    "a number that nobody can have": (
        (
            "support",
            "support.yaml",
            "{number: '+4722123456', display: 22 12 34 56}",
            "{number: '+47221', display: '221'}",
        ),
        ("support.yaml", "no-listeners", "phone.0", "+47221 is no valid number"),
    ),
    "a number of another country": (
        (
            "support",
            "support.yaml",
            "{number: '+4722123456', display: 22",
            "{number: '+4622123456', display: 22",
        ),
        ("support.yaml", "no-listeners", "phone.0", "belongs to SE, the service to NO"),
    ),
    "a number that readers see with a slip": (
        ("support", "support.yaml", "display: 22 12 34 56", "display: 22 12 43 56"),
        ("support.yaml", "no-listeners", "phone.0", "readers see '22 12 43 56'"),
    ),
    "a short code that the country does not have": (
        ("support", "support.yaml", "display: 116 123", "display: '3114'"),
        ("support.yaml", "no-listeners", "phone.1", "no short number of NO"),
    ),
    "an emergency number that is none": (
        ("support", "support.yaml", "['112']", "['911']"),
        ("support.yaml", "emergency NO", "numbers", "911 is no emergency number in NO"),
    ),
    "an original that has changed": (
        ("sha256", "originals/undercover.txt", "Critics praised", "Everybody praised"),
        ("undercover-2018.yaml", "undercover-2018", "source.sha256", "no file in originals has this sha256"),
    ),
    "a further paragraph that does not exist": (
        ("locators", HARBOUR, "locator: {paragraph: 3}", "locator: {paragraph: 3, also: [9]}"),
        ("harbour-2020.yaml", "harbour-2020/p3", "locator.also", "no paragraph 9: the original has 6"),
    ),
    "a number that the paragraph does not give": (
        ("numbers", HARBOUR, "a 19-year-old from Norway", "an eighteen-year-old from Norway"),
        ("harbour-2020.yaml", "harbour-2020/p2#1", "statements", "the number 18 is not in paragraph 2"),
    ),
    "a year that the paragraph does not give": (
        ("numbers", HARBOUR, "joined Northwatch in 2014.", "joined Northwatch in 2015."),
        ("harbour-2020.yaml", "harbour-2020/p2#1", "statements", "the number 2015 is not in paragraph 2"),
    ),
    "a family of movements that nobody defined": (
        ("tags", HARBOUR, "  rendering: account\n", "  rendering: account\n  movements: [pirates]\n"),
        ("harbour-2020.yaml", "harbour-2020", "movements", "no tag 'pirates'"),
    ),
    "a place that the paragraph does not give": (
        ("names", HARBOUR, "on her brother in Oslo", "on her brother in Bergen"),
        ("harbour-2020.yaml", "harbour-2020/p2#2", "statements", "the name 'Bergen' is not in paragraph 2"),
    ),
    "a person at the head of a statement whom the paragraph does not give": (
        ("names", HARBOUR, "Nadia Berg told the Harbour Post", "Viktor told the Harbour Post"),
        ("harbour-2020.yaml", "harbour-2020/p2#2", "statements", "the name 'Viktor' is not in paragraph 2"),
    ),
    "a copied sentence": (
        (
            "copied",
            HARBOUR,
            "because its leaders kept donations meant for prisoners.",
            "when the leaders kept the money that members had collected.",
        ),
        (
            "harbour-2020.yaml",
            "harbour-2020/p4#1",
            "statements",
            "'when the leaders kept the money that members had collected'",
        ),
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_corpus_gets_the_one_problem_that_names_place_and_remedy(
    case: tuple[tuple[str, str, str, str], tuple[str, str, str, str]], invented: Path, change: Change
) -> None:
    (check, path, old, new), (file, entry, field, what) = case
    change(path, old, new)
    found = problems(invented)
    assert [(p.check, p.file) for p in found] == [(check, file)], [str(p) for p in found]
    assert found[0].entry.startswith(entry)
    assert found[0].field == field
    assert what in found[0].what
    assert found[0].todo.endswith(".")


def test_what_is_known_from_a_summary_is_told_as_nobodys_testimony(invented: Path, change: Change) -> None:
    change(HARBOUR, "  rendering: account\n", "  rendering: account\n  basis: digest\n")
    found = [p for p in problems(invented) if p.check == "basis"]
    told = {"harbour-2020/p2", "harbour-2020/p4"}
    assert told <= {p.entry for p in found}
    assert "harbour-2020/p3" not in {p.entry for p in found}
    assert all("read the original" in p.todo for p in found)


def test_a_file_named_after_another_source_is_told(invented: Path) -> None:
    (invented / HARBOUR).rename(invented / "sources" / "harbor.yaml")
    (found,) = problems(invented)
    assert (found.check, found.file, found.field) == ("ids", "harbor.yaml", "source.id")


def test_a_source_that_cannot_be_parsed_is_told_with_its_line(invented: Path, change: Change) -> None:
    change(HARBOUR, "left_out:\n", "left_out: [\n")
    (found,) = problems(invented)
    assert (found.check, found.file) == ("schema", "harbour-2020.yaml")
    assert found.entry.startswith("line ")


def test_a_contrast_of_which_one_side_was_removed_is_only_a_warning(invented: Path, change: Change) -> None:
    change(HARBOUR, "    note: Ages are", "    contrast: true\n    note: Ages are")
    assert problems(invented) == []
    take_out(invented, "harbour-2020/p2", TODAY)
    assert [(p.check, p.severity) for p in problems(invented)] == [("notes", "warning")]


def test_only_help_rows_that_are_merely_old_and_repeated_questions_are_warnings(
    invented: Path, change: Change
) -> None:
    change("support.yaml", "checked_on: '2026-11-01'", "checked_on: '2026-05-01'")
    change(HARBOUR, "what happend to her brother", "what made nadia leave")
    assert {p.severity for p in problems(invented)} == {"warning"}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("convicted", "Nadia Berg was fined."),
        ("acquitted", "A court found nothing."),
        ("accused", "Nadia Berg died."),
    ],
)
def test_a_court_s_final_word_and_a_death_do_not_go_stale(
    status: str, text: str, invented: Path, change: Change
) -> None:
    change(
        "people.yaml",
        "status: unknown\n      as_of: '2026-06-01'",
        f"status: {status}\n      as_of: '2016-06-01'",
    )
    change("people.yaml", "The report does not say whether Nadia Berg was charged.", text)
    assert problems(invented) == []


def test_a_status_that_is_marked_stale_is_only_a_warning(invented: Path, change: Change) -> None:
    change("people.yaml", "as_of: '2026-06-01'", "as_of: '2020-06-01'")
    change(
        "people.yaml",
        "  - id: jonas-lie",
        "    notes: 'stale: the court does not answer'\n\n  - id: jonas-lie",
    )
    assert [(p.check, p.severity) for p in problems(invented)] == [("legal", "warning")]


def test_an_id_that_was_published_may_not_vanish(invented: Path, change: Change) -> None:
    lock_ids(invented)
    change(HARBOUR, "    - Solveig, an aunt of Nadia Berg, found a flat for her niece.\n", "")
    (found,) = problems(invented)
    assert (found.check, found.file, found.entry) == ("lock", "harbour-2020.yaml", "harbour-2020/p4#2")
    assert "corpus remove" in found.todo


def test_a_passage_that_vanished_is_told_once_and_not_for_each_of_its_statements(
    invented: Path, change: Change
) -> None:
    lock_ids(invented)
    change(UNDERCOVER, "id: undercover-2018/p3", "id: undercover-2018/p3a")
    assert [(p.check, p.entry) for p in problems(invented)] == [("lock", "undercover-2018/p3")]


def test_new_ids_are_fine_until_they_are_locked_and_for_ever_afterwards(
    invented: Path, change: Change
) -> None:
    first = lock_ids(invented)
    assert {"harbour-2020", "harbour-2020/p4", "harbour-2020/p4#2"} <= first
    change(
        UNDERCOVER,
        "the podcast was praised.\n",
        "the podcast was praised.\n    - The Evening Ear liked Undercover.\n",
    )
    assert problems(invented) == []
    assert lock_ids(invented) == {"undercover-2018/p3#2"}
    assert lock_ids(invented) == frozenset()


def test_a_removed_id_may_not_be_used_again(invented: Path) -> None:
    bury(invented, "undercover-2018/p3", TODAY)
    (found,) = problems(invented)
    assert (found.check, found.entry) == ("lock", "undercover-2018/p3")
    assert "removed on 2026-11-21 and is used again" in found.what


def test_an_unreadable_list_of_tombstones_is_told(invented: Path) -> None:
    (invented / "tombstones.yaml").write_text("tombstones: [undercover-2018/p3]\n")
    (found,) = problems(invented)
    assert (found.file, found.field) == ("tombstones.yaml", "tombstones")


def test_without_originals_coverage_counts_up_to_the_last_paragraph_that_is_known(
    invented: Path, change: Change
) -> None:
    change(HARBOUR, "- {paragraph: 1, reason: navigation}\n", "")
    change(HARBOUR, "- {paragraph: 6, reason: navigation}\n", "")
    assert "paragraph 1 is neither" in lint(invented, None, TODAY)[0].what
    assert "paragraph 1, 6 is neither" in problems(invented)[0].what


def test_originals_are_known_by_what_they_hold_not_by_their_names(invented: Path) -> None:
    (invented / "originals" / "harbour.txt").rename(invented / "originals" / "000_any.name")
    assert problems(invented) == []


def test_spellings_of_one_name_stand_for_each_other(invented: Path, change: Change) -> None:
    """Nordvakt is Northwatch by the glossary, a Norwegian is from Norway, Nadja is Nadia by people.yaml."""
    change(
        HARBOUR,
        "Nadia Berg, a 19-year-old from Norway, said that she joined Northwatch",
        "In 2014, the Norwegian Nadja joined Nordvakt",
    )
    change(HARBOUR, "joined Nordvakt in 2014.", "joined Nordvakt.")
    assert problems(invented) == []


def test_a_mistake_in_one_passage_does_not_hide_the_mistake_in_another(
    invented: Path, change: Change
) -> None:
    change(HARBOUR, "type: analysis", "type: analyses")
    change(UNDERCOVER, "the sound of the podcast was praised", "it has the sound of a lone wolf")
    assert {p.check for p in problems(invented)} == {"schema", "wording"}


def test_a_folder_without_a_corpus_is_told(tmp_path: Path) -> None:
    (found,) = lint(tmp_path, None, TODAY)
    assert "no folder 'sources'" in found.what


def test_publishers_words_are_not_measured_by_the_rules_for_accounts(invented: Path, change: Change) -> None:
    change(HARBOUR, "Nadia Berg turned away from Northwatch because its", "She left when the")
    change(HARBOUR, "Solveig, an aunt of Nadia Berg, found", "I found")
    made_verbatim(invented)
    assert [str(p) for p in problems(invented) if p.check != "quoted"] == []


def test_words_of_others_are_refused_until_somebody_accepted_just_these(
    invented: Path, change: Change
) -> None:
    change(HARBOUR, "rendering: account", "rendering: verbatim")
    (found,) = [p for p in problems(invented) if p.check == "schema"]
    assert "harbour-2020/p2 was not reviewed" in found.what
    change(HARBOUR, "rendering: verbatim", "rendering: account")
    made_verbatim(invented)
    assert [p for p in problems(invented) if p.check == "schema"] == []
    change(HARBOUR, "turned away from Northwatch because its", "adored Northwatch because its")
    (found,) = [p for p in problems(invented) if p.check == "schema"]
    assert "was changed after its review" in found.what


def test_a_quotation_that_the_original_does_not_hold_is_told(invented: Path) -> None:
    made_verbatim(invented)
    assert {p.check for p in problems(invented)} == {"quoted"}, "accounts are not the words of the original"


def test_an_account_needs_questions(invented: Path) -> None:
    path = invented / HARBOUR
    path.write_text(re.sub(r"(?m)^    questions:\n(?:    - .*\n)+", "", path.read_text("utf-8")), "utf-8")
    found = [p for p in problems(invented) if p.check == "questions"]
    assert found
    assert all("the least is 2" in p.what for p in found)


def made_verbatim(corpus: Path) -> None:
    """The source as if its words were the publisher's and somebody had accepted every passage."""
    path = corpus / HARBOUR
    data = yaml.safe_load(path.read_text("utf-8"))
    data["source"]["rendering"] = "verbatim"
    for passage in data["passages"]:
        given = {"by": "A. Reader", "on": "2026-11-20", "digest": digest_of(passage["statements"])}
        passage["reviewed"] = given
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100_000), "utf-8")


def test_all_problems_of_a_corpus_are_told_at_once_in_the_order_of_its_files(
    invented: Path, change: Change
) -> None:
    change("people.yaml", "as_of: '2026-06-01'", "as_of: '2024-10-01'")
    change(HARBOUR, "stage: [exit, doubt]", "stage: [exit, doubts]")
    change(UNDERCOVER, "claimed, in an account later withdrawn as invented, that", "said that")
    assert [p.file for p in problems(invented)] == [
        "harbour-2020.yaml",
        "people.yaml",
        "undercover-2018.yaml",
    ]


def test_lint_reads_and_never_writes(invented: Path) -> None:
    before = {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()}
    problems(invented)
    assert {p: p.read_bytes() for p in invented.rglob("*") if p.is_file()} == before
