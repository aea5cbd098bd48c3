"""Rows of an export go to the hub in pieces: a strange row is refused by its own number, and no other with it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from adapters.registry import ADAPTERS
from adapters.rejets import Illisible
from contracts.partner import Famille, Partner
from contracts.ports import IntakeReport, Native
from ops.importing.importing import Source, pieces
from ops.importing.screening import SHOWN, Screen

DIALECT = "veille_sociale_tableau"
RETIRED = Partner(
    id="ancien-115", nom="115", famille=Famille.VEILLE_SOCIALE, territoire="75", dialectes=(DIALECT,)
)
HEADER = ["HG_FicheNuméro", "HG_Date", "HG_HB_ID", "HG_FamCompo", "HG_Nom", "HG_Type_Demande", "Adultes"]


class Door:
    """A door that reads what it is sent, and keeps nothing."""

    def __init__(self) -> None:
        self.backlog = self

    async def look(self) -> None:
        """Never busy."""

    async def receive(self, native: Native, partner: Partner, *_: object, **__: object) -> IntakeReport:
        rows = list(ADAPTERS[DIALECT].decode(native, partner).lignes)
        rejets = tuple(rejet for row in rows for rejet in row.rejets)
        accepted = sum(not row.rejets for row in rows)
        return IntakeReport(UUID(int=0), "partiel" if rejets else "accepte", accepted, rejets)


def row(number: int, **changed: str) -> list[str]:
    said = [f"F-{number}", "01/03/2026", f"M-{number}", "Homme seul", "Durand", "Insertion", "1"]
    return list((dict(zip(HEADER, said, strict=True)) | changed).values())


async def imported(*rows: list[str] | Illisible) -> tuple[int, Mapping[int, Any]]:
    """The number of accepted rows, and the cells of the refused ones, by number."""
    screen = Screen(HEADER, range(len(HEADER)), 1, date(2020, 1, 1))
    source = Source(RETIRED, DIALECT, "\t", "cp1252", "clé")
    numbered: Iterator[tuple[int, list[str] | Illisible]] = enumerate(rows, 2)
    door: Any = Door()
    (piece,) = [each async for each in pieces(door, source, screen, screen.screened(numbered), trial=True)]
    return piece.accepted, {each.number: each.cells for each in piece.refused}


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\n" * 30])
async def test_a_cell_with_line_breaks_moves_no_refusal_to_another_row(breaks: str) -> None:
    accepted, refused = await imported(
        row(1), row(2, HG_Nom=f"Du{breaks}pont"), row(3, HG_FamCompo="Bande"), row(4)
    )
    assert (accepted, [*refused]) == (3, [4])


async def test_a_cell_that_is_too_long_costs_no_other_row_and_is_given_back_in_short() -> None:
    accepted, refused = await imported(row(1), row(2, HG_Nom="x" * 10_000_000), row(3))
    assert (accepted, [*refused]) == (2, [3])
    assert [len(cell) for cell in refused[3] if len(cell) > 20] == [SHOWN]


async def test_a_row_that_nobody_can_split_is_given_back_with_as_many_cells_as_the_others() -> None:
    accepted, refused = await imported(row(1), Illisible("guillemets", "guillemets mal fermés"))
    assert (accepted, len(refused[3])) == (1, len(HEADER))
