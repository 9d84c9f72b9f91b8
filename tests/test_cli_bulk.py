"""Files of questions: one line in, one line out, in order, whatever the lines hold and whatever happens on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.bulk import answers, searches, to_line
from rag.cli import main
from rag.model import Filters, Turn
from rag.settings import Settings, get_settings

QUESTION = "How did ISIS make its videos?"


def asked(number: int, question: str = QUESTION) -> bytes:
    return json.dumps({"id": number, "question": question}).encode() + b"\n"


def answered(assistant: Assistant, *lines: bytes) -> list[dict[str, Any]]:
    return list(answers(assistant, lines))


def conversation(assistant: Assistant, *messages: tuple[str, str]) -> dict[str, Any]:
    turns = [{"role": role, "content": content} for role, content in messages]
    [record] = answered(assistant, json.dumps({"id": "c", "messages": turns}).encode())
    return record


def test_a_line_gives_the_same_answer_as_the_library(assistant: Assistant) -> None:
    [record] = answered(assistant, asked(7))
    assert record.pop("id") == 7
    expected = assistant.answer(QUESTION).to_json()
    assert {**record, "timing_ms": 0} == {**expected, "timing_ms": 0}


BAD_LINES = {
    "not JSON": (b"why?\n", None, "not JSON"),
    "empty": (b"\n", None, "the line is empty"),
    "half of an object": (b'{"id": 1, "question": "Wh\n', None, "not JSON"),
    "no object": (b'["why"]\n', None, "not a JSON object"),
    "nested without end": (b"[" * 100_000 + b"\n", None, "nested too deeply"),
    "a number that JSON does not have": (b'{"id": NaN, "question": "why?"}\n', None, "NaN"),
    "no id": (b'{"question": "why?"}\n', None, '"id" is missing'),
    "no question": (b'{"id": "a"}\n', "a", '"question" is missing'),
    "a question that is a number": (b'{"id": "a", "question": 5}\n', "a", "not a text"),
    "an empty question": (b'{"id": "a", "question": ""}\n', "a", "type a question"),
    "control characters only": (
        b'{"id": "a", "question": "\\u0000\\u202e\\u200b"}\n',
        "a",
        "type a question",
    ),
    "100,000 characters": (asked(1, "y" * 100_000), 1, "at most 2,000"),
    "invalid UTF-8 in the question": (b'{"id": "a", "question": "caf\xe9"}\n', "a", "not UTF-8 at byte 29"),
    "invalid UTF-8 anywhere": (b"\xff\xfe{}\n", None, "not UTF-8 at byte 1"),
    "no messages": (b'{"id": "a", "messages": []}\n', "a", '"messages"'),
    "an unknown role": (b'{"id": "a", "messages": [{"role": "system", "content": "x"}]}\n', "a", "message 1"),
    "a message without content": (b'{"id": "a", "messages": [{"role": "user"}]}\n', "a", "message 1"),
    "only the assistant spoke": (
        b'{"id": "a", "messages": [{"role": "assistant", "content": "Hello"}]}\n',
        "a",
        'role "user"',
    ),
}


@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_bad_line_says_what_is_wrong_and_the_lines_around_it_are_answered(
    assistant: Assistant, bad: str
) -> None:
    line, known, said = BAD_LINES[bad]
    first, wrong, last = answered(assistant, asked(1), line, asked(3))
    assert (first["id"], last["id"]) == (1, 3)
    assert first["outcome"] == last["outcome"] == "answered"
    assert set(wrong) == ({"error"} if known is None else {"id", "error"})
    assert wrong.get("id") == known
    assert wrong["error"].startswith("line 2: ")
    assert said in wrong["error"]


@pytest.mark.parametrize(
    "question",
    [
        "Why\u0000 did\u0007 Erion\r\n go to Syria?",
        "\u202eWhy did Erion go to Syria?\u202c",
        "\u200fلماذا ذهب إريون إلى سوريا؟",
        "Почему Эрион поехал в Сирию?",
        "为什么埃里昂去叙利亚?",
        "WHY DID ERION GO TO SYRIA",
        "Why did Erion \ud800 go to Syria?",
    ],
)
def test_strange_characters_and_other_scripts_are_answered_and_written_as_json(
    assistant: Assistant, question: str
) -> None:
    [record] = answered(assistant, asked(1, question))
    assert "error" not in record
    assert json.loads(to_line(record).decode("utf-8"))["outcome"] == record["outcome"]
    assert not any(ord(c) < 32 for c in record["standalone_question"])


def test_the_last_user_message_is_answered_in_the_light_of_those_before(assistant: Assistant) -> None:
    before = "Why did Erion go to Syria?"
    record = conversation(assistant, ("user", before), ("assistant", "To help."), ("user", "And Abu Munir?"))
    history = [Turn(role="user", content=before), Turn(role="assistant", content="To help.")]
    expected = assistant.answer("And Abu Munir?", history)
    assert record["standalone_question"] == expected.standalone_question != "And Abu Munir?"
    assert record["text"] == expected.text


def test_a_missing_assistant_turn_is_answered_first(assistant: Assistant) -> None:
    before, follow_up = "Why did Erion go to Syria?", "Who said that?"
    told = assistant.answer(before).text
    record = conversation(assistant, ("user", before), ("user", follow_up))
    expected = assistant.answer(
        follow_up, [Turn(role="user", content=before), Turn(role="assistant", content=told)]
    )
    assert record["standalone_question"] == expected.standalone_question
    assert record["text"] == expected.text


def test_what_the_assistant_said_after_the_last_question_does_not_count(assistant: Assistant) -> None:
    record = conversation(assistant, ("user", QUESTION), ("assistant", "Something else."))
    assert record["text"] == assistant.answer(QUESTION).text


def test_bulk_search_gives_what_search_gives(assistant: Assistant) -> None:
    [record, wrong] = list(searches(assistant, [asked(1), b"{}"], 3, Filters()))
    assert record["id"] == 1
    expected = [hit.passage.id for hit in assistant.search(QUESTION, 3)]
    assert [hit["passage"] for hit in record["results"]] == expected
    assert "error" in wrong


def test_thousands_of_lines_take_no_more_memory_than_a_few(assistant: Assistant) -> None:
    def lines(number: int) -> Iterator[bytes]:
        return repeat(b'{"id": "x", "no question": "' + b"y" * 5_000 + b'"}\n', number)

    for _ in answers(assistant, lines(10)):
        pass
    tracemalloc.start()
    for _ in answers(assistant, lines(5_000)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_line_is_answered_before_the_next_one_is_read(assistant: Assistant) -> None:
    endless = (asked(n) for n in iter(int, 1))
    assert len(list(islice(answers(assistant, endless), 2))) == 2


# --- the files --------------------------------------------------------------------------------------------------


@pytest.fixture
def on_shipped_corpus(settings: Settings, index: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EXITVOICES_CORPUS_DIR", str(settings.corpus_dir))
    monkeypatch.setenv("EXITVOICES_DATA_DIR", str(settings.data_dir))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def written(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("on_shipped_corpus")
def test_a_file_of_questions_becomes_a_file_of_answers_in_the_same_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join([asked(2), b"nonsense\n", asked(1).rstrip(b"\n")]))
    assert main(["answer", "--in", str(source), "--out", str(target)]) == 0
    assert [r.get("id") for r in written(target)] == [2, None, 1]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("exitvoices: answered 3 lines")
    assert "1 could not be" in err


@pytest.mark.usefixtures("on_shipped_corpus")
def test_a_file_of_questions_becomes_a_file_of_search_results(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(asked(1) + asked(2))
    where = ["--where", "source=khalifa-2021"]
    assert main(["search", "--in", str(source), "--out", str(target), "--k", "2", *where]) == 0
    records = written(target)
    assert [(r["id"], len(r["results"])) for r in records] == [(1, 2), (2, 2)]
    assert {hit["source"] for r in records for hit in r["results"]} == {"khalifa-2021"}


@pytest.mark.parametrize("same", ["the same path", "another path to it", "a hard link to it"])
def test_the_input_is_never_overwritten(tmp_path: Path, same: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(asked(1))
    target = {
        "the same path": source,
        "another path to it": tmp_path / "nowhere" / ".." / "in.jsonl",
        "a hard link to it": tmp_path / "link.jsonl",
    }[same]
    if same == "a hard link to it":
        target.hardlink_to(source)
    assert main(["answer", "--in", str(source), "--out", str(target)]) == 2
    assert source.read_bytes() == asked(1)


def test_a_run_that_cannot_start_leaves_the_old_output_alone(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("yesterday's answers\n")
    assert main(["answer", "--in", str(tmp_path / "missing.jsonl"), "--out", str(target)]) == 2
    assert target.read_text() == "yesterday's answers\n"


def start(settings: Settings, environment: dict[str, str], source: Path, target: Path, most: int = -1) -> Any:
    """`answer` in a process of its own, whose files may have at most so many bytes."""
    script = (
        f"import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "from rag.cli import main\nsys.exit(main())\n"
    )
    shipped = {
        **environment,
        "EXITVOICES_CORPUS_DIR": str(settings.corpus_dir),
        "EXITVOICES_DATA_DIR": str(settings.data_dir),
    }
    command = [sys.executable, "-c", script, "answer", "--in", str(source), "--out", str(target)]
    return subprocess.Popen(command, env=shipped, stderr=subprocess.PIPE, text=True)


@pytest.mark.usefixtures("index")
def test_a_run_that_is_killed_leaves_complete_lines(
    settings: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(asked(n) for n in range(5_000)))
    with start(settings, environment, source, target) as process:
        while process.poll() is None and not (target.is_file() and target.stat().st_size > 20_000):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = [r["id"] for r in written(target)]
    assert 0 < len(done) < 5_000
    assert done == list(range(len(done)))


@pytest.mark.usefixtures("index")
def test_a_full_disk_leaves_complete_lines_and_says_so(
    settings: Settings, environment: dict[str, str], tmp_path: Path
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(asked(n) for n in range(50)))
    with start(settings, environment, source, target, most=30_000) as process:
        said = process.communicate()[1]
    assert process.returncode == 1
    assert said.startswith("exitvoices: ")
    assert "free space" in said
    assert str(target) in said
    done = [r["id"] for r in written(target)]
    assert 0 < len(done) < 50
    assert done == list(range(len(done)))
