"""A formula that nobody has computed is no empty cell: its row is refused by the name of the cell."""

from datetime import date

import pytest

from adapters.tabulaire.a_corriger import to_mend
from adapters.tabulaire.classeur import open_workbook
from contracts.ports import Native
from ops.importing.screening import Screen
from tests.rows import each_row
from tests.unit.adapters.partenaires import CANDIDATURE
from tests.unit.adapters.tableaux import (
    BAILLEUR,
    FICTIF,
    SHEET,
    lignes,
    ods,
    refused,
    sheet_xml,
    with_parts,
    xlsx,
)

HEADER = ["Réf. SIAO", "Suite", "Rang", "Date", "SIRET", "Loyer"]
ROW = [CANDIDATURE, "Attribué, avec rang", "2", "2026-03-05", "", ""]
CLASSEUR = xlsx([HEADER, ROW])


def written(place: int) -> bytes:
    """The workbook that a program writes with a formula in one column."""
    row = [*ROW]
    row[place] = "=1+1"
    return xlsx([HEADER, row])


def kept(place: int) -> bytes:
    """The same as an ODS."""
    cells = "".join(
        '<table:table-cell table:formula="of:=[.A1]/2"/>'
        if at == place
        else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for at, cell in enumerate(ROW)
    )
    return ods([HEADER], f"<table:table-row>{cells}</table:table-row>")


def cells(xml: str) -> list[str]:
    """The cells of a sheet of one row, as a program wrote its XML."""
    book = open_workbook(with_parts(CLASSEUR, {SHEET: sheet_xml(f'<row r="1">{xml}</row>')}))
    ((_, found),) = book.feuilles()[0].lire()
    assert isinstance(found, list)
    return [str(cell) for cell in found]


@pytest.mark.parametrize("made", [written, kept])
@pytest.mark.parametrize("place", range(5))
def test_a_formula_without_a_value_refuses_its_row_by_the_name_of_the_cell(made, place):
    (found,) = lignes(made(place))
    (rejet,) = [each for each in found.rejets if each.code == "formule_sans_valeur"]
    assert (found.contrat, rejet.ligne, rejet.champ) == (None, 2, HEADER[place])
    assert rejet.message.startswith(
        f"la formule de la cellule {'ABCDE'[place]}2 n'a pas de valeur enregistrée : "
    )
    assert "enregistrez-le et renvoyez-le" in rejet.message


@pytest.mark.parametrize("made", [written, kept])
def test_a_formula_in_a_column_that_nobody_reads_refuses_nothing(made):
    (found,) = lignes(made(5))
    assert found.contrat is not None, found.rejets


def test_what_a_spreadsheet_has_computed_is_a_value_also_an_empty_text():
    assert cells('<c r="A1"><f>1+1</f><v>2</v></c>') == ["2"]
    assert cells('<c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>1</v></c>') == ["", "1"]
    assert cells('<c r="A1"><f t="shared" si="0"/><v>3</v></c>') == ["3"]


@each_row(
    "cell",
    [
        '<c r="A1"><f>1+1</f></c>',
        '<c r="A1"><f>1+1</f><v/></c>',
        '<c r="A1" s="1" t="n"><f ca="1">A2&gt;B2</f><v></v></c>',
        '<c r="A1" t="str"><f>1+1</f></c>',
        '<c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f><v/></c>',
        "<c r='A1'><f t='shared' si='0'/></c>",
    ],
)
def test_every_form_in_which_a_program_leaves_out_the_value_is_known(cell):
    assert cells(cell) == ["#FORMULE! A1"]


def test_a_formula_that_fills_several_cells_refuses_the_workbook():
    alone = '<row r="1"><c r="A1"><f t="array" ref="A1:A9">B1:B9</f><v/></c></row>'
    assert "plusieurs cellules" in refused(with_parts(CLASSEUR, {SHEET: sheet_xml(alone)}))
    spanned = (
        'table:formula="of:=1" table:number-matrix-columns-spanned="1" table:number-matrix-rows-spanned="9"'
    )
    row = f"<table:table-row><table:table-cell {spanned}/></table:table-row>"
    assert "plusieurs cellules" in refused(ods([HEADER], row))


def test_the_refused_row_comes_back_with_the_mark_which_is_refused_again_until_it_is_mended():
    native = Native(written(3), "application/octet-stream", "suites.xlsx")
    (found,) = lignes(native.body)
    given = to_mend(native, FICTIF, BAILLEUR, found.rejets)
    assert given is not None
    (again,) = lignes(given.body)
    assert {each.code for each in again.rejets} == {"formule_sans_valeur"}


def test_an_import_gives_the_row_back_also_if_the_last_contact_is_a_formula():
    screen = Screen(HEADER, range(len(HEADER)), 3, date(2020, 1, 1))
    rows = [(2, [*ROW]), (3, [CANDIDATURE, "Accepté", "#FORMULE! C3", "2026-03-05", "", ""])]
    rows.append((4, [CANDIDATURE, "Accepté", "", "#FORMULE! D4", "", ""]))
    told = {number: rejet for number, _, rejet in screen.screened(iter(rows))}
    assert (told[2], told[3]) == (None, None), (
        "le lecteur de la porte refuse ce qui n'est pas le dernier contact"
    )
    assert told[4] is not None
    assert "cellule D4" in told[4].message
