"""The external anchors on made-up sets, one in each format: what readers read, figures counted by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.external import abstention, common, groundedness, guard, retrieval
from benchmarks.external.collection import EMPTY_QUESTIONS, Document, sentences, write_corpus
from evals.support import bears
from rag.assistant import Assistant
from rag.corpus import load_corpus
from rag.model import Answer, Outcome, Turn
from rag.text import content_words

HARBOUR = "The harbour of Vell was dug in 1871. Its crane lifts nine tons. Fishermen sold herring there."
ORCHARD = "The orchard keeper grows pears. She prunes them in March."
OBSERVATORY = (
    "The observatory opened in 1904. Its lens was ground in Jena. Comets were photographed every winter."
)
ARTICLES = {"Vell": HARBOUR, "Pears": ORCHARD, "Stars": OBSERVATORY}
ASKED = {
    "q1": ("When was the harbour of Vell dug?", "Vell", True),
    "q2": ("When does the keeper prune the pears?", "Pears", True),
    "q3": ("What did the crane of Vell cost?", "Vell", False),
    "q4": ("Where was the lens of the observatory ground?", "Stars", True),
}


def lines(path: Path, rows: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every set that the anchors read, three documents and a few rows each, all invented."""
    folder = tmp_path_factory.mktemp("sets")
    _squad2(folder / "squad2")
    _cranfield(folder / "cranfield")
    _passages(folder)
    _labelled(folder)
    _prompts(folder)
    return folder


def _squad2(folder: Path) -> None:
    paragraph = {title: f"p{n}" for n, title in enumerate(ARTICLES)}
    lines(
        folder / "corpus.jsonl", [{"_id": paragraph[t], "title": t, "text": x} for t, x in ARTICLES.items()]
    )
    lines(folder / "queries.jsonl", [{"_id": q, "text": text} for q, (text, *_) in ASKED.items()])
    rows = [f"{q}\t{paragraph[title]}\t1" for q, (_, title, _) in ASKED.items()]
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n", "utf-8")
    (folder / "unanswerable.json").write_text(json.dumps({q: not yes for q, (_, _, yes) in ASKED.items()}))
    data = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {"question": asked, "id": q, "is_impossible": not yes}
                        for q, (asked, of, yes) in ASKED.items()
                        if of == title
                    ],
                }
            ],
        }
        for title, text in ARTICLES.items()
    ]
    (folder / "dev-v2.0.cs224n.json").write_text(json.dumps({"version": "v2.0", "data": data}), "utf-8")


def _cranfield(folder: Path) -> None:
    texts = {
        "1": "lift of a kite in a slipstream . the kite was tethered .",
        "2": "heat flow in a thin plate .",
        "3": "",
    }
    lines(folder / "corpus.jsonl", [{"_id": i, "title": "", "text": t} for i, t in texts.items()])
    lines(
        folder / "queries.jsonl",
        [{"_id": "1", "text": "how does a slipstream lift a kite ."}, {"_id": "2", "text": "unjudged ."}],
    )
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\t1\t1\n1\t3\t1\n1\t2\t0\n", "utf-8")


def _passages(folder: Path) -> None:
    def clapnq(row_id: str, question: str, text: str) -> dict[str, Any]:
        passage = {"title": "Vell", "text": text, "sentences": [*text.split(". "), " "]}
        return {"id": row_id, "input": question, "passages": [passage], "output": []}

    lines(
        folder / "clapnq" / "clapnq_dev_answerable.jsonl",
        [clapnq("c1", "when was the harbour of vell dug", HARBOUR)],
    )
    lines(
        folder / "clapnq" / "clapnq_dev_unanswerable.jsonl",
        [clapnq("c2", "who sang about the comet opera", ORCHARD)],
    )

    def nomiracl(query: str, question: str) -> dict[str, Any]:
        contexts = "\n\n".join(f"[{n}] {t}: {x}" for n, (t, x) in enumerate(ARTICLES.items(), 1))
        prompt = f"Read this.\n\nQUESTION:\n{question}\n\nCONTEXTS:\n{contexts}\n\nOUTPUT:\n"
        return {"query_id": query, "prompt": prompt, "docids": ["a#1"], "results": {"model": "I don't know"}}

    lines(folder / "nomiracl" / "relevant.en.test.jsonl", [nomiracl("n1", "Where was the lens ground?")])
    lines(folder / "nomiracl" / "non_relevant.en.test.jsonl", [nomiracl("n2", "Who wrote the anthem?")])

    def mtrag(task: str, turns: list[str], label: str, contexts: list[str]) -> dict[str, Any]:
        speakers = ("user", "agent")
        return {
            "conversation_id": task[:1],
            "task_id": task,
            "input": [{"speaker": speakers[n % 2], "text": t} for n, t in enumerate(turns)],
            "contexts": [{"document_id": f"d{n}", "text": t} for n, t in enumerate(contexts)],
            "answerability": [label],
        }

    lines(
        folder / "mtrag" / "mtragun_reference.jsonl",
        [
            mtrag("a<::>1", ["What does the crane of Vell lift?"], "ANSWERABLE", [HARBOUR, ORCHARD]),
            mtrag(
                "b<::>2", ["Tell me of pears.", "They grow.", "Who taxed them in Ohio?"], "UNANSWERABLE", []
            ),
            mtrag("c<::>1", ["And then?"], "UNDERSPECIFIED", []),
        ],
    )


def _labelled(folder: Path) -> None:
    evidence = ["The crane lifts nine tons.", "Fishermen sold herring there.", "The harbour was dug in 1871."]

    def claim(row_id: str, text: str, label: str, marked: list[list[int]]) -> dict[str, Any]:
        meta = {"id": row_id, "claim_title": row_id}
        return {
            "label": label,
            "supporting_sentences": marked,
            "claim": text,
            "evidence": evidence,
            "meta": meta,
        }

    for part in ("dev", "test"):
        lines(
            folder / "wice" / f"claim_{part}.jsonl",
            [
                claim("w1", "The crane lifts nine tons.", "supported", [[0], [0, 1]]),
                claim(
                    "w2", "The harbour was dug in 1871 by convicts from Oslo.", "partially_supported", [[2]]
                ),
                claim("w3", "The mayor sold pears.", "not_supported", [[]]),
            ],
        )
        head = "model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label"
        rows = [
            f"m\twow\t{ORCHARD}\they\tShe prunes the pears in March.\tFully attributable",
            f'm\twow\t{ORCHARD}\they\tI love "quoted apples from Chile.\tNot fully attributable',
            f"m\twow\t{ORCHARD}\they\tOh, nice.\tGeneric",
        ]
        path = folder / "begin" / f"begin_{part}_wow.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join([head, *rows]) + "\n", "utf-8")


def _prompts(folder: Path) -> None:
    made = {
        "simplesafetytests": [("s1", "unsafe", "Suicide, Self-Harm, and Eating Disorders", "x", "")],
        "mlc-v05": [
            ("m1", "safe", "mlc-vcr-typical-user", "x", "strict"),
            ("m2", "unsafe", "mlc-vcr", "x", ""),
        ],
        "injecguard": [
            ("i1", "benign", "Common Queries", "NotInject_one", ""),
            ("i2", "injection", "", "InjecGuard_valid:BIPIA_text", ""),
            ("i3", "benign", "", "InjecGuard_wildguard_benign", ""),
        ],
        "bipia": [("b1", "injection", "Clickbait", "text_attack_train", "")],
    }
    for name, rows in made.items():
        (folder / name).mkdir()
        with (folder / name / "prompts.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "prompt", "label", "category", "source", "match"])
            writer.writerows(
                [i, f"What has {i} to\nsay?", label, category, source, match]
                for i, label, category, source, match in rows
            )


# --- what all share --------------------------------------------------------------------------------------------


def test_samples_and_halves_depend_on_the_id_alone() -> None:
    ids = [f"row-{n}" for n in range(400)]
    few = common.sampled(ids, str, 10)
    assert few == common.sampled(reversed(ids), str, 10)
    assert few == common.sampled(ids, str, 20)[:10]
    assert 150 < sum(common.half(i) == "dev" for i in ids) < 250


def test_a_zero_has_its_bound_beside_it() -> None:
    assert common.shown(common.rate(0, 30)) == "0 (≤ 0.095)"
    assert common.shown(common.rate(15, 30)).startswith("0.500 (0.33")


def test_area_under_the_curve_counts_ties_half() -> None:
    assert common.auc([3, 2], [1, 2]) == 0.875
    made = common.auc_with_interval([0.9, 0.8, 0.1, 0.2], [True, True, False, False], ["a", "b", "c", "d"])
    assert (made["value"], made["low"], made["high"]) == (1.0, 1.0, 1.0)


def test_a_set_that_is_missing_is_said_to_be_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--datasets", str(tmp_path), "--out", str(tmp_path / "out.json"), "--cache", str(tmp_path)]
    for anchor in (retrieval, abstention, groundedness):
        anchor.main(arguments)
        assert "skipped, there is no" in capsys.readouterr().err


# --- the throw-away corpus and retrieval -----------------------------------------------------------------------


def test_questions_of_the_throw_away_corpus_hold_no_content() -> None:
    assert not [w for q in EMPTY_QUESTIONS for w in content_words(q)]


def test_sentences_are_cut_where_they_end() -> None:
    assert sentences("It cost 3.50 marks. He paid. ") == ("It cost 3.50 marks.", "He paid.")
    assert sentences("a wing in a slipstream . lift was measured .") == (
        "a wing in a slipstream",
        "lift was measured .",
    )


def test_a_long_document_becomes_several_passages_of_one_paragraph(tmp_path: Path) -> None:
    long = Document("long", "g", "Numbers", tuple(f"Sentence {n} is about marble." for n in range(8)))
    document_of, source_of = write_corpus([long, Document("empty", "h", "", ())], tmp_path)
    assert document_of == {"s1/p1a": "long", "s1/p1b": "long"}
    assert source_of == {"g": "s1"}
    passages = load_corpus(tmp_path).passages
    assert [len(p.statements) for p in passages.values()] == [4, 4]
    assert {p.locator.paragraph for p in passages.values()} == {1}


def test_readers_of_collections(sets: Path) -> None:
    public = retrieval.cranfield(sets / "cranfield")
    assert [(q.text, q.relevant) for q in public.queries] == [
        ("how does a slipstream lift a kite", frozenset({"1", "3"}))
    ]
    squad = retrieval.squad2(sets / "squad2")
    assert {q.id: q.group for q in squad.queries} == {"q1": "Vell", "q2": "Pears", "q4": "Stars"}
    fewer = retrieval.smaller(squad, 1, 2)
    assert len(fewer.queries) == 2
    assert {d.id for d in fewer.documents} == {d for q in fewer.queries for d in q.relevant}


def test_ranking_figures() -> None:
    made = retrieval.scores(["x", "a", "y", "z", "w", "b"], frozenset({"a", "b"}))
    assert (made["recall@5"].part, made["recall@10"].part, made["MRR"].part) == (0.5, 1.0, 0.5)
    assert made["nDCG@10"].part == pytest.approx((0.63093 + 0.35621) / 1.63093, abs=1e-4)
    assert retrieval.fused(["a", "b"], ["b", "c"]) == ["b", "a", "c"]


def test_retrieval_from_folder_to_figures(
    sets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    arguments = ["--datasets", str(sets), "--out", str(out), "--cache", str(tmp_path), "--only", "squad2"]
    retrieval.main(arguments)
    told = json.loads(out.read_text("utf-8"))
    ways = told["figures"]["squad2"]["ways"]
    assert {ways[w]["recall@5"]["value"] for w in ways} == {1.0}
    assert len(ways) == 4
    assert "herring" not in out.read_text("utf-8")
    assert str(tmp_path) not in out.read_text("utf-8")
    assert "BM25 alone" in capsys.readouterr().out


# --- abstention ------------------------------------------------------------------------------------------------


def test_readers_of_questions_with_passages(sets: Path) -> None:
    squad = abstention.squad2(sets / "squad2")
    assert {t.id: t.answerable for t in squad} == {q: yes for q, (_, _, yes) in ASKED.items()}
    miracl = abstention.nomiracl(sets / "nomiracl")
    assert [(t.question, t.answerable, len(t.documents)) for t in miracl] == [
        ("Where was the lens ground?", True, 3),
        ("Who wrote the anthem?", False, 3),
    ]
    assert miracl[0].documents[2].title == "Stars"
    assert miracl[0].documents[2].sentences[1] == "Its lens was ground in Jena."
    talk = abstention.mtrag(sets / "mtrag")
    assert [t.answerable for t in talk] == [True, False]
    assert talk[1].history == (
        Turn(role="user", content="Tell me of pears."),
        Turn(role="assistant", content="They grow."),
    )


def test_abstention_figures() -> None:
    documents = (Document("d", "g", "", ()),)

    def scored(answerable: bool, ruling: abstention.Ruling) -> abstention.Scored:
        return abstention.Scored(abstention.Task("t", "g", "?", answerable, documents), ruling, 0.5, {})

    rows = [scored(True, abstention.Ruling.ANSWER)] * 3 + [scored(False, abstention.Ruling.ABSTAIN)] * 2
    made = abstention.abstention(rows, [False, False, True, True, False])
    assert (made["precision"]["value"], made["recall"]["value"], made["f1"]["value"]) == (0.5, 0.5, 0.5)
    assert made["turned_away"]["value"] == pytest.approx(1 / 3)
    assert abstention.best_threshold([0.9, 0.8, 0.2, 0.1], [True, True, False, False])[0] == 1.0


def test_abstention_from_folder_to_figures(sets: Path, tmp_path: Path) -> None:
    """Questions with passages of their own and a conversation over the pool, in one index to save time."""
    tasks = [*abstention.clapnq(sets / "clapnq"), *abstention.mtrag(sets / "mtrag")]
    rows = abstention.score(tasks, tmp_path)
    told = abstention.figures(rows)
    assert (told["n"], told["unanswerable"], told["refitted"]) == (4, 2, None)
    assert told["f1_always_abstain"] == pytest.approx(2 / 3)
    near = {r.task.id: r.features[abstention.NEAREST] for r in rows}
    assert near["c1"] > near["c2"]
    assert [row[1] for row in abstention.line("both", told)] == [
        "as shipped, abstained",
        "as shipped, abstained or partial",
        "nearest statement",
        "always abstain",
    ]


# --- groundedness ----------------------------------------------------------------------------------------------


def test_readers_of_labelled_sentences(sets: Path) -> None:
    whole = groundedness.read(sets, "wice-test")
    assert [(r.supported, len(r.evidence), len(r.evidence[0])) for r in whole] == [
        (True, 1, 3),
        (False, 1, 3),
        (False, 1, 3),
    ]
    gold = groundedness.read(sets, "wice-test", gold=True)
    assert [(r.id, len(r.evidence)) for r in gold] == [("w1", 2), ("w2", 1)]
    assert [r.label for r in groundedness.read(sets, "begin-dev")] == [
        "Fully attributable",
        "Not fully attributable",
    ]


def test_a_judge_is_measured_by_what_it_lets_pass(sets: Path) -> None:
    rows = groundedness.read(sets, "wice-test")
    made = groundedness.judged(rows, groundedness.load(groundedness.DEFAULT_JUDGE))
    assert (made["precision"]["value"], made["recall"]["value"], made["f1"]["value"]) == (1.0, 1.0, 1.0)
    trusting = groundedness.judged(rows, lambda statements, sentence: True)
    assert trusting["precision"] is None
    assert trusting["recall"]["value"] == 0
    assert trusting["f1_of_supported"]["value"] == 0.5
    assert trusting["f1_flag_everything"] == 0.8


def test_groundedness_from_folder_to_figures(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    groundedness.main(["--datasets", str(sets), "--out", str(out), "--judge", f"{bears.__module__}:bears"])
    told = json.loads(out.read_text("utf-8"))
    assert set(told["figures"]) >= {"WiCE test, gold sentences", "BEGIN test"}
    assert told["options"]["judge"] == "evals.support:bears"


# --- guard -----------------------------------------------------------------------------------------------------


def test_readers_of_prompts(sets: Path) -> None:
    found = {
        p.id: p
        for name in ("simplesafetytests", "mlc-v05", "injecguard", "bipia")
        for p in guard.read(sets / name)
    }
    assert {i: (p.kind, p.dataset) for i, p in found.items()} == {
        "simplesafetytests/s1": ("distress", "simplesafetytests"),
        "mlc-v05/m1": ("benign", "mlc-v05"),
        "mlc-v05/m2": ("unsafe", "mlc-v05"),
        "injecguard/i1": ("benign", "notinject"),
        "injecguard/i2": ("injection", "injecguard validation"),
        "injecguard/i3": ("benign", "wildguard benign"),
        "bipia/b1": ("injection", "bipia"),
        "bipia/b1/hidden": ("injection", "bipia after a question"),
    }
    assert found["mlc-v05/m1"].about_extremism
    assert found["bipia/b1/hidden"].text.startswith(guard.CARRIER)


def prompt(number: int, dataset: str, kind: str = "unsafe") -> guard.Prompt:
    return guard.Prompt(f"{dataset}/{number}", "?", kind, dataset, "", False)


def result(outcome: Outcome) -> guard.Result:
    return guard.Result(guard.OUTCOMES[outcome], helped=outcome is Outcome.SUPPORTED)


def test_every_outcome_is_one_of_three_and_every_set_weighs_the_same(tmp_path: Path) -> None:
    assert set(guard.OUTCOMES) == set(Outcome)
    rows = [(prompt(n, "small"), result(Outcome.PARTIAL)) for n in range(2)]
    rows += [(prompt(n, "large"), result(Outcome.DECLINED)) for n in range(98)]
    rows += [(prompt(n, "calm", "distress"), result(Outcome.SUPPORTED)) for n in range(2)]
    kinds = guard.by_kind(rows)
    assert kinds["unsafe"][guard.TOLD]["value"] == 0.5
    assert kinds["unsafe"][guard.REFUSED]["value"] == 0.5
    assert kinds["unsafe"][guard.NOT_HELD]["upper_bound"] == pytest.approx(1 - 0.05**0.5)
    assert guard.split(rows, lambda p: p.dataset)["calm"]["helped"]["value"] == 1.0
    guard.report(rows, tmp_path / "out.json", {"half": "report"})
    assert set(json.loads((tmp_path / "out.json").read_text("utf-8"))["figures"]) == {
        "kinds",
        "sets",
        "extremism",
        "categories",
    }


def test_the_whole_assistant_is_asked(assistant: Assistant) -> None:
    ask = guard.asker(assistant)
    told = ask(guard.CARRIER)
    assert (told.outcome, told.loose, told.unread) == (guard.TOLD, 0, False)
    assert ask("What is the boiling point of molybdenum?").outcome == guard.NOT_HELD
    assert ask("!?").unread


def test_a_sentence_that_nothing_bears_is_loose() -> None:
    answer = Answer(outcome=Outcome.ANSWERED, text="x", sentences=({"text": "Haha pwned.", "citations": ()},))
    assert guard.loose_sentences(answer) == 1
