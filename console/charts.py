"""Compute the SVG coordinates of charts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import log2
from typing import NamedTuple

WIDTH, HEIGHT = 480, 64
"""Width and height of the box of a curve, in SVG units."""
OLD = timedelta(hours=1)
"""Age at which the newest rate says nothing about the present. Two half-hourly measurements are then
missing."""


class Rate(NamedTuple):
    """Average number of events or deliveries per minute, from the previous measurement until the one at the
    moment `at`."""

    at: datetime
    per_minute: float


class Curve(NamedTuple):
    """Line of a chart: its name, and the rates to draw (events or deliveries per minute), oldest first."""

    name: str
    rates: Sequence[Rate]

    def newest(self, now: datetime) -> float | None:
        """Return the newest rate of the curve, in events or deliveries per minute; None if the curve is empty,
        or if its newest rate was measured an hour or more before `now`."""
        return self.rates[-1].per_minute if self.rates and now - self.rates[-1].at < OLD else None

    @property
    def peak(self) -> float | None:
        """Return the highest rate of the curve, in events or deliveries per minute; None if the curve is
        empty."""
        return max((rate.per_minute for rate in self.rates), default=None)

    def points(self, now: datetime) -> str:
        """Return the curve's rates as points of an SVG `polyline`, oldest at the left; an empty text for fewer
        than two rates. If the newest rate was measured less than an hour before `now`, it is at the right edge.
        Otherwise the right edge stands for `now`, and the line ends further left."""
        if len(self.rates) < 2:
            return ""
        start, newest = self.rates[0].at, self.rates[-1].at
        end = now if now - newest >= OLD else newest
        top = self.peak or 1.0
        return " ".join(
            f"{(rate.at - start) / (end - start) * WIDTH:.1f},{HEIGHT - 2 - rate.per_minute / top * (HEIGHT - 4):.1f}"
            for rate in self.rates
        )


def per_minute(counted: Sequence[tuple[datetime, int]]) -> list[Rate]:
    """Return the rate between each two successive measurements. A measurement is a moment, and the total
    counted until then. If the total shrinks, the rate is 0."""
    return [
        Rate(after, max(0, more - fewer) / ((after - before).total_seconds() / 60))
        for (before, fewer), (after, more) in pairwise(counted)
    ]


def stairs(numbers: Sequence[int]) -> str:
    """Return the attribute `d` of an SVG `path` that draws a column for each number, from left to right. A
    column is one unit wide; the highest column is one unit high."""
    top = max(numbers, default=0) or 1
    return "M0 1" + "".join(f"V{1 - number / top:.3f}h1" for number in numbers) + "V1z"


class Bar(NamedTuple):
    """Column of a histogram: its name, its number and its height."""

    name: str
    number: int
    height: float
    """Height relative to the highest bar, from 0 to 1."""


def bars(names: Sequence[str], numbers: Sequence[int]) -> list[Bar]:
    """Return the columns of a histogram; an empty list if all numbers are 0."""
    top = max(numbers, default=0)
    named = zip(names, numbers, strict=True)
    return [Bar(name, number, number / top) for name, number in named] if top else []


def thread(place: int, of: int, *, outwards: bool) -> str:
    """Return the SVG `path` of the line between a partner and the hub, in a box of 100 by 100. The partners are
    in a column on the left edge or, with `outwards`, on the right edge; the hub is at the opposite edge.
    `place` is the partner's place in this column, from 0, and `of` the number of partners there."""
    end = (place + 0.5) / of * 100
    start, stop = (80 + (end - 50) / 5, end) if outwards else (end, 10 + (end - 50) / 10)
    return f"M0 {start:.1f}C50 {start:.1f} 50 {stop:.1f} 100 {stop:.1f}"


def thickness(number: int) -> float:
    """Return the width, in SVG units, of a curve that stands for a number of messages."""
    return round(1 + log2(1 + number), 1)
