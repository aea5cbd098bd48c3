"""One test for a whole table: every row is judged, and every failing row is named. One test for each row would cost
more than the rows themselves, because every process of a run collects all tests."""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from inspect import signature
from typing import Any

import pytest

Test = Callable[..., None]


def _short(value: object) -> str:
    return str(value)[:60]


def each_row(
    names: str | tuple[str, ...], rows: Iterable[Any], ids: Callable[[Any], object] = _short
) -> Callable[[Test], Test]:
    """Run a test for every row, with the arguments of `pytest.mark.parametrize`. It fails once, with the failures
    of all rows, each named by its index and ids. A generator of rows runs when the test does."""
    named = (names,) if isinstance(names, str) else names

    @cache
    def table() -> list[dict[str, Any]]:
        return [dict(zip(named, (row,) if isinstance(names, str) else row, strict=True)) for row in rows]

    def of_all(test: Test) -> Test:
        @wraps(test)
        def judge_all(**fixtures: Any) -> None:
            failed = dict[str, BaseException]()
            for number, row in enumerate(table()):
                try:
                    test(**fixtures, **row)
                except (Exception, pytest.fail.Exception) as exc:  # noqa: BLE001  raised with those of the other rows
                    failed[f"{number} ({'-'.join(str(ids(each)) for each in row.values())})"] = exc
            assert table(), "an empty table proves nothing"
            if failed:
                raise BaseExceptionGroup(
                    f"{len(failed)} of {len(table())} rows: {', '.join(failed)}", [*failed.values()]
                )

        asked = signature(test)
        others = [each for name, each in asked.parameters.items() if name not in named]
        judge_all.__signature__ = asked.replace(parameters=others)  # type: ignore[attr-defined]  # pytest reads it
        return judge_all

    return of_all
