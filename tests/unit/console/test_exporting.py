"""A list is exported as a spreadsheet reads it, and runs nothing there."""

import threading
from datetime import UTC, datetime
from operator import itemgetter

import pytest

from console import exporting
from console.exporting import csv_of


async def text_of(**row: object) -> str:
    columns = {name: itemgetter(name) for name in row}
    return bytes((await csv_of("liste", columns, [row])).body).decode("utf-8-sig")


async def test_a_row_is_a_line_under_its_names_with_hours_that_a_spreadsheet_reads() -> None:
    at = datetime(2026, 1, 14, 3, tzinfo=UTC)
    name, line = (await text_of(le=at, quoi="é;à", rien=None)).splitlines()
    assert name == "le;quoi;rien"
    assert line == f'{at.astimezone():%d/%m/%Y %H:%M:%S};"é;à";'


@pytest.mark.parametrize("said", ["=1+1", "+a", "-1+1", "@a", "\tx", "＝1", "＋a", "－a", "＠a"])
async def test_what_a_sender_wrote_is_no_formula(said: str) -> None:
    assert f"'{said}" in await text_of(erreur=said)


async def test_a_list_that_was_cut_says_so_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXPORTED", 1)
    cut = await csv_of("liste", {"a": int}, [1, 2])
    assert "les-1-premieres" in cut.headers["Content-Disposition"]
    assert bytes(cut.body).decode("utf-8-sig").split() == ["a", "1"]


async def test_rows_are_written_beside_the_event_loop() -> None:
    here = threading.get_ident()

    answer = await csv_of("liste", {"ailleurs": lambda _: threading.get_ident() != here}, [1])
    assert "True" in bytes(answer.body).decode()


async def test_an_empty_list_has_its_header() -> None:
    assert (
        bytes((await csv_of("liste", {"quoi": str, "le": str}, [])).body).decode("utf-8-sig") == "quoi;le\r\n"
    )
