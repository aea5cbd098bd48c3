"""Show as much of a list as a visitor asks for: one page, up to a thousand rows to sort, or a file with more
rows."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from console.exporting import EXPORTED

T = TypeVar("T")
SORTED = 1_000
"""Maximum number of rows of a list shown as a whole."""


class Part(NamedTuple):
    """Position of the shown rows in a list: the number of the page, whether they are the first rows, and
    whether more rows follow."""

    entiere: bool
    """Whether the whole list was asked for, up to `SORTED` rows."""
    suite: bool
    """Whether more rows follow."""
    debut: bool
    """Whether the shown rows are the beginning of the list."""
    page: int
    """Number of the page, from 1."""

    @property
    def triable(self) -> bool:
        """Return whether the browser may offer to sort the shown rows. This is so if the list has no other
        rows, or if the visitor asked for the whole list."""
        return self.entiere or (self.debut and not self.suite)


class Vue(NamedTuple):
    """Choice of a visitor: one page of a list, the whole list (up to a limit), or a file."""

    csv: bool = False
    entiere: bool = False
    page: int = 1

    def most(self, listed: int) -> int:
        """Return how many rows the caller has to read. For a file, this is the maximum number of rows in a
        file (`EXPORTED`). For a page, it is one row more than `listed`, the maximum number of rows on a page.
        For the whole list, it is one row more than `SORTED`. If the extra row exists, more rows follow."""
        return EXPORTED if self.csv else self._shown(listed) + 1

    def part(self, rows: Sequence[T], listed: int, *, debut: bool) -> tuple[Sequence[T], Part]:
        """Return the rows that one page of a list shows, and the page's position in the list. `rows`: the rows
        read for the page, and one row more if the list goes on after the page; `listed`: number of rows on a
        page; `debut`: whether `rows` begins with the first row of the list."""
        most = self._shown(listed)
        return rows[:most], Part(self.entiere, len(rows) > most, debut, self.page)

    def cut(self, rows: Sequence[T], listed: int) -> tuple[Sequence[T], Part]:
        """Return the rows to show and their position in the list, for a caller that has read the whole list.
        `listed`: maximum number of rows on a page."""
        most = self._shown(listed)
        end = self.page * most
        return rows[end - most : end], Part(self.entiere, len(rows) > end, self.page == 1, self.page)

    def _shown(self, listed: int) -> int:
        return SORTED if self.entiere else listed


def _asked(csv: bool = False, entiere: bool = False, page: Annotated[int, Query(ge=1)] = 1) -> Vue:
    return Vue(csv, entiere, page)


Voir = Annotated[Vue, Depends(_asked)]
