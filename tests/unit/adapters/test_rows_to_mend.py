"""The refused rows of a file come back alone, with why, and are accepted once mended."""

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO

from openpyxl import Workbook, load_workbook

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.a_corriger import to_mend, to_mend_again
from adapters.tabulaire.entete import COLONNE
from adapters.tabulaire.mots import FEUILLE
from contracts.errors import InvalidNative
from contracts.ports import Ligne, Native
from tests.golden import cas
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI

HEADER = ["reference_place", "etat", "structure", "commune", "dispositif"]
ROWS = [
    ["CH-1", "vacante", "010000024", "01053", "URGENCE"],
    ["CH-2", "vacante", "010000024", "99999", "URGENCE"],
    ["CH-3", "vacante", "010000024", "01053", "URGENCE"],
    ["CH-4", "vacante", "", "99998", "URGENCE"],
]
CSV = Native("\n".join(";".join(row) for row in (HEADER, *ROWS)).encode(), "text/csv", "places du soir.csv")
UNSPLIT = ("guillemets",)
"""Rows that are no cells: their file has to be looked at itself."""


def read(native: Native) -> list[Ligne]:
    return list(ADAPTERS["hebergement_csv"].decode(native, ABRI).lignes)


def mended(native: Native) -> Native | None:
    rejets = [rejet for ligne in read(native) for rejet in ligne.rejets]
    return to_mend(native, TABULAIRES["hebergement_csv"], ABRI, rejets)


def test_only_the_refused_rows_come_back_each_with_all_that_is_wrong_in_it() -> None:
    file = mended(CSV)
    assert file is not None
    assert file.filename == "places du soir.a-corriger.csv"
    header, *rows = file.body.decode("utf-8-sig").splitlines()
    assert header.split(";") == [*HEADER, COLONNE]
    assert [row.split(";")[0] for row in rows] == ["CH-2", "CH-4"]
    assert "ligne 3 — commune" in rows[0]
    assert "structure" in rows[1]
    assert "commune" in rows[1].rpartition(";")[2]


def test_the_file_is_accepted_as_it_is_once_its_rows_are_mended() -> None:
    file = mended(CSV)
    assert file is not None
    body = file.body
    for wrong, right in ((b"99999", b"01053"), (b"99998", b"01053"), (b"vacante;;", b"vacante;010000024;")):
        body = body.replace(wrong, right, 1)
    assert [ligne.rejets for ligne in read(Native(body, file.media_type))] == [(), ()]


@each_row("case", [each for each in cas.a_decoder() if each.dialecte in TABULAIRES])
def test_what_comes_back_of_any_file_is_refused_row_by_row_for_the_same_causes(case: cas.Cas) -> None:
    partner = cas.partenaire(case.dialecte, cas.expected(case).get("partenaire", {}))
    native = Native(case.entree.read_bytes(), "", case.entree.name)
    try:
        refused = [ligne for ligne in ADAPTERS[case.dialecte].decode(native, partner).lignes if ligne.rejets]
    except InvalidNative:
        return
    told = [rejet for ligne in refused for rejet in ligne.rejets]
    file = to_mend(native, TABULAIRES[case.dialecte], partner, told)
    if file is None:
        return
    again = list(ADAPTERS[case.dialecte].decode(file, partner).lignes)
    named = [
        [rejet.code for rejet in ligne.rejets] for ligne in refused if ligne.rejets[0].code not in UNSPLIT
    ]
    assert [[rejet.code for rejet in ligne.rejets] for ligne in again] == named


def test_nothing_comes_back_of_a_file_without_a_fault_or_with_a_social_security_number() -> None:
    right = Native(b"\n".join(CSV.body.split(b"\n")[:2]), "text/csv")
    assert mended(right) is None
    forbidden = Native(CSV.body.replace(b"CH-2", b"2 55 08 14 168 025 38"), "text/csv")
    assert mended(forbidden) is None


def test_a_file_that_comes_back_again_keeps_its_name_and_has_the_column_once() -> None:
    once = mended(CSV)
    assert once is not None
    twice = mended(once)
    assert twice is not None
    assert twice.filename == once.filename
    header, *rows = twice.body.decode("utf-8-sig").splitlines()
    assert header.split(";") == [*HEADER, COLONNE]
    assert [len(row.split(";")) for row in rows] == [len(HEADER) + 1] * 2
    assert "ligne 2 — commune" in rows[0], "pourquoi, d'après ce fichier-ci"


def test_the_rows_of_a_csv_come_back_as_a_workbook_for_a_person_from_the_file_or_from_the_kept_rows() -> None:
    ccas, table = cas.partenaire("prescripteur_tableau", {}), TABULAIRES["prescripteur_tableau"]
    header = "N° de demande;Composition;Adultes;Dispositif;Commune"
    rows = ("D-1;Homme seul;1;Urgence;01053", "D-2;Homme seul;un;Urgence;01053", "D-3;Homme seul;1;Ici;01053")
    csv = Native("\n".join((header, *rows)).encode(), "text/csv", "demandes.csv")
    rejets = [rejet for ligne in ADAPTERS[table.nom].decode(csv, ccas).lignes for rejet in ligne.rejets]
    at_once, kept = to_mend(csv, table, ccas, rejets, as_workbook=True), to_mend(csv, table, ccas, rejets)
    assert at_once is not None
    assert kept is not None
    later = to_mend_again(kept, table, ccas, rejets)
    assert later is not None
    assert {later.filename, at_once.filename} == {"demandes.a-corriger.xlsx"}
    one, other = (list(sheet_of(each)) for each in (at_once, later))
    assert one == other, "avec le numéro des lignes du premier fichier, et les mêmes cases marquées"
    assert ("01053", True) in one, "en texte : un tableur garde son zéro de tête"
    assert [value for value, noted in one if noted] == ["un", "01053", "Ici", "01053"]
    assert to_mend_again(later, table, ccas, rejets) == later
    assert to_mend_again(kept, table, ccas, []) is not None, (
        "une faute dont le hub n'a gardé que le nombre revient aussi"
    )


def sheet_of(native: Native) -> Iterator[tuple[object, bool]]:
    """Yield the value of each cell of a workbook's first sheet, and whether the cell has a comment."""
    sheet = load_workbook(BytesIO(native.body)).worksheets[0]
    yield from ((cell.value, cell.comment is not None) for row in sheet for cell in row)


def test_rows_of_several_sheets_under_one_header_come_back_in_one_file() -> None:
    header, ours = ("Réf. SIAO", "Suite"), "c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201"
    book = Workbook()
    book.remove(book.active)
    for sheet, said in (
        ("janvier", ("Dossier reçu", "Peut-être")),
        ("février", ("Jamais", "Condition levée")),
    ):
        page = book.create_sheet(sheet)
        for row in (header, *((ours, suite) for suite in said)):
            page.append(row)
    body = BytesIO()
    book.save(body)
    native = Native(body.getvalue(), "", "suites.xlsx")
    partner = cas.partenaire("collectivite_tableau", {})
    lignes = ADAPTERS["collectivite_tableau"].decode(native, partner).lignes
    rejets = [rejet for ligne in lignes for rejet in ligne.rejets]
    file = to_mend(native, TABULAIRES["collectivite_tableau"], partner, rejets)
    assert file is not None
    refused, _ = load_workbook(BytesIO(file.body)).worksheets
    told, *rows = refused.iter_rows(values_only=True)
    assert told == (*header, COLONNE)
    assert [row[1] for row in rows] == ["Peut-être", "Jamais"]
    helps = {cell.coordinate: cell.comment.text for row in refused for cell in row if cell.comment}
    assert helps.keys() == {"B2", "B3"}, "chaque cellule à corriger dit que faire"
    assert helps["B2"] in refused["C2"].value
    assert {cell.coordinate for row in refused for cell in row if cell.fill.fill_type == "solid"} == {*helps}


def test_numbers_and_days_of_a_workbook_come_back_as_numbers_and_days() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    moment = datetime.fromisoformat("2026-04-01 09:30")
    cells = (date(2026, 4, 1), moment, 12, 1.5, True, "=1+1'", "01053", date(2026, 5, 2))
    for row in (("Réf. SIAO", "Suite", *map(str, range(7)), "Date"), ("x", "Peut-être", *cells)):
        page.append(row)
    page["H2"].data_type = "s"
    body = BytesIO()
    book.save(body)
    partner = cas.partenaire("collectivite_tableau", {})
    native = Native(body.getvalue(), "", "suites.xlsx")
    lignes = list(ADAPTERS["collectivite_tableau"].decode(native, partner).lignes)
    file = to_mend(
        native, TABULAIRES["collectivite_tableau"], partner, [r for ligne in lignes for r in ligne.rejets]
    )
    assert file is not None
    refused, _ = load_workbook(BytesIO(file.body)).worksheets
    first, second, *others = (cell.value for cell in refused[2][2:9])
    assert first == datetime.fromisoformat("2026-04-01")
    assert second == moment
    assert others == [12, 1.5, True, "'=1+1'", "01053"], "une formule reste un texte"
    assert refused["C2"].is_date
    again = list(ADAPTERS["collectivite_tableau"].decode(file, partner).lignes)
    assert [r.code for ligne in again for r in ligne.rejets] == [r.code for li in lignes for r in li.rejets]


def test_a_workbook_to_mend_offers_the_words_of_each_column_and_shows_its_reasons_whole() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (("Suite", "Réf. SIAO", "Date"), ("Peut-être", "x", "hier")):
        page.append(row)
    body = BytesIO()
    book.save(body)
    native, partner = Native(body.getvalue(), "", "suites.xlsx"), cas.partenaire("collectivite_tableau", {})
    dialecte = TABULAIRES["collectivite_tableau"]
    lignes = ADAPTERS["collectivite_tableau"].decode(native, partner).lignes
    file = to_mend(native, dialecte, partner, [rejet for ligne in lignes for rejet in ligne.rejets])
    assert file is not None
    again = load_workbook(BytesIO(file.body))
    refused, listed = again.worksheets
    (offered,) = refused.data_validations.dataValidation
    first, _, last = offered.formula1.partition("!")[2].replace("$", "").partition(":")
    said = [cell.value for (cell,) in listed[first:last]]
    (tableau,) = (t for t in dialecte.profil_de(partner).tables.values() if "Suite" in t.colonnes)
    assert "A2" in offered.sqref
    assert said == list(tableau.etats), "tous les mots de « Suite », et eux seuls"
    assert refused["D2"].alignment.wrap_text
    assert refused.freeze_panes == "A2"
    assert [
        rejet.code
        for ligne in ADAPTERS["collectivite_tableau"].decode(file, partner).lignes
        for rejet in ligne.rejets
    ], "la feuille des mots n'est pas lue"


def test_rows_of_sheets_under_different_headers_come_back_each_under_its_own() -> None:
    ours = "c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201"
    book = Workbook()
    book.remove(book.active)
    for sheet, header, row in (
        ('mars & "avril"', ("Réf. SIAO", "Suite"), (ours, "Peut-être")),
        ("mai", ("Suite", "Réf. SIAO", "Date"), ("Jamais", ours, "01/04/2026")),
    ):
        page = book.create_sheet(sheet)
        for cells in (header, row):
            page.append(cells)
    body = BytesIO()
    book.save(body)
    partner = cas.partenaire("collectivite_tableau", {})
    native = Native(body.getvalue(), "", "suites.xlsx")

    def rejections(of: Native) -> list[str | None]:
        lignes = ADAPTERS["collectivite_tableau"].decode(of, partner).lignes
        return [rejet.champ for ligne in lignes for rejet in ligne.rejets]

    told = [
        rejet
        for ligne in ADAPTERS["collectivite_tableau"].decode(native, partner).lignes
        for rejet in ligne.rejets
    ]
    file = to_mend(native, TABULAIRES["collectivite_tableau"], partner, told)
    assert file is not None
    sheets = load_workbook(BytesIO(file.body))
    assert sheets.sheetnames == ['mars & "avril"', "mai", FEUILLE]
    assert [cell.value for cell in sheets["mai"][1]] == ["Suite", "Réf. SIAO", "Date", COLONNE]
    assert rejections(file) == rejections(native)
