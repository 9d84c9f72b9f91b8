"""Changing one entry of a YAML file as text, so that everything else keeps its comments and its layout.

A path leads to a node: field names and positions in lists, for example ("passages", 3, "people", 0).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from rag.data import LOADER, from_yaml

Step = str | int
Path = Sequence[Step]


class UnexpectedLayout(ValueError):
    """The text is not laid out so that the change can be made safely; nothing was changed."""


def parsed(text: str) -> Any:
    return from_yaml(text)


def without_item(text: str, path: Path) -> str:
    """The text less one item of a list, with the comment lines directly above it."""
    *above, position = path
    items = _node(text, above)
    if not isinstance(items, yaml.SequenceNode) or not isinstance(position, int):
        raise UnexpectedLayout(f"{'.'.join(map(str, above))} is no list")
    if items.flow_style:
        return _without_flow_item(text, items, position)
    start, end = _lines_of_item(text, items, position)
    if len(items.value) > 1:
        return text[:start] + text[end:] if end < len(text) else text[:start].rstrip() + "\n"
    colon = text.index(":", _key(text, above).end_mark.index) + 1
    return f"{text[:colon]} []{text[colon:start]}{text[end:]}"


def with_item(text: str, key: str, line: str, position: int) -> str:
    """The text with one more item, written on one line, at a position of a top-level list (made if there is none)."""
    root = _node(text, ())
    items = next((value for name, value in root.value if name.value == key), None)
    if items is None:
        return f"{text.rstrip()}\n\n{key}:\n- {line}\n"
    if not isinstance(items, yaml.SequenceNode):
        raise UnexpectedLayout(f"{key} is no list")
    if not items.value:
        return f"{text[: items.start_mark.index].rstrip()}\n- {line}{text[items.end_mark.index :]}"
    if items.flow_style:
        raise UnexpectedLayout(f"{key} is written on one line")
    dash = _dash(text, items.value[0])
    indent = text[text.rfind("\n", 0, dash) + 1 : dash]
    at = (
        _lines_of_item(text, items, position)[0]
        if position < len(items.value)
        else _end(text, items.value[-1])
    )
    return f"{text[:at]}{indent}- {line}\n{text[at:]}"


def with_scalar(text: str, path: Path, value: str) -> str:
    """The text with one simple value written anew."""
    node = _node(text, path)
    if not isinstance(node, yaml.ScalarNode):
        raise UnexpectedLayout(f"{'.'.join(map(str, path))} is no simple value")
    return text[: node.start_mark.index] + value + text[node.end_mark.index :]


def _node(text: str, path: Path) -> Any:
    node: Any = yaml.compose(text, Loader=LOADER)
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for name, value in node.value if name.value == step)
    return node


def _key(text: str, path: Path) -> Any:
    """The name under which the node at the path stands."""
    *above, last = path
    return next(name for name, _ in _node(text, above).value if name.value == last)


def _dash(text: str, item: Any) -> int:
    return text.rindex("-", 0, item.start_mark.index)


def _line_end(text: str, at: int) -> int:
    """Where the next line starts."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _end(text: str, node: Any) -> int:
    """Where the line after a node starts; PyYAML ends a block only at the next token, behind comments."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    at = int(node.end_mark.index)
    return at if at and text[at - 1] == "\n" else _line_end(text, at)


def _lines_of_item(text: str, items: Any, position: int) -> tuple[int, int]:
    """From the first comment line directly above an item to the line after it and after the blank lines below."""
    start = text.rfind("\n", 0, _dash(text, items.value[position])) + 1
    comments = re.search(r"(?:^[ \t]*#[^\n]*\n)+\Z", text[:start], re.MULTILINE)
    if comments:
        start = comments.start()
    end = _end(text, items.value[position])
    blank = re.match(r"(?:[ \t]*\n)*", text[end:])
    return start, end + (blank.end() if blank else 0)


def _without_flow_item(text: str, items: Any, position: int) -> str:
    values = items.value
    if position + 1 < len(values):
        start, end = values[position].start_mark.index, values[position + 1].start_mark.index
    elif position:
        start, end = values[position - 1].end_mark.index, values[position].end_mark.index
    else:
        start, end = values[0].start_mark.index, values[0].end_mark.index
    return text[:start] + text[end:]
