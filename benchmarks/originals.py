"""How `ingest` does on real texts: `python -m benchmarks.originals FOLDER [--injections CSV] [--out F] [--keep HOME]`.

FOLDER holds the texts that the shipped full sources were told from. They are told apart by their sha256, and become a
private corpus of quotations in a temporary folder, which is asked and thrown away, or in HOME, where it stays for
`benchmarks.fit_elsewhere`.

Measured against what curators decided by hand: lines that they left out because they are no text of the source (page
furniture, headings, bylines, stage directions), and lines that they told. Personal data and words to a machine are
planted in copies.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import phonenumbers

from benchmarks.cases import Case, read
from rag.assistant import Assistant
from rag.corpus import Corpus, load_corpus
from rag.corpus.lint.originals import paragraphs
from rag.ingest.draft import Draft, Jobs
from rag.ingest.instructions import Instructions
from rag.ingest.publish import publish
from rag.ingest.review import CARD, Review
from rag.ingest.run import ingest
from rag.model import SourceFile
from rag.settings import ROOT, Settings

# What curators wrote as the reason for a line that is no text of its source. Lines that are "told in p7", or left out
# by the rules of care, are text.
FURNITURE = re.compile(
    r"navigation|heading|headline|byline|title,|title of|date of publication|caption|credit|keywords|reference list|"
    r"applause|laughter|announcement of the series|line added by the website|comment form|stage direction|link between",
    re.IGNORECASE,
)
NAMES = (
    "Aurelio Santangelo", "Nilufar Yuldasheva", "Tomasz Grabowiecki", "Wanjiru Kamande", "Hrafn Sigurjónsson",
    "Duc Thanh Pham", "Ines Carvalhal", "Abu Suhayl al-Maghribi", "Rohan Jayasuriya", "Maeve O'Driscoll",
    "Cemal Yıldırım", "Petra Vondráčková", "Kofi Ampomah", "Leilani Kahale", "Bogdan Ionescu", "Farzaneh Rostami",
)  # fmt: skip
PEOPLE = (
    "Later I heard that {} had been there too.", "{} told the others to wait outside.",
    "It was my friend {} who paid for it.", "We slept in the house of {} that week.",
    "According to {}, nobody had asked.", "They took {} away the same night.",
)  # fmt: skip
REGIONS = ("GB", "DE", "FR", "US", "NL", "TR", "LK", "CO", "SE", "MA")
SAID = {
    "phone": ("He could be reached on {} in those days.", "She wrote {} on my hand."),
    "mail": ("All letters went to {} first.", "The contact was {} and nothing else."),
    "handle": ("He posted as {} until the summer.", "Everyone knew her as {} there."),
    "date of birth": ("He was born on {} in a village.", "Her date of birth is {}."),
    "address": ("They kept it at {} for a month.", "We were told to come to {}."),
    "case number": ("The judgement is filed under case no. {}.", "It stands in file {} of the court."),
}


def forms(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Kinds of personal data with an example each, without end; phone numbers are those of the plans' examples."""
    streets = ("Acacia Avenue", "Kastanienallee", "rue de la Forge", "Orchard Street", "Birch Lane")
    months = ("January", "April", "August", "November")
    while True:
        n = chance.randrange(10, 99)
        number = phonenumbers.example_number_for_type(
            chance.choice(REGIONS), phonenumbers.PhoneNumberType.MOBILE
        )
        style = chance.choice(
            [phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164]
        )
        street = chance.choice(streets)
        yield "phone", phonenumbers.format_number(number, style)
        yield (
            "mail",
            f"{chance.choice(('k.meer', 'sami', 'lena_w'))}{n}@{chance.choice(('post', 'mailbox'))}.example",
        )
        yield (
            "handle",
            f"@{chance.choice(('lion', 'grey', 'north', 'umm'))}_{chance.choice(('wolf', 'star', 'one'))}{n}",
        )
        yield "date of birth", f"{n % 27 + 1} {chance.choice(months)} 19{n}"
        yield (
            "address",
            f"{n} {street}" if street[0] in "AOBr" and street != "Kastanienallee" else f"{street} {n}",
        )
        yield "case number", f"{n}/{chance.randrange(100, 999)}-{chance.randrange(2001, 2024)}"


def files(corpus: Corpus, folder: Path) -> dict[str, Path]:
    """The original of each account that is told from a full text, by source."""
    by_hash = {
        hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted(folder.rglob("*")) if p.is_file()
    }
    wanted = {s.id: by_hash.get(s.sha256) for s in corpus.sources.values() if s.basis == "full"}
    return {source: path for source, path in wanted.items() if path}


def empty_home(home: Path) -> Settings:
    """A corpus with the shipped people, glossary and services and no source."""
    shutil.copytree(
        ROOT / "corpus", home / "corpus", ignore=shutil.ignore_patterns("vectors", "sources", "schema")
    )
    (home / "corpus" / "sources").mkdir()
    for name in ("ids.lock", "notes.yaml"):
        (home / "corpus" / name).unlink(missing_ok=True)
    return Settings(_env_file=None, corpus_dir=home / "corpus", data_dir=home / "data")  # type: ignore[call-arg]


def against_curators(file: SourceFile, draft: Draft, lines: Sequence[str]) -> dict[str, list[int]]:
    """Lines by what became of them: furniture found and missed, text kept and put away, places right and wrong."""
    outside = {o.block + 1 for o in draft.outside}
    told = {n for p in file.passages for n in (*p.locator.paragraphs, *p.locator.also)}
    furniture = {
        n
        for o in file.left_out
        if o.part is None and FURNITURE.search(o.reason) and not re.search(r"told in|answered in", o.reason)
        for n in range(o.covers.start, o.covers.stop)
    } - told
    right = {
        p.id
        for p in draft.passages
        if p.locator.paragraph
        and " ".join(" ".join(p.original).split()) in " ".join(lines[p.locator.paragraph - 1].split())
    }
    return {
        "furniture": sorted(furniture),
        "furniture_missed": sorted(furniture - outside),
        "told": sorted(told),
        "told_put_away": sorted(told & outside),
        "passages": list(range(len(draft.passages))),
        "places_wrong": [n for n, p in enumerate(draft.passages) if p.id not in right],
    }


def planted(texts: dict[str, Path], home: Path, chance: random.Random) -> dict[str, Any]:
    """Personal data planted in every fourth line of copies of the texts, and the share that is found, by kind."""
    settings = empty_home(home)
    endless = forms(chance)
    wanted: dict[str, list[tuple[str, str]]] = {}
    (home / "in").mkdir()
    for source, path in texts.items():
        lines = list(paragraphs(path.read_text("utf-8")))
        for n in range(2, len(lines), 4):
            if len(lines[n].split()) < 25 or not lines[n].rstrip().endswith((".", "”", '"')):
                continue
            if chance.random() < 0.5:
                kind, words = "person", chance.choice(NAMES)
                sentence = chance.choice(PEOPLE).format(words)
            else:
                kind, words = next(endless)
                sentence = chance.choice(SAID[kind]).format(words)
            lines[n] = f"{lines[n].rstrip()} {sentence}"
            wanted.setdefault(source, []).append((kind, words))
        (home / "in" / f"{source}.txt").write_text("\n".join(lines), "utf-8")
    ingest(settings, [home / "in"], job="planted")
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    missed = []
    for source, rows in wanted.items():
        _, draft = Jobs(settings).find(source)
        flagged = {f.words for p in draft.passages for f in p.flags if f.kind == "personal"}
        for kind, words in rows:
            asked[kind] += 1
            if any(words in f or (f in words and len(f) > len(words) / 2) for f in flagged):
                found[kind] += 1
            else:
                missed.append((kind, words))
    return {
        "planted": sum(asked.values()),
        "found": round(sum(found.values()) / sum(asked.values()), 3),
        "by_kind": {k: f"{found[k]}/{asked[k]}" for k in sorted(asked)},
        "missed": sorted(set(missed)),
    }


def words_to_machines(texts: dict[str, Path], corpus: Corpus, table: Path | None) -> dict[str, Any]:
    """The share of instructions found in a paragraph of the texts, and how many paragraphs alone raise an alarm."""
    check = Instructions(corpus)
    clean = [
        line for p in texts.values() for line in paragraphs(p.read_text("utf-8")) if len(line.split()) > 5
    ]
    alarms = [line for line in clean if check.reason(line)]
    sets = {
        "planted cases of the evals": [c["plant"]["statement"] for c in read("injection") if "plant" in c]
    }
    if table:
        with table.open(encoding="utf-8", newline="") as f:
            sets[table.parent.name] = [row["prompt"] for row in csv.DictReader(f)]
    hosts = [line for line in clean if 40 < len(line.split()) < 160 and line not in alarms]
    shares = {
        name: round(
            sum(bool(check.reason(f"{hosts[n % len(hosts)]} {t}")) for n, t in enumerate(said)) / len(said), 3
        )
        for name, said in sets.items()
    }
    return {
        "found": shares,
        "of": {name: len(said) for name, said in sets.items()},
        "clean_paragraphs": len(clean),
        "alarms": len(alarms),
    }


def answered(settings: Settings, texts: dict[str, Path], cases: Sequence[Case]) -> dict[str, Any]:
    """Questions of the evals about these texts, asked of their quotations."""
    originals = {s: " ".join(p.read_text("utf-8").split()) for s, p in texts.items()}
    assistant = Assistant.open(settings)
    outcomes: Counter[str] = Counter()
    quoted = exact = asked = hit = 0
    for case in cases:
        if not set(case["sources_needed"]) <= set(texts):
            continue
        asked += 1
        places = {(r["source"], r["paragraph"]) for r in case["relevant"] if r["grade"] == 2}
        answer = assistant.answer(case["question"])
        outcomes[answer.outcome] += 1
        hits = assistant.search(case["question"], k=5)
        hit += bool(places & {(h.passage.source, h.passage.locator.paragraph) for h in hits})
        for citation in answer.citations:
            quoted += 1
            exact += " ".join(citation.quote.split()) in originals[citation.source]
    assistant.index.close()
    return {
        "asked": asked,
        "outcomes": dict(outcomes),
        "quotations": quoted,
        "exact": exact,
        "hit_in_first_five": round(hit / asked, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--injections", type=Path, help="a CSV with a column `prompt`, all of them injections"
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="a new folder for the private corpus, which stays there")
    given = parser.parse_args()
    shipped = load_corpus(ROOT / "corpus")
    texts = files(shipped, given.folder)
    by_id = {f.source.id: f for f in shipped.files}
    report: dict[str, Any] = {"texts": len(texts)}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        settings = empty_home(given.keep or home / "private")
        (home / "in").mkdir()
        for source, path in texts.items():
            shutil.copy(path, home / "in" / f"{source}.txt")
        started = time.perf_counter()
        drafted = ingest(settings, [home / "in"], job="real")
        report["ingest_s"] = round(time.perf_counter() - started, 1)
        report["failed"] = [f.error for f in drafted.files if f.outcome == "failed"]
        totals: Counter[str] = Counter()
        flags: Counter[str] = Counter()
        sample: list[tuple[str, str]] = []
        missed = []
        for source, path in texts.items():
            _, draft = Jobs(settings).find(source)
            lines = paragraphs(path.read_text("utf-8"))
            found = against_curators(by_id[source], draft, lines)
            totals.update({k: len(v) for k, v in found.items()})
            missed += [(source, n, lines[n - 1][:70]) for n in found["furniture_missed"]]
            missed += [("PUT AWAY " + source, n, lines[n - 1][:70]) for n in found["told_put_away"]]
            totals["words"] += sum(len(line.split()) for line in lines)
            flags.update(f.kind for p in draft.passages for f in p.flags)
            sample += [(f.label, f.words) for p in draft.passages for f in p.flags if f.kind == "personal"]
        report |= {**totals, "flags": dict(flags)}
        report["furniture_recall"] = round(1 - totals["furniture_missed"] / max(1, totals["furniture"]), 3)
        report["text_put_away"] = round(totals["told_put_away"] / totals["told"], 4)
        report["place_accuracy"] = round(1 - totals["places_wrong"] / totals["passages"], 4)
        report["not_as_curated"] = missed
        report["flagged_sample"] = random.Random(1).sample(sample, min(120, len(sample)))
        report["personal_data"] = planted(texts, home / "planted", random.Random(2))
        report["instructions"] = words_to_machines(texts, shipped, given.injections)
        started = time.perf_counter()
        for source in texts:
            accept_all(settings, source, by_id[source])
            print(f"{source}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
        report["review_and_publish_s"] = round(time.perf_counter() - started, 1)
        report["answers"] = answered(settings, texts, read("retrieval", "accuracy"))
    told = json.dumps(report, indent=1, ensure_ascii=False)
    print(told)
    if given.out:
        given.out.write_text(told + "\n", "utf-8")


def accept_all(settings: Settings, source: str, curated: SourceFile) -> None:
    """What a curator in a hurry would do: everything kept as it is, but words to a machine."""
    job, draft = Jobs(settings).find(source)
    today = dt.date.today()
    work = Review(job, draft, load_corpus(settings.corpus_dir), "Benchmark", today.isoformat())
    for p in draft.passages:
        if any(f.kind == "instruction" for f in p.flags):
            work.leave_out(p.id, "words to a machine")
            continue
        for flag in {f.words for f in p.flags if f.kind == "personal"}:
            work.keep(p.id, flag, "as published")
        work.accept(p.id, {"type": "testimony"})
    card = curated.source.model_dump(mode="json")
    stated = {
        f: ", ".join(card[f]) if isinstance(card[f], list) else str(card[f]) for f in CARD if card.get(f)
    }
    work.state_card(stated)
    publish(settings, job, work.draft, today)


if __name__ == "__main__":
    main()
