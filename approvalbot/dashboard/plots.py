"""Plots as geometry: boxes in a drawing of 100 by 100 that stretches to the width of the page, and the same as a table.

Only shapes are drawn; every word stands in the page beside them, at its own size on any screen. No colour says what
neither place nor a word says too. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100.0
NONE = "\N{EN DASH}"
"""Stands where there is no figure, because nothing happened."""

GAP = 0.18
"""The share of a column that is left free on its right."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. `kind` names its class in the stylesheet."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Column:
    """The boxes of one place on the axis, and what they say."""

    boxes: tuple[Box, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing `width` wide and 100 high. `lines` are its levels: how far down each lies, and what it says.

    `ends` stand below it, from left to right. `legend` are the kinds with their names and what each adds up to.
    """

    width: float
    columns: tuple[Column, ...]
    lines: tuple[tuple[float, str], ...]
    ends: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing, counted at each place."""

    kind: str
    name: str
    counts: Sequence[int]


def stacked(places: Sequence[str], series: Sequence[Series], of: str) -> Plot:
    """Columns of several kinds, the first at the bottom. `of` says what the places are."""
    totals = [sum(one.counts[place] for one in series) for place in range(len(places))]
    top = nice_top(max(totals, default=0))
    made = []
    for place, name in enumerate(places):
        boxes, below = [], 0.0
        for one in series:
            height = HEIGHT * one.counts[place] / top
            if height:
                boxes.append(Box(place, _round(HEIGHT - below - height), 1 - GAP, _round(height), one.kind))
            below += height
        told = ", ".join(f"{one.counts[place]} {one.name}" for one in series if one.counts[place]) or "none"
        made.append(Column(tuple(boxes), f"{name}: {told}"))
    return Plot(
        width=float(max(1, len(places))),
        columns=tuple(made),
        lines=tuple((_round(HEIGHT - HEIGHT * level / top), str(level)) for level in levels(top)),
        ends=_ends(places),
        head=(of, *(one.name for one in series)),
        rows=tuple((name, *(str(one.counts[place]) for one in series)) for place, name in enumerate(places)),
        legend=tuple((one.kind, one.name, f"{sum(one.counts):,}") for one in series) if len(series) > 1 else (),
    )


def columns(places: Sequence[str], counts: Sequence[int], of: str, what: str, kind: str = "plain") -> Plot:
    """Columns of one kind."""
    return stacked(places, [Series(kind, what, counts)], of)


def spans(
    places: Sequence[str],
    ranges: Sequence[tuple[float, float] | None],
    shown: Sequence[tuple[float, str]],
    of: str,
    names: tuple[str, str],
) -> Plot:
    """From a low to a high value at each place, on a scale where each step is as many times the one before.

    `shown` are the levels with their words, rising: the first is the bottom of the drawing, the last its top.
    """
    low, high = math.log(shown[0][0]), math.log(shown[-1][0])

    def height(value: float) -> float:
        return HEIGHT * min(1.0, max(0.0, (math.log(max(value, shown[0][0])) - low) / (high - low)))

    made, rows = [], []
    for place, (name, span) in enumerate(zip(places, ranges, strict=True)):
        told = (NONE, NONE) if span is None else (seconds(span[0]), seconds(span[1]))
        rows.append((name, *told))
        if span is None:
            made.append(Column((), f"{name}: none"))
            continue
        bottom, top = height(span[0]), height(span[1])
        band = Box(place, _round(HEIGHT - top), 1 - GAP, _round(max(1.5, top - bottom)), "band")
        mark = Box(place, _round(min(HEIGHT - 2.5, HEIGHT - bottom)), 1 - GAP, 2.5, "mark")
        made.append(Column((band, mark), f"{name}: {names[0]} {told[0]}, {names[1]} {told[1]}"))
    return Plot(
        width=float(max(1, len(places))),
        columns=tuple(made),
        lines=tuple((_round(HEIGHT - height(value)), words) for value, words in shown),
        ends=_ends(places),
        head=(of, *names),
        rows=tuple(rows),
        legend=(("mark", names[0], ""), ("band", f"from there to {names[1]}", "")),
    )


def nice_top(most: int) -> int:
    """The end of an axis that holds `most`: an even number that begins with one digit."""
    if most <= 4:
        return 4
    power = int("1" + "0" * (len(str(most)) - 1))
    return next(top for top in range(power, 11 * power, power) if top >= most and top % 2 == 0)


def levels(top: int) -> tuple[int, ...]:
    """The levels that an axis shows: none, the half, and the whole of it."""
    return 0, top // 2, top


def seconds(value: float) -> str:
    """A time as short as a table wants it: `45 s`, `12 min`, `1.5 h`, `2 d`."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if value >= size:
            number = value / size
            return f"{number:.0f} {unit}" if number >= 10 or number == int(number) else f"{number:.1f} {unit}"
    return f"{value:.0f} s" if value >= 1 or value == 0 else "under 1 s"


def _ends(places: Sequence[str]) -> tuple[str, ...]:
    """The first, the middle and the last place."""
    if len(places) < 3:
        return tuple(places)
    return places[0], places[len(places) // 2], places[-1]


def _round(value: float) -> float:
    return round(value, 2)
