"""Markup that cannot be forgotten to be escaped: whatever is not `Markup` already is text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable


class Markup(str):
    """HTML that was made here."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
_KEPT_TOGETHER = re.compile(r"(?<=\d) (?=%)")
_VOID = {"meta", "link", "input", "br", "hr", "line", "circle", "rect", "path", "polyline"}


def el(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """An element. In attribute names a trailing underscore goes, others become hyphens; None and False leave it out."""
    made = "".join(_attribute(k, v) for k, v in attributes.items() if v is not None and v is not False)
    if name in _VOID:
        return Markup(
            f"<{name}{made}>" if name in ("meta", "link", "input", "br", "hr") else f"<{name}{made}/>"
        )
    return Markup(f"<{name}{made}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    return Markup("".join(_text(c) for c in children))


def data(value: object) -> Markup:
    """JSON for a script element: nothing in it can end that element or start a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _attribute(name: str, value: str | int | float | bool) -> str:
    plain = name.rstrip("_").replace("_", "-").replace("viewbox", "viewBox")
    return f" {plain}" if value is True else f' {plain}="{html.escape(str(value))}"'


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return _KEPT_TOGETHER.sub("\u00a0", html.escape(child))
    if isinstance(child, (int, float)):
        return str(child)
    return join(child)
