"""A reply is read while it comes, in either form, and never makes more of it than is there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.write.parse import Draft, Parser, RanAway

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60)


def read(text: str, size: int = 3, *, cut: bool = False) -> tuple[list[Draft], bool]:
    parser = Parser()
    found = [d for at in range(0, len(text), size) for d in parser.feed(text[at : at + size])]
    last, whole = parser.end(cut=cut)
    return found + last, whole


def test_a_sentence_is_there_as_soon_as_its_object_closes() -> None:
    parser = Parser()
    assert parser.feed('{"sentences": [{"ids": ["k3f"], "speaker": "Erion", "text": "He left') == []
    assert parser.feed('."}') == [Draft(("k3f",), "Erion", "He left.")]


def test_braces_and_quotes_inside_a_sentence_do_not_end_it() -> None:
    said = 'He said "go {now}" and left.'
    reply = json.dumps({"sentences": [{"ids": ["k3f"], "speaker": "E", "text": said}]})
    assert read(reply)[0] == [Draft(("k3f",), "E", said)]


def test_words_around_the_json_and_a_code_fence_are_no_sentences() -> None:
    reply = 'Here you are:\n```json\n{"sentences": [{"ids": ["k3f"], "text": "He left."}]}\n```\n'
    assert read(reply) == ([Draft(("k3f",), None, "He left.")], True)


def test_lines_are_read_where_there_is_no_json() -> None:
    reply = "Sure:\nk3f, p2x | Erion | He left.\n2. [r8k] | Anne | She wrote it down.\nand so on"
    assert read(reply)[0] == [
        Draft(("k3f", "p2x"), "Erion", "He left."),
        Draft(("r8k",), "Anne", "She wrote it down."),
    ]


def test_two_sentences_in_one_are_taken_apart_and_a_title_is_not_an_end() -> None:
    reply = json.dumps({"ids": ["k3f"], "text": "Dr. Ek met him in the U.S. Army. He left in May."})
    assert [d.text for d in read(reply)[0]] == ["Dr. Ek met him in the U.S. Army.", "He left in May."]


def test_half_a_json_is_not_whole_unless_it_was_cut_at_the_limit() -> None:
    half = '{"sentences": [{"ids": ["k3f"], "text": "He left."}, {"ids": ["k3f"], "text": "She st'
    assert read(half) == ([Draft(("k3f",), None, "He left.")], False)
    assert read(half, cut=True)[1]


def test_of_a_sentence_list_that_was_cut_off_the_complete_sentences_stay() -> None:
    torn = '{"sentences": [{"ids": ["k3f"], "speaker": "E", "text": "He left. He came back. He st'
    assert [d.text for d in read(torn, cut=True)[0]] == ["He left.", "He came back."]
    assert read(torn)[0] == []


def test_a_line_that_was_cut_off_is_dropped() -> None:
    assert read("k3f | E | He left.\nk3f | E | She st", cut=True)[0] == [Draft(("k3f",), "E", "He left.")]


@pytest.mark.parametrize("piece", ["word " * 50, "{" * 100, '{"text": "' + "x" * 300])
def test_a_reply_without_end_is_given_up(piece: str) -> None:
    with pytest.raises(RanAway):
        read(piece * 1000, 1000)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4), st.integers(1, 50))
def test_however_a_reply_is_cut_into_pieces_it_reads_the_same(rows: list[tuple[str, str]], size: int) -> None:
    reply = json.dumps({"sentences": [{"ids": ["k3f"], "speaker": s, "text": t} for s, t in rows]})
    assert read(reply, size) == read(reply, len(reply))


@given(st.text(max_size=300), st.integers(1, 20))
def test_no_reply_whatever_breaks_the_reading(reply: str, size: int) -> None:
    drafts, _ = read(reply, size)
    assert all(isinstance(d.text, str) for d in drafts)
