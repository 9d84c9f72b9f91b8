"""The JSON Schema files that an editor checks a curator's typing against."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rag.corpus import load_corpus
from rag.corpus.read import ASKED, source_paths
from rag.corpus.read import FILES as SHARED
from rag.corpus.schema import as_text, schemas, write_schemas
from rag.corpus.yaml_text import parsed
from rag.settings import ROOT

CORPUS = ROOT / "corpus"
FILES = [*source_paths(CORPUS), *(CORPUS / name for name in SHARED if name != ASKED)]


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((CORPUS / "schema" / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def kind(path: Path) -> str:
    return "source" if path.parent.name == "sources" else path.stem


def read(path: Path) -> Any:
    return parsed(path.read_text("utf-8"))


def test_the_committed_schemas_are_those_of_the_code_and_the_taxonomy() -> None:
    made = schemas(load_corpus(CORPUS).taxonomy)
    committed = {p.stem: p.read_text("utf-8") for p in (CORPUS / "schema").glob("*.json")}
    wanted = {name: as_text(schema) for name, schema in made.items()}
    assert committed == wanted, "run rag.corpus.schema.write_schemas on the folder corpus"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_shipped_file_is_valid_and_points_its_editor_to_the_right_schema(path: Path) -> None:
    assert [e.message for e in validator(kind(path)).iter_errors(read(path))] == []
    first = path.read_text("utf-8").splitlines()[0]
    schema = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert schema == CORPUS / "schema" / f"{kind(path)}.json"


@pytest.mark.parametrize("field", ["stage", "motives", "disillusionment"])
def test_an_editor_marks_a_tag_that_the_taxonomy_does_not_have(field: str) -> None:
    source = read(CORPUS / "sources" / "gazette-2016.yaml")
    source["passages"][0][field] = ["no_such_tag"]
    (error,) = validator("source").iter_errors(source)
    assert list(error.absolute_path) == ["passages", 0, field, 0]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"published": "last May"}, ["source", "published"]),
        ({"kind": "blog"}, ["source", "kind"]),
        ({"sha256": "abc"}, ["source", "sha256"]),
    ],
)
def test_an_editor_marks_a_card_that_breaks_the_model(change: dict[str, str], place: list[str]) -> None:
    source = read(CORPUS / "sources" / "gazette-2016.yaml")
    source["source"].update(change)
    (error,) = validator("source").iter_errors(source)
    assert list(error.absolute_path) == place


def test_every_line_of_the_strangers_questions_is_valid() -> None:
    lines = (CORPUS / ASKED).read_text("utf-8").splitlines()
    assert lines
    assert [n for n, line in enumerate(lines, 1) if not validator("asked").is_valid(json.loads(line))] == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"passage": "aarhus-model-2014"}, ["passage"]),
        ({"answers": ["first"]}, ["answers", 0]),
        ({"asked": "Why?"}, []),
    ],
)
def test_a_line_of_the_strangers_questions_that_breaks_the_model_is_marked(
    change: dict[str, object], place: list[str]
) -> None:
    line = json.loads((CORPUS / ASKED).read_text("utf-8").splitlines()[0])
    (error,) = validator("asked").iter_errors({**line, **change})
    assert list(error.absolute_path) == place


def test_a_new_tag_of_the_taxonomy_becomes_a_choice(invented: Path) -> None:
    taxonomy = invented / "taxonomy.yaml"
    tag = "  - {id: pride, label: Pride, definition: Wants to be seen.}\ndisillusionment:"
    taxonomy.write_text(taxonomy.read_text("utf-8").replace("disillusionment:", tag), "utf-8")
    written = {p.stem: json.loads(p.read_text("utf-8")) for p in write_schemas(invented)}
    choices = written["source"]["$defs"]["Passage"]["properties"]["motives"]["items"]["oneOf"]
    assert {"const": "pride", "title": "Pride", "description": "Wants to be seen."} in choices
