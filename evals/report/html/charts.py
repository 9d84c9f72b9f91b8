"""The charts, drawn as SVG: an interval in a row, the risk-coverage curve, the reliability diagram.

Every chart has a text alternative. Colours come from the page's style, and nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.report import figures
from evals.report.html.markup import Markup, el
from evals.stats import Interval

_WIDTH, _HEIGHT, _MARGIN = 220, 26, 7
_SIDE, _LEFT, _BOTTOM, _TOP = 280, 44, 40, 10


def whisker(row: figures.Row) -> Markup:
    """A value with its interval on a scale from 0 to 1 (or to what the numbers need), with bound, wanted, baseline."""
    before = row.change.base if row.change is not None else None
    known = [row.value, *(row.interval or ()), *(x for x in (row.bound, row.wanted, before) if x is not None)]
    top = 1.0 if figures.kind(row.measure) != "number" else max(*known, 1e-9) * 1.1

    def x(value: float) -> float:
        return round(_MARGIN + (_WIDTH - 2 * _MARGIN) * min(1.0, max(0.0, value / top)), 1)

    middle = _HEIGHT / 2
    parts = [el("line", x1=_MARGIN, x2=_WIDTH - _MARGIN, y1=middle, y2=middle, class_="scale")]
    parts += [
        el("line", x1=x(top * q), x2=x(top * q), y1=middle - 2, y2=middle + 2, class_="scale")
        for q in (0, 0.5, 1)
    ]
    if row.bound is not None:
        good = (x(0), x(row.bound)) if row.better == "lower" else (x(row.bound), x(top))
        parts.append(
            el("rect", x=good[0], y=middle - 7, width=max(1.0, good[1] - good[0]), height=14, class_="good")
        )
        parts.append(el("line", x1=x(row.bound), x2=x(row.bound), y1=2, y2=_HEIGHT - 2, class_="bound"))
    if row.wanted is not None:
        parts.append(el("line", x1=x(row.wanted), x2=x(row.wanted), y1=2, y2=_HEIGHT - 2, class_="wanted"))
    interval = row.interval
    if interval is None and row.zero is not None:
        edge = row.zero.upper if row.value == 0 else 1 - row.zero.upper
        parts.append(el("line", x1=x(row.value), x2=x(edge), y1=middle, y2=middle, class_="whisker open"))
    if interval is not None:
        ends = [x(interval.low), x(interval.high)]
        parts.append(el("line", x1=ends[0], x2=ends[1], y1=middle, y2=middle, class_="whisker"))
        parts += [el("line", x1=e, x2=e, y1=middle - 4, y2=middle + 4, class_="whisker") for e in ends]
    if before is not None:
        parts.append(el("circle", cx=x(before), cy=middle, r=4.5, class_="before"))
    parts.append(
        el(
            "circle",
            cx=x(row.value),
            cy=middle,
            r=4,
            class_="dot outside" if row.state == "outside" else "dot",
        )
    )
    return _svg(_told(row, before), _WIDTH, _HEIGHT, parts, "row-chart")


def _told(row: figures.Row, before: float | None) -> str:
    said = [figures.shown(row.measure, row.value)]
    if row.interval is not None:
        said.append(f"interval {figures.shown_interval(row.measure, row.interval)}")
    for name, value in (("bound", row.bound), ("wanted", row.wanted), ("earlier run", before)):
        if value is not None:
            said.append(f"{name} {figures.shown(row.measure, value)}")
    return ", ".join(said)


def interval(measure: str, value: float, ends: tuple[float, float] | None) -> Markup:
    """A value with its interval and nothing else, for the rows of a breakdown."""
    row = figures.Row(measure, value, 0, None, "", None, None, None, None)
    return whisker(row if ends is None else row._replace(interval=Interval(*ends)))


def legend() -> Markup:
    """What the marks of `whisker` mean."""
    middle = _HEIGHT / 2
    marks = (
        ("value", [el("circle", cx=12, cy=middle, r=4, class_="dot")]),
        ("value outside its bound", [el("circle", cx=12, cy=middle, r=4, class_="dot outside")]),
        ("95 % interval", [el("line", x1=2, x2=22, y1=middle, y2=middle, class_="whisker")]),
        ("what a zero leaves possible", [el("line", x1=2, x2=22, y1=middle, y2=middle, class_="whisker open")]),
        ("earlier run", [el("circle", cx=12, cy=middle, r=4.5, class_="before")]),
        ("bound, with the side that passes", [
            el("rect", x=10, y=middle - 7, width=13, height=14, class_="good"),
            el("line", x1=10, x2=10, y1=2, y2=_HEIGHT - 2, class_="bound"),
        ]),
        ("wanted in the end", [el("line", x1=12, x2=12, y1=2, y2=_HEIGHT - 2, class_="wanted")]),
    )  # fmt: skip
    items = [
        el(
            "li",
            el("svg", *parts, viewbox=f"0 0 24 {_HEIGHT}", width=24, height=_HEIGHT, aria_hidden="true"),
            name,
        )
        for name, parts in marks
    ]
    return el("ul", *items, class_="legend")


def risk_coverage(now: Sequence[tuple[float, float]], before: Sequence[tuple[float, float]]) -> Markup:
    """The share of unanswerable questions among the most confident, as more and more are answered."""
    parts = _axes("share of questions answered, the surest first", "of these, not answerable")
    if before:
        parts.append(_line(before, "curve was"))
    parts.append(_line(now, "curve"))
    told = "; ".join(f"{100 * c:.0f} % answered: {100 * r:.1f} % not answerable" for c, r in at_tenths(now))
    return _svg(f"Risk-coverage curve. {told}", _SIDE, _SIDE, parts, "plot")


def at_tenths(curve: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of a curve at a tenth, two tenths and so on."""
    found: list[tuple[float, float]] = []
    for tenth in range(1, 11):
        point = next((p for p in curve if p[0] >= tenth / 10 - 1e-9), None)
        if point is not None and (not found or found[-1] != point):
            found.append(point)
    return found


def reliability(rows: Sequence[tuple[float, float, int]]) -> Markup:
    """How often a question was answerable, by how sure the system was; right is on the diagonal."""
    parts = _axes("how sure the system was", "how often it was answerable")
    parts.append(el("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="wanted"))
    most = max((n for *_, n in rows), default=1)
    parts += [
        el("circle", cx=_x(c), cy=_y(r), r=round(3 + 8 * (n / most) ** 0.5, 1), class_="bubble")
        for c, r, n in rows
    ]
    told = "; ".join(f"sure {100 * c:.0f} %: answerable {100 * r:.0f} % of {n}" for c, r, n in rows)
    return _svg(f"Reliability diagram. {told}", _SIDE, _SIDE, parts, "plot")


def _x(value: float) -> float:
    return round(_LEFT + value * (_SIDE - _LEFT - 10), 1)


def _y(value: float) -> float:
    return round(_SIDE - _BOTTOM - value * (_SIDE - _BOTTOM - _TOP), 1)


def _axes(across: str, up: str) -> list[Markup]:
    parts = []
    for q in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(el("line", x1=_x(0), x2=_x(1), y1=_y(q), y2=_y(q), class_="grid"))
        parts.append(el("text", f"{100 * q:.0f} %", x=_LEFT - 6, y=_y(q) + 4, text_anchor="end"))
        anchor = "end" if q == 1 else "middle"
        parts.append(el("text", f"{100 * q:.0f} %", x=_x(q), y=_SIDE - _BOTTOM + 16, text_anchor=anchor))
    middle = (_SIDE - _BOTTOM + _TOP) / 2
    parts.append(el("text", across, x=_x(0.5), y=_SIDE - 6, text_anchor="middle"))
    parts.append(
        el("text", up, x=0, y=0, text_anchor="middle", transform=f"translate(10 {middle}) rotate(-90)")
    )
    return parts


def _line(curve: Sequence[tuple[float, float]], class_: str) -> Markup:
    step = max(1, len(curve) // 200)
    points = [*curve[::step], *curve[-1:]]
    return el("polyline", points=" ".join(f"{_x(c)},{_y(r)}" for c, r in points), class_=class_)


def _svg(told: str, width: int, height: int, parts: Sequence[Markup], class_: str) -> Markup:
    return el(
        "svg",
        *parts,
        viewbox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=told,
        class_=class_,
    )
