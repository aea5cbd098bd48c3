"""A list is exported as a spreadsheet reads it, and runs nothing there."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from console import exporting
from console.exporting import csv_of


async def text_of(**row: object) -> str:
    return bytes((await csv_of("liste", [row])).body).decode("utf-8-sig")


async def test_a_row_is_a_line_under_its_names_with_the_zone_of_its_hours() -> None:
    at = datetime(2026, 1, 14, 3, tzinfo=UTC)
    name, line = (await text_of(le=at, quoi="é;à", rien=None)).splitlines()
    assert name == "le;quoi;rien"
    assert line == f'{at.astimezone().isoformat(" ", "seconds")};"é;à";'


@pytest.mark.parametrize("said", ["=1+1", "+33", "-1", "@a", "\tx"])
async def test_what_a_sender_wrote_is_no_formula(said: str) -> None:
    assert f"'{said}" in await text_of(erreur=said)


async def test_a_list_that_was_cut_says_so_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXPORTED", 1)
    assert "les-1-premieres" in (await csv_of("liste", [{"a": 1}])).headers["Content-Disposition"]


async def test_rows_are_written_beside_the_event_loop() -> None:
    here = threading.get_ident()

    def rows() -> Iterator[dict[str, object]]:
        yield {"ailleurs": threading.get_ident() != here}

    assert "True" in bytes((await csv_of("liste", rows())).body).decode()
