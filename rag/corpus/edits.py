"""Changes to the files of the corpus that a removal is made of: each as text, so that comments and layout stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from rag.corpus.read import ASKED, Corpus
from rag.corpus.yaml_text import UnexpectedLayout, parsed, with_item, with_scalar, without_item

REASON = "removed on request"


class Edit:
    """The text of a file under change and its parsed `data`; each step on the one is compared with the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text: str = path.read_text("utf-8")
        self.data: Any = parsed(self.text)

    def cut(self, *path: str | int) -> None:
        def change(parent: Any, last: Any) -> None:
            del parent[last]

        self._apply(without_item(self.text, path), path, change)

    def clear(self, *path: str | int) -> None:
        def change(parent: Any, last: Any) -> None:
            parent[last] = None

        self._apply(with_scalar(self.text, path, "null"), path, change)

    def put(self, value: str, *path: str | int) -> None:
        """Writes a text anew, on one line."""

        def change(parent: Any, last: Any) -> None:
            parent[last] = value

        self._apply(with_scalar(self.text, path, json.dumps(value, ensure_ascii=False)), path, change)

    def add_left_out(self, paragraph: int) -> None:
        """Says of a paragraph that it has no passage any more, in the order of paragraphs."""
        entry = {"paragraph": paragraph, "reason": REASON}
        starts = [e.get("paragraph") or e["paragraphs"][0] for e in self.data.setdefault("left_out", [])]
        after = [start > paragraph for start in starts]
        position = after.index(True) if True in after else len(after)
        text = with_item(self.text, "left_out", f"{{paragraph: {paragraph}, reason: {REASON}}}", position)
        self._apply(text, ("left_out", position), lambda parent, last: parent.insert(last, entry))

    def _apply(self, text: str, path: tuple[str | int, ...], change: Callable[[Any, Any], None]) -> None:
        parent = self.data
        for step in path[:-1]:
            parent = parent[step]
        change(parent, path[-1])
        if parsed(text) != self.data:
            where = ".".join(map(str, path))
            raise UnexpectedLayout(
                f"{self.path.name}: {where} is laid out in a way that cannot be edited safely. "
                "Take the entry out by hand, then run the command again."
            )
        self.text = text


def cut_passages(edit: Edit, gone: Collection[str]) -> None:
    """Takes passages out of a source file, with the notes that only they name, and lists their paragraphs."""
    all_of = edit.data["passages"]
    left = [p for p in all_of if p["id"] not in gone]
    lost = {n for p in all_of if p["id"] in gone for n in p.get("notes", ())}
    lost -= {n for p in left for n in p.get("notes", ())}
    told = {p["locator"].get("paragraph") for p in left}
    bare = {p["locator"].get("paragraph") for p in all_of if p["id"] in gone} - told - {None}
    for n in reversed(range(len(all_of))):
        if all_of[n]["id"] in gone:
            edit.cut("passages", n)
    for n, note in reversed(list(enumerate(edit.data["source"].get("editorial_notes", ())))):
        if note["id"] in lost:
            edit.cut("source", "editorial_notes", n)
    for paragraph in sorted(bare):
        edit.add_left_out(paragraph)


def without_examples(corpus_dir: Path, corpus: Corpus, passages: Collection[str]) -> dict[Path, str | None]:
    """The taxonomy without examples that are gone; nothing where it named none of them."""
    edit = Edit(corpus_dir / "taxonomy.yaml")
    before = edit.text
    for kind in type(corpus.taxonomy).model_fields:
        for n, tag in enumerate(getattr(corpus.taxonomy, kind)):
            if tag.example in passages:
                edit.clear(kind, n, "example")
    return {edit.path: edit.text} if edit.text != before else {}


def without_asked(
    corpus_dir: Path, gone: Collection[str], names: Callable[[str, str], bool] = lambda passage, text: False
) -> dict[Path, str | None]:
    """The strangers' questions less those of passages that are gone and those in which `names` finds somebody."""
    path = corpus_dir / ASKED
    before = path.read_text("utf-8") if path.is_file() else ""
    kept = []
    for line in before.splitlines(keepends=True):
        asked = json.loads(line)
        if asked["passage"] not in gone and not names(asked["passage"], asked["question"]):
            kept.append(line)
    text = "".join(kept)
    return {path: text} if text != before else {}


def write(path: Path, text: str | None) -> None:
    """Replaces a file at once, or deletes it when there is no text."""
    if text is None:
        path.unlink()
        return
    staged = path.with_suffix(".new")
    staged.write_text(text, "utf-8")
    staged.replace(path)
