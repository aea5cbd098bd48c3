"""Pictures as coordinates of an SVG, drawn on the server, so that pages need no script for them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from math import log2
from typing import NamedTuple

WIDTH, HEIGHT = 480, 64
"""Width and height of a curve in its own units; the page stretches it to the available room."""


class Rate(NamedTuple):
    """Rate per minute over the time that ends at a moment."""

    at: datetime
    per_minute: float


class Curve(NamedTuple):
    """A named series of rates."""

    name: str
    rates: Sequence[Rate]

    @property
    def newest(self) -> float | None:
        """The last rate; None if nothing was measured."""
        return self.rates[-1].per_minute if self.rates else None

    @property
    def peak(self) -> float | None:
        """The highest rate; None if nothing was measured."""
        return max((rate.per_minute for rate in self.rates), default=None)

    @property
    def points(self) -> str:
        """Return the points of a `polyline`: time from left to right, the highest rate at the top."""
        if len(self.rates) < 2:
            return ""
        start, end = self.rates[0].at, self.rates[-1].at
        top = self.peak or 1.0
        return " ".join(
            f"{(rate.at - start) / (end - start) * WIDTH:.1f},{HEIGHT - 2 - rate.per_minute / top * (HEIGHT - 4):.1f}"
            for rate in self.rates
        )


def per_minute(counted: Sequence[tuple[datetime, int]]) -> list[Rate]:
    """Return the rates between successive moments, from the totals counted at each."""
    return [
        Rate(after, max(0, more - fewer) / ((after - before).total_seconds() / 60))
        for (before, fewer), (after, more) in pairwise(counted)
    ]


def stairs(numbers: Sequence[int]) -> str:
    """Return the `path` of a filled column for each number. Each column is one unit wide, and the highest one unit
    high."""
    top = max(numbers, default=0) or 1
    return "M0 1" + "".join(f"V{1 - number / top:.3f}h1" for number in numbers) + "V1z"


class Bar(NamedTuple):
    """One column of a histogram."""

    name: str
    number: int
    height: float
    """Height relative to the highest column, from 0 to 1."""


def bars(names: Sequence[str], numbers: Sequence[int]) -> list[Bar]:
    """Return a histogram; no bars if nothing was counted."""
    top = max(numbers, default=0)
    named = zip(names, numbers, strict=True)
    return [Bar(name, number, number / top) for name, number in named] if top else []


def thread(place: int, of: int, *, outwards: bool) -> str:
    """Return the `path` of a curve through a box of 100 by 100, from its left edge to the middle of its right
    edge.

    The curve begins at height number `place` of `of` equal steps. With `outwards` it is mirrored: it begins
    in the middle and ends at that height. Curves stay apart in the middle third of the edge.
    """
    end = (place + 0.5) / of * 100
    middle = 50 + (end - 50) / 3
    start, stop = (middle, end) if outwards else (end, middle)
    return f"M0 {start:.1f}C50 {start:.1f} 50 {stop:.1f} 100 {stop:.1f}"


def thickness(number: int) -> float:
    """Return the width of a curve for this number of messages, in units of the picture. Each doubling of the
    number adds one unit."""
    return round(1 + log2(1 + number), 1)
