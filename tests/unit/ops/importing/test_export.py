"""An export is read alike from a CSV file, an XLSX and an ODS."""

from pathlib import Path

import pytest

from adapters.tabulaire.ecriture import csv_file
from adapters.tabulaire.formules import FORMULE
from ops.importing import export
from tests.unit.adapters.tableaux import FICTIF, ods, xlsx

HEADER = ["Réf. SIAO", "Suite", "Date"]
ROWS = [["C-1", "Accepté", "05/03/2026"], ["C-2", "Refusé", ""]]
PAGE = next(iter(FICTIF.profils.values()))
FORMULA = '<table:table-row><table:table-cell table:formula="of:=1"/></table:table-row>'
WRITTEN = {
    "csv": csv_file(HEADER, ROWS, PAGE.separateur, "utf-8", "%Y-%m-%d"),
    "xlsx": xlsx([HEADER, *ROWS]),
    "ods": ods([HEADER, *ROWS]),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_same_rows_come_from_each_kind_of_file(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"export.{kind}"
    file.write_bytes(WRITTEN[kind])
    with export.opened(file, PAGE) as opened:
        assert list(opened.entete.cellules) == HEADER
        rows = [
            [str(cell) for cell in (*cells, "")][:3] for _, cells in opened.rows() if isinstance(cells, list)
        ]
    assert rows == ROWS


@pytest.mark.parametrize("body", [xlsx([HEADER, ["=1+1"]]), ods([HEADER], FORMULA)], ids=["xlsx", "ods"])
def test_a_formula_without_a_value_is_sent_to_the_door_by_the_name_of_its_cell(
    tmp_path: Path, body: bytes
) -> None:
    file = tmp_path / "export"
    file.write_bytes(body)
    with export.opened(file, PAGE) as opened:
        assert [next(iter(cells)) for _, cells in opened.rows() if isinstance(cells, list)] == [
            f"{FORMULE} A2"
        ]
