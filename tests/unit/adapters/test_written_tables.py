"""Files that a person opens: no cell runs, every cell can be read, the same events give the same bytes."""

import csv
import io
import json

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.ecriture import Cellule, csv_file, harmless, xlsx_file
from contracts.errors import Unroutable
from contracts.ports import View
from contracts.reference.communes import is_postcode
from contracts.reference.territoires import noms
from contracts.v1.demande import DemandeRecue
from contracts.v1.place import PlaceVacante
from tests.golden.cas import ICI, evenement, partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI, ORIENTATION, event, every_event, minimal
from tests.unit.adapters.tableaux import lignes

ROWS: list[list[Cellule]] = [["=1+1", 3, None], ["Łukasz\x02 & <Ana>\n_x0041_", -4, "+33 6 00 00 00 00"]]


@each_row(
    "cell",
    [
        "=1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "-2+3+cmd|' /C calc'!A0",
        "+1+cmd|x",
        "-A1",
        "+",
        "--1",
        "＝1",
        "-2*3",
    ],
)
def test_a_formula_is_shown_as_text(cell):
    assert harmless(cell) == f"'{cell}"


@each_row(
    "cell",
    [
        "+33 6 00 00 00 00",
        "+33600000000",
        "+33.6.00.00.00.00",
        "-4",
        "-4,50",
        "-4\u202f000",
        "a=b",
        "",
        "1-2",
    ],
)
def test_numbers_and_telephone_numbers_stay_as_they_are(cell):
    assert harmless(cell) == cell


def test_a_csv_cell_is_what_was_written_but_for_formulas():
    body = csv_file(["a", "b", "c"], ROWS, ";", "utf-8-sig", "%Y-%m-%d").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(body, newline=""), delimiter=";")
    assert header == ["a", "b", "c"]
    assert rows == [["'=1+1", "3", ""], ["Łukasz\x02 & <Ana>\n_x0041_", "-4", "+33 6 00 00 00 00"]]


def test_a_letter_that_the_encoding_lacks_loses_its_accents_in_titles_as_in_cells():
    body = csv_file(["Écart ≥ 1", "Nguyễn"], [["≥ 1", "Nguyễn"]], ";", "cp1252", "%Y-%m-%d")
    assert body.decode("cp1252").splitlines() == ["Écart ? 1;Nguyên", "? 1;Nguyên"]


def test_a_workbook_is_read_alike_by_two_readers():
    body = xlsx_file("essai", ["a", "b", "c"], ROWS, "jj/mm/aaaa")
    wanted = [["a", "b", "c"], ["'=1+1", 3, ""], ["Łukasz\ufffd & <Ana>\n_x0041_", -4, "+33 6 00 00 00 00"]]
    assert CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python() == wanted
    page = openpyxl.load_workbook(io.BytesIO(body)).active
    assert [["" if cell is None else cell for cell in row] for row in page.iter_rows(values_only=True)][
        :2
    ] == wanted[:2]


def test_a_workbook_has_the_same_bytes_each_time_and_no_clock_in_it():
    body = xlsx_file("essai", ["a"], [["b"]], "jj/mm/aaaa")
    assert body == xlsx_file("essai", ["a"], [["b"]], "jj/mm/aaaa")
    assert b"created" not in body
    assert b"modified" not in body


def test_many_referrals_make_one_file_with_one_header():
    lot = [
        evenement(
            json.loads((ICI / "hebergement_csv" / "sortie" / f"{name}.evenement.json").read_text("utf-8"))
        )
        for name in ("orientation_proposee", "orientation_annulee", "orientation_masquee")
    ]
    dialecte = ADAPTERS["hebergement_csv"]
    together = dialecte.encode(lot, View(ABRI)).body.decode("utf-8-sig").splitlines()
    alone = [dialecte.encode([one], View(ABRI)).body.decode("utf-8-sig").splitlines() for one in lot]
    assert together == [alone[0][0], *(rows[1] for rows in alone)]


def test_a_lot_with_one_event_that_the_profile_does_not_write_is_unroutable():
    lot = [event("fr.siao.orientation.orientation.annulee.v1", {"orientation": ORIENTATION}), *every_event()]
    with pytest.raises(Unroutable):
        ADAPTERS["hebergement_csv"].encode(lot, View(ABRI))


@each_row(
    ("dialecte", "contrat", "typed"),
    [
        (
            "siao_tableau",
            DemandeRecue,
            ("N° de demande;Composition;Adultes;Dispositif;Commune", "{};Femme seule;1;Urgence;{}"),
        ),
        (
            "veille_sociale_tableau",
            PlaceVacante,
            ("N° de signalement;Vu le;Commune", "{};02/03/2026 14:30;{}"),
        ),
    ],
)
def test_a_town_that_we_write_is_read_back_the_same_though_its_code_is_the_postcode_of_another(
    dialecte, contrat, typed
):
    here, table = partenaire(dialecte, {}), TABULAIRES[dialecte]
    page = table.profil_de(here)
    codes = [*sorted(filter(is_postcode, noms())), "01053", "2A004", "02408"]
    assert len(codes) > 2_000
    said = minimal(contrat).contrat
    events = [event(said.TYPE, {**said.model_dump(mode="json"), "commune": code}) for code in codes]
    body = table.encode(events, View(here, {})).body.decode(page.encodage)
    towns = [row["Commune"] for row in csv.DictReader(io.StringIO(body), delimiter=page.separateur)]
    assert towns[codes.index("02100")] == "Bony (02100)"
    assert towns[-1] == "02408"
    header, row = (each.replace(";", page.separateur) for each in typed)
    rows = "\n".join([header, *(row.format(n, town) for n, town in enumerate(towns))])
    again = lignes(rows.encode(page.encodage), table, here)
    assert [getattr(each.contrat, "commune", each.rejets) for each in again] == codes
