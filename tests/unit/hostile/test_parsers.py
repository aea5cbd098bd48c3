"""Whatever comes back is read in work that grows with its length, and its table says of each parser what is so."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.hostile.parsers import PARSERS, Parser, row, survived

TABLE = Path(__file__).parents[3] / "docs" / "securite.md"
TRIED_BYTES = 4 * 1024
"""Enough to see how work grows."""
GROWTH = 2.5
"""At most, of the work for twice the bytes: linear is 2."""
BYTES_A_LINE = 16
"""Copied in about the time that a line takes, or less."""
FIXED = 2_000
"""Work that a parser may need whatever it reads."""


class Work:
    """Counts the lines of Python that run in the block, of libraries too, and the bytes of each text that a line
    makes: cutting the first letter off again and again is quadratic in few lines."""

    def __enter__(self) -> "Work":
        self.done = 0
        self._made: dict[int, object] = {}
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _enter(self, _: FrameType, __: str, ___: Any) -> Any:
        return self._step

    def _step(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.done += 1
            for value in frame.f_locals.values():
                if isinstance(value, str | bytes) and id(value) not in self._made:
                    self._made[id(value)] = value  # held, so that its id stays its own
                    self.done += len(value) // BYTES_A_LINE
        return self._step


def work(parser: Parser, *arguments: Any) -> int:
    with Work() as counted:
        survived(parser, *arguments)
    return counted.done


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_twice_the_bytes_are_twice_the_work_at_most(parser: Parser) -> None:
    size = min(parser.bound_bytes, TRIED_BYTES)
    for half, whole in zip(parser.worst(size // 2), parser.worst(size), strict=True):
        once, twice = work(parser, *half), work(parser, *whole)
        assert twice <= GROWTH * once + FIXED, str(whole)[:80]


def test_the_table_says_what_the_parsers_are() -> None:
    told = TABLE.read_text("utf-8")
    assert [each.name for each in PARSERS if row(each) not in told] == []
