"""How much of a list a visitor sees: a page of it, so much that it can be sorted there, or a file."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from console.exporting import EXPORTED

T = TypeVar("T")
SORTED = 1_000
"""Limit on the rows of a list that stands on one page as a whole, to be sorted by any column."""


class Part(NamedTuple):
    """Part of a list that a page shows."""

    entiere: bool
    """Whether the visitor asked for the whole list, of which at most `SORTED` rows are shown."""
    suite: bool
    """Whether the list has further rows after this part."""
    debut: bool
    """Whether this part is the beginning of the list."""
    page: int
    """Number of the page that this part fills, in a list with numbered pages."""

    @property
    def triable(self) -> bool:
        """Tell whether the browser may sort the rows: on one page of several, it would sort that page alone."""
        return self.entiere or (self.debut and not self.suite)


class Vue(NamedTuple):
    """How much of a list a visitor asks for."""

    csv: bool = False
    entiere: bool = False
    page: int = 1

    def most(self, listed: int) -> int:
        """Return the limit on the rows to read, for a list that shows `listed` rows on a page: one more than is shown,
        which tells whether others follow."""
        return EXPORTED if self.csv else self._shown(listed) + 1

    def part(self, rows: Sequence[T], listed: int, *, debut: bool) -> tuple[Sequence[T], Part]:
        """Return the rows to show, and which part of the list they are. `rows` were read up to the limit that `most`
        returns; `debut` tells whether they begin the list."""
        most = self._shown(listed)
        return rows[:most], Part(self.entiere, len(rows) > most, debut, self.page)

    def cut(self, rows: Sequence[T], listed: int) -> tuple[Sequence[T], Part]:
        """Return the rows of the page that the visitor asks for, and which part of the list they are. `rows` is the
        whole list."""
        most = self._shown(listed)
        end = self.page * most
        return rows[end - most : end], Part(self.entiere, len(rows) > end, self.page == 1, self.page)

    def _shown(self, listed: int) -> int:
        return SORTED if self.entiere else listed


def _asked(csv: bool = False, entiere: bool = False, page: Annotated[int, Query(ge=1)] = 1) -> Vue:
    return Vue(csv, entiere, page)


Voir = Annotated[Vue, Depends(_asked)]
"""Part of a list that the address asks for: one page, the whole list, or a file."""
