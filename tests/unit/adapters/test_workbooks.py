"""Workbooks as they come: what their cells say, and what is refused before it costs anything."""

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from time import process_time

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from adapters.tabulaire import etendue
from adapters.tabulaire.archive import FREE_BYTES, MAX_ENTRIES
from adapters.tabulaire.cellules import text_of
from adapters.tabulaire.etendue import MAX_COLUMNS
from adapters.tabulaire.profils import profil
from contracts.errors import InvalidNative
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI, CANDIDATURE, STRUCTURE
from tests.unit.adapters.tableaux import (
    FICTIF,
    SHEET,
    dialecte,
    lignes,
    ods,
    ods_cell,
    refused,
    saved,
    sheet_xml,
    with_parts,
    xlsx,
)

NIR = "1 84 12 76 451 089 46"
ENTETE = ["Réf. SIAO", "Suite", "Rang", "Date", "SIRET"]
LIGNE = [CANDIDATURE, "Accepté"]
CLASSEUR = xlsx([ENTETE, LIGNE])
ODS = ods([["Réf. SIAO", "Suite"], LIGNE])
HEADER_XML = "".join(
    f'<c r="{letter}1" t="inlineStr"><is><t>{text}</t></is></c>'
    for letter, text in zip("AB", ENTETE, strict=False)
)
QUICK_SECONDS = 1.0  # of the processor: the machine may be busy
"""Far more than any of these takes alone, and far less than what they would cost unjudged."""


def test_numbers_days_and_answers_come_as_a_csv_file_would_hold_them():
    cells = [750012345.0, 26010004500012.0, 2.5, True, False, 1e16, 2.601e15, "1,0", float("inf")]
    assert [text_of(cell) for cell in cells] == [
        "750012345",
        "26010004500012",
        "2.5",
        "OUI",
        "NON",
        "1e+16",
        "2601000000000000",
        "1,0",
        "inf",
    ]


@pytest.mark.parametrize("siret", ["2,601E+13", 2.601e16])
def test_a_siret_that_the_spreadsheet_rounded_is_refused_with_its_own_message(siret):
    ((rejet,),) = (ligne.rejets for ligne in lignes(xlsx([ENTETE, [*LIGNE, None, None, siret]])))
    assert (rejet.code, rejet.champ) == ("siret_tableur", "SIRET")


@each_row(
    ("suite", "rang", "le", "code"),
    [
        ("Attribué, avec rang", 1.5, "2026-03-05", "nombre_illisible"),
        ("Attribué, avec rang", True, "2026-03-05", "nombre_illisible"),
        ("Inscrit en CAL", None, 46086, "date_illisible"),
        ("Inscrit en CAL", None, True, "date_illisible"),
    ],
)
def test_a_cell_of_another_type_is_refused_and_never_guessed(suite, rang, le, code):
    ((rejet,),) = (ligne.rejets for ligne in lignes(xlsx([ENTETE, [CANDIDATURE, suite, rang, le]])))
    assert rejet.code == code


@each_row("where", ["cell", "number", "comment", "hidden sheet", "property"])
def test_a_workbook_with_a_nir_anywhere_is_refused_whole(where):
    book = openpyxl.load_workbook(BytesIO(CLASSEUR))
    page = book.active
    if where == "cell":
        page["C2"] = NIR
    elif where == "number":
        page["C2"] = int(NIR.replace(" ", ""))
    elif where == "comment":
        page["C2"].comment = Comment(NIR, "x")
    elif where == "hidden sheet":
        book.create_sheet("x").append([NIR])
        book["x"].sheet_state = "hidden"
    else:
        book.properties.title = NIR
    found = lignes(saved(book))
    assert {rejet.code for ligne in found for rejet in ligne.rejets} == {"nir_interdit"}
    assert all(ligne.contrat is None for ligne in found)
    assert NIR not in str(found)


def test_decimal_numbers_of_fifteen_digits_are_no_nir():
    rows = [[CANDIDATURE, "Accepté", None, None, None, n / 7] for n in range(1, 2000)]
    assert all(ligne.contrat for ligne in lignes(xlsx([[*ENTETE, "Loyer"], *rows])))


def test_rows_of_a_second_sheet_go_on_counting_and_say_where_they_stand():
    table = dialecte("deux_feuilles")
    first, second = (
        [ENTETE, LIGNE, LIGNE],
        [["Numéro", "Bail"], [CANDIDATURE, "2026-03-05"], ["x", "2026-03-05"]],
    )
    found = lignes(xlsx(first, "Suites", Baux=second), table)
    assert [ligne.numero for ligne in found] == [2, 3, 5, 6]
    (rejet,) = found[-1].rejets
    assert rejet.ligne == 6
    assert rejet.message.startswith("feuille 2, ligne 3 : ")


def test_a_warning_of_a_second_sheet_too_says_where_it_stands():
    old = [["Numéro", "Bail"], [CANDIDATURE, "1926-03-05"]]
    found = lignes(xlsx([ENTETE, LIGNE, LIGNE], "Suites", Baux=old), dialecte("deux_feuilles"))
    (warning,) = found[-1].avertissements
    assert warning.ligne == found[-1].numero == 5
    assert warning.message.startswith("feuille 2, ligne 2 : ")


def test_a_profile_for_csv_says_so_to_a_workbook_and_one_for_workbooks_to_the_others():
    table = dialecte("deux_feuilles")
    assert "format CSV" in refused(CLASSEUR, dialecte("csv_seul"))
    assert "format XLSX" in refused(b"a;b\n", table)
    assert "format XLSX" in refused(ODS, table)


def test_an_old_workbook_and_one_with_a_password_each_say_what_to_do_in_the_spreadsheet():
    old = b"\xd0\xcf\x11\xe0" + b"\0" * 600
    assert "« Enregistrer sous », et le format XLSX" in refused(old)
    assert "mot de passe : ôtez-le (dans Excel : Fichier" in refused(
        old + "EncryptedPackage".encode("utf-16-le")
    )


# What is refused before it costs anything


def hostile_rows(rows: str) -> bytes:
    return with_parts(CLASSEUR, {SHEET: sheet_xml(f'<row r="1">{HEADER_XML}</row>{rows}')})


def far(address: str) -> bytes:
    return hostile_rows(f'<row><c r="{address}"><v>1</v></c></row>')


def lying() -> bytes:
    """The central directory says 1,000 bytes of a part that inflates to a hundred times as many."""
    body = bytearray(with_parts(CLASSEUR, {SHEET: sheet_xml(" " * 100_000)}))
    entry = body.rindex(b"PK\x01\x02", 0, body.rindex(SHEET.encode()))
    body[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return bytes(body)


def many_entries() -> bytes:
    return with_parts(CLASSEUR, {f"x{n}.xml": "" for n in range(MAX_ENTRIES + 1)})


def nested() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("classeur.xlsx", CLASSEUR)
    return buffer.getvalue()


SHARED = "".join(f'<c r="A{n}" t="s"><v>0</v></c>' for n in range(2, 20_000))
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'


def bombs() -> Iterator[tuple[str, bytes, str]]:
    yield ("inflates", with_parts(CLASSEUR, {SHEET: " " * 40_000_000}), "trop grand")
    yield ("inflates in a picture", with_parts(CLASSEUR, {"xl/media/a.png": " " * 40_000_000}), "trop grand")
    yield ("lies", lying(), "illisible")
    yield ("entries", many_entries(), "éléments")
    yield ("nested", nested(), "n'est pas un classeur")
    yield ("a far column", far("XFD2"), "cellules")
    yield ("a far row", far("A200000"), "presque vide")
    yield ("a column of no sheet", far("ZZZZZ2"), "illisible")
    yield ("a cell without address", hostile_rows("<row><c><v>1</v></c></row>"), "illisible")
    yield (
        "a shared text",
        with_parts(hostile_rows(SHARED), {"xl/sharedStrings.xml": STRINGS.format("abcd" * 10_000)}),
        "textes répétés",
    )
    spaced = f'<c r="A2"><f/>{" " * 200_000}<v>1</v>{" " * 200_000}<x/></c>'
    yield ("spaces after a formula", hostile_rows(f"<row>{spaced}</row>"), "illisible")
    yield ("an entity", with_parts(CLASSEUR, {SHEET: "<!DOCTYPE a><a/>"}), "illisible")
    yield ("another encoding", with_parts(CLASSEUR, {SHEET: sheet_xml("").encode("utf-16")}), "illisible")
    yield (
        "a repeated row",
        ods(
            [ENTETE],
            f'<table:table-row table:number-rows-repeated="100000">{ods_cell("x")}</table:table-row>',
        ),
        "presque vide",
    )
    yield (
        "a repeated cell",
        ods([ENTETE], f"<table:table-row>{ods_cell('x', 999_999)}</table:table-row>"),
        "cellules",
    )
    yield (
        "a cell repeated beyond counting",
        ods([ENTETE], f"<table:table-row>{ods_cell('x', 10**30)}</table:table-row>"),
        "illisible",
    )
    formulas = '<table:table-cell table:formula="" ' * 10_000
    yield ("formulas without end", ods([ENTETE], f"<table:table-row>{formulas}"), "illisible")
    yield ("attributes without end", ods([ENTETE], "<table:table-row " + 'a="" ' * 20_000 + ">"), "illisible")
    yield (
        "a repeated long text",
        ods(
            [ENTETE],
            f'<table:table-row table:number-rows-repeated="9000">{ods_cell("x" * 9000)}</table:table-row>',
        ),
        "textes répétés",
    )


@each_row(("bomb", "body", "told"), bombs())
def test_a_bomb_is_refused_cheaply_and_says_what_to_do(bomb, body, told):
    started = process_time()
    message = refused(body)
    assert told in message
    assert " : " in message
    assert process_time() - started < QUICK_SECONDS


def test_texts_count_as_repeated_only_where_they_are_repeated(monkeypatch):
    monkeypatch.setattr(etendue, "MAX_TEXT_BYTES", 500)
    rows = [["Réf. SIAO", "Suite"], *([CANDIDATURE, f"Accepté{' ' * n}"] for n in range(9))]
    assert len(lignes(ods(rows))) == 9
    again = f'<table:table-row table:number-rows-repeated="9">{ods_cell("x" * 60)}</table:table-row>'
    assert "textes répétés" in refused(ods(rows, again))


def test_a_small_workbook_may_inflate_to_what_any_workbook_may():
    assert lignes(with_parts(CLASSEUR, {"docProps/app.xml": " " * (FREE_BYTES // 2)}))


def test_a_header_of_more_columns_than_any_table_has_is_refused():
    assert "200 colonnes" in refused(xlsx([[*ENTETE, *map(str, range(300))], LIGNE]))
    assert "200 colonnes" in refused(";".join([*ENTETE, *map(str, range(300))]).encode())
    assert "cellules" in refused(xlsx([[*ENTETE, *map(str, range(MAX_COLUMNS))], LIGNE]))


def test_a_row_of_more_cells_than_any_has_is_refused_and_the_next_one_read():
    text = f"{ENTETE[0]};{ENTETE[1]}\n" + "x;" * 5000 + f"\n{CANDIDATURE};Accepté\n"
    wide, fine = lignes(text.encode())
    assert [rejet.code for rejet in wide.rejets] == ["nombre_colonnes"]
    assert fine.contrat is not None


def test_columns_beyond_the_header_are_told_as_the_format_needs_it():
    (found,) = lignes(xlsx([ENTETE, [*LIGNE, *[None] * 250, "x"]]))
    assert [rejet.code for rejet in found.rejets] == ["nombre_colonnes"]


# Arbitrary bytes

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GOOD = [CLASSEUR, ODS, "Réf. SIAO;Suite\nx;Accepté\n".encode()]


def settle(body: bytes) -> None:
    """Read everything: nothing escapes but InvalidNative."""
    found = []
    with suppress(InvalidNative):
        found = lignes(body)
    for ligne in found:
        assert (ligne.contrat is None) != (not ligne.rejets)


@SETTINGS
@given(body=st.binary(max_size=300))
@example(body=b"PK\x03\x04")
@example(body=b"PK\x05\x06" + b"\0" * 18)
def test_any_bytes_are_settled(body):
    settle(body)
    settle(b"PK\x03\x04" + body)


@SETTINGS
@given(data=st.data())
def test_a_damaged_file_is_settled(data):
    body = bytearray(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    settle(bytes(body))


XML_NOISE = st.sampled_from(
    [
        *(
            "<c",
            ' r="B2"',
            ' t="s"',
            ' t="b"',
            ' t="d"',
            "<v>",
            "</v>",
            "<is>",
            "</c>",
            "<row>",
            "</row>",
            "<si>",
            "<f>",
            "</f>",
            '<f t="array" ref="B2:C3"/>',
        ),
        *("<table:table-cell", ' office:value-type="date"', ' table:number-rows-repeated="3"', "/>", ">"),
        *(' table:formula="of:=1"', ' table:number-matrix-rows-spanned="2"'),
        *("&#0;", "]]>", "-1", "9" * 40, "é", "\0"),
    ]
)


@SETTINGS
@given(noise=st.lists(XML_NOISE, max_size=12).map("".join))
def test_any_xml_within_a_sound_zip_is_settled(noise):
    settle(hostile_rows(f"<row>{noise}</row>"))
    settle(hostile_rows(noise))
    settle(with_parts(CLASSEUR, {"xl/workbook.xml": noise}))
    settle(with_parts(CLASSEUR, {"xl/styles.xml": noise, "xl/_rels/workbook.xml.rels": noise}))
    settle(ods([ENTETE], noise))


SECRET = "ZZSECRETZZ"


@each_row("column", range(len(ENTETE)))
def test_no_cell_of_a_workbook_comes_back(column):
    row = [CANDIDATURE, "Attribué, avec rang", 1, "2026-03-05", ""]
    row[column] = SECRET
    (ligne,) = lignes(xlsx([ENTETE, row]))
    assert ligne.rejets
    assert SECRET not in str(ligne.rejets)
    assert SECRET not in refused(xlsx([[SECRET, SECRET], row]))


def test_a_shelter_may_send_workbooks_as_soon_as_its_profile_says_so():
    page = profil("hebergement_standard").model_copy(update={"formats": ("xlsx",)})
    table = type(FICTIF)("essai", {"essai": page})
    header = [
        "reference_place",
        "etat",
        "structure",
        "commune",
        "dispositif",
        "capacite",
        "accessible",
        "date",
    ]
    row = [101, "vacante", int(STRUCTURE), 1053, "URGENCE", 2, True, "2026-03-02"]
    (ligne,) = lignes(xlsx([header, row]), table, ABRI)
    assert ligne.contrat is not None, ligne.rejets
    shown = ligne.contrat.model_dump(mode="json", exclude={"place"})
    assert (shown["structure"], shown["commune"], shown["accessible"]) == (STRUCTURE, "01053", True)
