"""Packs as files: YAML for people, JSON for programs. A wrong file is told by field, with what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rag.pack.model import FORMAT, Pack

SUFFIXES = (".yaml", ".yml", ".json")
LARGEST = 1_000_000  # bytes; a pack is some twenty thousand


class PackError(ValueError):
    """A file that is no pack; the message says where and what to do."""


def as_yaml(pack: Pack) -> str:
    """The pack as YAML, in the order of the schema."""
    text: str = yaml.safe_dump(
        pack.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=110, default_flow_style=False
    )
    return text


def as_json(pack: Pack) -> str:
    return json.dumps(pack.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def read(text: str, name: str = "the file") -> Pack:
    """A pack from YAML or JSON. Raises PackError."""
    if len(text) > LARGEST:
        raise PackError(f"{name} is too large to be a pack.")
    try:
        data: Any = yaml.safe_load(text)  # JSON is YAML too
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        mark = getattr(e, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise PackError(f"{name}{where}: not readable as YAML. Check quotes, colons and indentation.") from e
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise PackError(f"{name} is no pack: its first field should be 'format: {FORMAT}'.")
    try:
        return Pack.model_validate(data)
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        field = ".".join(str(x) for x in first["loc"])
        raise PackError(f"{name}, {field}: {first['msg']}. Compare with a new pack.") from e


def load(path: Path) -> Pack:
    """A pack from its file. Raises PackError, or OSError where the file cannot be read."""
    try:
        return read(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError as e:
        raise PackError(f"{path.name} is not text in UTF-8.") from e


def save(pack: Pack, path: Path) -> None:
    """Writes a pack as its suffix says. Raises PackError for a suffix that is none of a pack's."""
    if path.suffix not in SUFFIXES:
        raise PackError(f"{path.name}: a pack is saved as {', '.join(SUFFIXES)}.")
    path.write_text(as_json(pack) if path.suffix == ".json" else as_yaml(pack), "utf-8")


def file_name(pack: Pack) -> str:
    """A name for the file of a pack, without suffix: plain letters from its title, age and length."""
    words = re.findall(r"[a-z0-9]+", pack.title.casefold())[:6]
    return "-".join(["pack", *words, pack.brief.age.replace("+", ""), f"{pack.brief.minutes}min"])
