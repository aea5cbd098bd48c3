"""Rows of a list that a visitor asks to see: one page, up to a thousand rows that can be sorted, or a file with
more rows."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from console.exporting import EXPORTED

T = TypeVar("T")
SORTED = 1_000
"""Limit on the rows of a list that is shown as a whole, and can then be sorted by any column."""


class Part(NamedTuple):
    """Which part of a list a page shows: whether the visitor asked for the whole list, and whether more rows
    come before or after."""

    entiere: bool
    """Whether the visitor asked for the whole list. At most `SORTED` rows of it are shown."""
    suite: bool
    """Whether the list has more rows after this part."""
    debut: bool
    """Whether this part is the beginning of the list."""
    page: int
    """Number of this page, from 1."""

    @property
    def triable(self) -> bool:
        """Return whether the browser may sort these rows: they are the complete list, or the visitor asked to
        see the whole list."""
        return self.entiere or (self.debut and not self.suite)


class Vue(NamedTuple):
    """What a visitor asks to see of a list: one page, the whole list, or a file."""

    csv: bool = False
    entiere: bool = False
    page: int = 1

    def most(self, listed: int) -> int:
        """Return how many rows to read of a list with `listed` rows on a page. It is one row more than the page
        shows, so that `part` can tell whether more rows follow. For a file, it is `EXPORTED`."""
        return EXPORTED if self.csv else self._shown(listed) + 1

    def part(self, rows: Sequence[T], listed: int, *, debut: bool) -> tuple[Sequence[T], Part]:
        """Return the rows to show on this page, and which part of the list they are. `rows` were read with
        the limit `most(listed)`, which may be one row more than is shown. `debut` says whether they are the
        first rows of the list."""
        most = self._shown(listed)
        return rows[:most], Part(self.entiere, len(rows) > most, debut, self.page)

    def cut(self, rows: Sequence[T], listed: int) -> tuple[Sequence[T], Part]:
        """Return the rows of the page that the visitor asks for, and which part of the list they are. `rows` is
        the whole list, and `listed` the number of rows on a page."""
        most = self._shown(listed)
        end = self.page * most
        return rows[end - most : end], Part(self.entiere, len(rows) > end, self.page == 1, self.page)

    def _shown(self, listed: int) -> int:
        return SORTED if self.entiere else listed


def _asked(csv: bool = False, entiere: bool = False, page: Annotated[int, Query(ge=1)] = 1) -> Vue:
    return Vue(csv, entiere, page)


Voir = Annotated[Vue, Depends(_asked)]
"""How much of a list an HTTP request asks for, read from its query string: one page, the whole list, or a
file."""
