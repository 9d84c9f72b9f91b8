"""Abstention: does our decision tell questions that given passages answer from questions that they do not?

    python -m benchmarks.external.abstention --datasets DIR --out FILE [--only SET] [--sample N]

Sets: SQuAD 2.0 (Rajpurkar, Jia and Liang 2018, arXiv 1806.03822; unanswerable twins on the same paragraph), NoMIRACL
English (Thakur et al. 2024, arXiv 2312.11361; ten retrieved passages, none of which answers), CLAPnq (Rosenthal et al.
2024, arXiv 2404.02103; one Wikipedia passage) and MTRAG-UN (of the makers of MTRAG, Katsis et al. 2025, arXiv
2501.03468; conversations).
The first three give a question its own passages, which our code searches through a filter. MTRAG's passage
collections are not in the folder: its tasks are asked of the pooled passages of all sampled tasks, which hold nothing
for the unanswerable ones; that is easier than the real collections.

The decision that ships was fitted on a corpus with curated questions, and much of what it reads is about these.
Public passages have none, so its thresholds mean nothing there. Three things are therefore reported apart: the
decision as shipped; the nearest statement alone (what published similarity figures measure); and the same features
weighed anew on the `dev` half and measured on the `report` half.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.external.collection import Collection, Document, collect, sentences
from benchmarks.external.common import (
    Row,
    arguments,
    auc_with_interval,
    each_present,
    half,
    json_lines,
    mean,
    needed,
    rate,
    sampled,
    say,
    shown,
    table,
    write,
)
from benchmarks.fit_sufficiency import confidence, logistic
from evals.stats import Share
from rag.answer.decide import Ruling, decide
from rag.answer.evidence import candidates
from rag.answer.quote import choose
from rag.answer.sufficiency import assess, features
from rag.dialogue import standalone
from rag.guard.intake import BadQuestion, clean_question
from rag.model import Filters, Turn

NEAREST = "statement_all"  # the feature that is the cosine of the question to the nearest statement
LEAST_TO_FIT = 60  # tasks of the dev half below which weighing some forty features anew means nothing
SAMPLE = 120
NUMBERED = re.compile(r"^\[\d+\] ", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """A question with the documents that may answer it; `group` is what the interval resamples."""

    id: str
    group: str
    question: str
    answerable: bool
    documents: tuple[Document, ...]
    history: tuple[Turn, ...] = ()
    pooled: bool = False
    label: str = ""


@dataclass(frozen=True)
class Scored:
    task: Task
    ruling: Ruling
    confidence: float
    features: Mapping[str, float]


def squad2(folder: Path) -> list[Task]:
    (path,) = needed(folder, "dev-v2.0.cs224n.json")
    tasks = []
    for a, article in enumerate(json.loads(path.read_text("utf-8"))["data"]):
        for p, paragraph in enumerate(article["paragraphs"]):
            name = f"{a}-{p}"
            document = Document(name, name, article["title"], sentences(paragraph["context"]))
            tasks += [
                Task(q["id"], name, q["question"].strip(), not q["is_impossible"], (document,))
                for q in paragraph["qas"]
            ]
    return tasks


def clapnq(folder: Path) -> list[Task]:
    tasks = []
    for path in needed(folder, "clapnq_dev_answerable.jsonl", "clapnq_dev_unanswerable.jsonl"):
        for row in json_lines(path):
            documents = tuple(
                Document(
                    f"{row['id']}-{n}", row["id"], p["title"], tuple(s for s in p["sentences"] if s.strip())
                )
                for n, p in enumerate(row["passages"])
            )
            tasks.append(Task(row["id"], row["id"], row["input"], "un" not in path.stem, documents))
    return tasks


def nomiracl(folder: Path) -> list[Task]:
    """The ten passages stand in the prompt that the authors gave to models: "[n] title: text"."""
    tasks = []
    for path in needed(folder, "relevant.en.test.jsonl", "non_relevant.en.test.jsonl"):
        for row in json_lines(path):
            question, _, rest = row["prompt"].partition("QUESTION:\n")[2].partition("\n\nCONTEXTS:\n")
            contexts = [c.strip() for c in NUMBERED.split(rest.partition("\n\nOUTPUT:")[0]) if c.strip()]
            name = row["query_id"]
            documents = []
            for n, context in enumerate(contexts):
                title, _, text = context.partition(": ")
                documents.append(Document(f"{name}-{n}", name, title, sentences(text or title)))
            tasks.append(
                Task(name, name, question.strip(), not path.stem.startswith("non"), tuple(documents))
            )
    return tasks


def mtrag(folder: Path) -> list[Task]:
    """Answerable and unanswerable tasks; partial and underspecified ones have no right side of the line."""
    tasks = []
    for row in json_lines(needed(folder, "mtragun_reference.jsonl")[0]):
        (label,) = row["answerability"]
        if label not in ("ANSWERABLE", "UNANSWERABLE"):
            continue
        roles = {"user": "user", "agent": "assistant"}
        turns = [Turn(role=roles[t["speaker"]], content=t["text"]) for t in row["input"]]
        documents = tuple(
            Document(c["document_id"], c["document_id"], c.get("title", ""), sentences(c["text"]))
            for c in row["contexts"]
        )
        tasks.append(
            Task(
                row["task_id"],
                row["conversation_id"],
                turns[-1].content,
                label == "ANSWERABLE",
                documents,
                tuple(turns[:-1]),
                pooled=True,
                label=label,
            )
        )
    return tasks


def balanced(tasks: Sequence[Task], n: int) -> list[Task]:
    """n tasks, half of each side where there are enough; SQuAD's by paragraph, so that few texts are embedded."""
    by_paragraph = len({t.group for t in tasks}) < len(tasks) / 4
    key: Callable[[Task], str] = (lambda t: t.group) if by_paragraph else (lambda t: t.id)
    sides = [[t for t in tasks if t.answerable is side] for side in (True, False)]
    return [t for side in sides for t in sampled(side, key, n // 2)]


def score(tasks: Sequence[Task], home: Path) -> list[Scored]:
    """Each task through retrieval, evidence and decision as an answer goes through them."""
    documents = {d.id: d for t in tasks for d in t.documents}
    collection = collect(list(documents.values()), home, with_words=True)
    found = []
    for n, task in enumerate(tasks, 1):
        scored = _one(task, collection)
        if scored:
            found.append(scored)
        if n % 50 == 0:
            say(f"{home.name}: {n} of {len(tasks)} questions")
    return found


def _one(task: Task, collection: Collection) -> Scored | None:
    assistant = collection.assistant
    retriever = assistant.retriever
    try:
        asked = clean_question(task.question, assistant.settings.max_question_chars)
    except BadQuestion:
        return None
    own = tuple(dict.fromkeys(collection.source_of[d.group] for d in task.documents if d.sentences))
    alone = standalone(asked, task.history, retriever.linker, assistant.corpus)
    found = retriever.find(alone, filters=None if task.pooled else Filters(source=own))
    evidence = candidates(found, assistant.index, retriever.frequency)
    chosen = choose(evidence, assistant.settings.answer_words)
    signals = assess(found, evidence, chosen, retriever, assistant.words)
    return Scored(
        task, decide(signals), signals.confidence, features(found, evidence, retriever, assistant.words)
    )


def abstention(rows: Sequence[Scored], said_no: Sequence[bool]) -> Row:
    """Precision, recall and F1 of saying no, and the share of answerable questions turned away."""
    shares = {
        str(i): Share(2.0 * (no and not r.task.answerable), float(no) + float(not r.task.answerable))
        for i, (r, no) in enumerate(zip(rows, said_no, strict=True))
    }
    right = sum(no and not r.task.answerable for r, no in zip(rows, said_no, strict=True))
    turned_away = sum(no and r.task.answerable for r, no in zip(rows, said_no, strict=True))
    return {
        "f1": mean(shares, {str(i): r.task.group for i, r in enumerate(rows)}),
        "precision": rate(right, sum(said_no)) if any(said_no) else None,
        "recall": rate(right, sum(not r.task.answerable for r in rows)),
        "turned_away": rate(turned_away, sum(r.task.answerable for r in rows)),
    }


def best_threshold(values: Sequence[float], answerable: Sequence[bool]) -> tuple[float, float]:
    """(F1, threshold) of the best rule "say no below": an upper limit where it is chosen on the rows it is read on."""
    best = (0.0, 0.0)
    for threshold in [*sorted(set(values)), max(values) + 1.0]:
        no = [v < threshold for v in values]
        right = sum(n and not a for n, a in zip(no, answerable, strict=True))
        best = max(best, (2 * right / (sum(no) + sum(not a for a in answerable)), threshold))
    return best


def figures(rows: Sequence[Scored]) -> Row:
    answerable = [r.task.answerable for r in rows]
    groups = [r.task.group for r in rows]
    confidences = [r.confidence for r in rows]
    nearest = [r.features[NEAREST] for r in rows]
    no = len(rows) - sum(answerable)
    return {
        "n": len(rows),
        "unanswerable": no,
        "f1_always_abstain": 2 * no / (len(rows) + no),
        "shipped": {
            "auc": auc_with_interval(confidences, answerable, groups),
            "best_f1": best_threshold(confidences, answerable)[0],
            "abstained": abstention(rows, [r.ruling is Ruling.ABSTAIN for r in rows]),
            "abstained or partial": abstention(
                rows, [r.ruling in (Ruling.ABSTAIN, Ruling.GAP) for r in rows]
            ),
        },
        "nearest": {
            "auc": auc_with_interval(nearest, answerable, groups),
            "best_f1": best_threshold(nearest, answerable)[0],
        },
        "refitted": refitted(rows),
    }


def refitted(rows: Sequence[Scored]) -> Row | None:
    """Our features with weights and threshold from the dev half, read on the report half; groups stay whole."""
    dev = [r for r in rows if half(r.task.group) == "dev"]
    test = [r for r in rows if half(r.task.group) == "report"]
    if len(dev) < LEAST_TO_FIT or any(len({r.task.answerable for r in part}) < 2 for part in (dev, test)):
        return None
    names = list(dev[0].features)

    def matrix(part: Sequence[Scored]) -> np.ndarray:
        return np.array([[r.features[n] for n in names] for r in part])

    model = logistic(matrix(dev), np.array([float(r.task.answerable) for r in dev]), penalty=0.1)
    known, new = (list(map(float, confidence(model, matrix(part)))) for part in (dev, test))
    threshold = best_threshold(known, [r.task.answerable for r in dev])[1]
    return {
        "n": len(test),
        "auc": auc_with_interval(new, [r.task.answerable for r in test], [r.task.group for r in test]),
        "abstained": abstention(test, [v < threshold for v in new]),
    }


def line(name: str, f: Row) -> list[tuple[str, ...]]:
    """Table rows of one set: way, AUC, F1 at its threshold, answerable turned away, best F1 of any threshold."""
    shipped, refit = f["shipped"], f["refitted"]
    label = f"{name} ({f['n']}, {f['unanswerable']} unanswerable)"
    rows = [
        (
            label,
            f"as shipped, {way}",
            shown(shipped["auc"]),
            shown(shipped[way]["f1"]),
            shown(shipped[way]["turned_away"]),
            f"{shipped['best_f1']:.3f}",
        )
        for way in ("abstained", "abstained or partial")
    ]
    rows.append(
        (label, "nearest statement", shown(f["nearest"]["auc"]), "–", "–", f"{f['nearest']['best_f1']:.3f}")
    )
    if refit:
        no = refit["abstained"]
        rows.append(
            (
                label,
                f"weighed anew (report half, {refit['n']})",
                shown(refit["auc"]),
                shown(no["f1"]),
                shown(no["turned_away"]),
                "–",
            )
        )
    return [*rows, (label, "always abstain", "0.500", f"{f['f1_always_abstain']:.3f}", "1.000", "–")]


def main(argv: Sequence[str] | None = None) -> None:
    parser = arguments(__doc__, "abstention")
    readers = {"squad2": squad2, "clapnq": clapnq, "nomiracl": nomiracl, "mtrag": mtrag}
    parser.add_argument("--only", choices=tuple(readers), help="one of the sets")
    parser.set_defaults(sample=SAMPLE)
    options = parser.parse_args(argv)
    wanted = {options.only: readers[options.only]} if options.only else readers
    present = each_present({name: partial(read, options.datasets / name) for name, read in wanted.items()})
    made = {
        name: figures(score(balanced(tasks, options.sample), options.cache / name))
        for name, tasks in present.items()
    }
    head = ("set", "way", "AUC", "F1 of abstaining", "answerable turned away", "best F1 of any threshold")
    print(table(head, (row for name, f in made.items() for row in line(name, f))))
    write(options.out, "abstention", vars(options), made)


if __name__ == "__main__":
    main()
