"""Curves as the points of an SVG: drawn on the server, so that a page needs no script for them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
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
