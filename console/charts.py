"""Pictures as the coordinates of an SVG: drawn on the server, so that a page needs no script for them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from math import log2
from typing import NamedTuple

WIDTH, HEIGHT = 480, 64
"""Of a curve's own units; the page makes it as wide as there is room."""


class Rate(NamedTuple):
    """How many a minute, until a moment."""

    at: datetime
    per_minute: float


class Curve(NamedTuple):
    """A name and its course."""

    name: str
    rates: Sequence[Rate]

    @property
    def newest(self) -> float | None:
        """The last rate; None where nothing was measured."""
        return self.rates[-1].per_minute if self.rates else None

    @property
    def peak(self) -> float | None:
        """The highest one."""
        return max((rate.per_minute for rate in self.rates), default=None)

    @property
    def points(self) -> str:
        """For a `polyline`: from left to right in time, the highest rate at the top."""
        if len(self.rates) < 2:
            return ""
        start, end = self.rates[0].at, self.rates[-1].at
        top = self.peak or 1.0
        return " ".join(
            f"{(rate.at - start) / (end - start) * WIDTH:.1f},{HEIGHT - 2 - rate.per_minute / top * (HEIGHT - 4):.1f}"
            for rate in self.rates
        )


def per_minute(counted: Sequence[tuple[datetime, int]]) -> list[Rate]:
    """From how many there were in all at each moment, how many a minute came since the moment before."""
    return [
        Rate(after, max(0, more - fewer) / ((after - before).total_seconds() / 60))
        for (before, fewer), (after, more) in pairwise(counted)
    ]


def stairs(numbers: Sequence[int]) -> str:
    """For a `path` in a box of one unit a number by one: a column each, the highest fills the box."""
    top = max(numbers, default=0) or 1
    return "M0 1" + "".join(f"V{1 - number / top:.3f}h1" for number in numbers) + "V1z"


class Bar(NamedTuple):
    """One column of a histogram."""

    name: str
    number: int
    height: float
    """Of the highest one, from 0 to 1."""


def bars(names: Sequence[str], numbers: Sequence[int]) -> list[Bar]:
    """A histogram; no bars where nothing was counted."""
    top = max(numbers, default=0)
    named = zip(names, numbers, strict=True)
    return [Bar(name, number, number / top) for name, number in named] if top else []


def thread(place: int, of: int, *, outwards: bool) -> str:
    """For a `path` in a box of 100 by 100: from one of so many that stand below each other on the left to the middle of
    the right, or `outwards` from there."""
    end = (place + 0.5) / of * 100
    middle = 50 + (end - 50) / 3
    start, stop = (middle, end) if outwards else (end, middle)
    return f"M0 {start:.1f}C50 {start:.1f} 50 {stop:.1f} 100 {stop:.1f}"


def thickness(number: int) -> float:
    """Of a thread along which so many go: a hundred times as many are some pixels more."""
    return round(1 + log2(1 + number), 1)
