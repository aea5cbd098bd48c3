"""A household of several people fits in a table: each in columns of their own, or each on a row of their own."""

from io import BytesIO

import openpyxl
import pytest

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.a_corriger import to_mend
from adapters.tabulaire.dialecte import dialects
from adapters.tabulaire.membres import PREMIERE, completed
from adapters.tabulaire.modele import model
from adapters.tabulaire.mots import FEUILLE as MOTS
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Ligne, Native
from contracts.v1.demande import DemandeDecrite, DemandeRecue
from tests.rows import each_row

CCAS = Partner(id="ccas", nom="CCAS", famille=Famille.PRESCRIPTEUR, territoire="01")
HEADER = (
    "N° de demande;Objet;N° du ménage;Composition;Adultes;Enfants;Dispositif;Nom;Prénom;Date de naissance"
)
COUPLE = "D-1;Nouvelle;M-1;Couple avec enfant;2;1;Urgence"
ALONE = "D-2;Nouvelle;M-2;Homme seul;1;;Urgence;Exemple;Ali;1990-02-14"


def read(*rows: str, header: str = HEADER) -> list[Ligne]:
    native = Native("\n".join((header, *rows)).encode(), "text/csv")
    return list(ADAPTERS["prescripteur_tableau"].decode(native, CCAS).lignes)


def names(ligne: Ligne) -> list[str | None]:
    assert isinstance(ligne.contrat, DemandeRecue), ligne.rejets
    return [personne.prenom for personne in ligne.contrat.menage.personnes]


def test_each_person_has_columns_of_their_own() -> None:
    header = f"{HEADER};Personne 2 Nom;Personne 2 Prénom;personne 3 : prénom;Membre 3 date de naissance"
    (ligne,) = read(f"{COUPLE};Exemple;Ana;1988-01-02;Exemple;Luc;Zoé;2019-05-06", header=header)
    assert names(ligne) == ["Ana", "Luc", "Zoé"]
    assert ligne.contrat.menage.personnes[2].date_naissance.isoformat() == "2019-05-06"  # type: ignore[union-attr]


def test_each_person_has_a_row_under_the_number_of_the_household() -> None:
    family, alone = read(
        f"{COUPLE};Exemple;Ana;1988-01-02",
        f"{COUPLE};Exemple;Luc;1989-01-02",
        ";;M-1;;;;;Exemple;Zoé;2019-05-06",
        ALONE,
    )
    assert names(family) == ["Ana", "Luc", "Zoé"]
    assert (family.numero, alone.numero) == (2, 5)
    assert names(alone) == ["Ali"]


def test_a_row_per_person_may_repeat_the_number_of_the_demand_alone() -> None:
    (family,) = read(
        f"{COUPLE};Exemple;Ana;1988-01-02", "D-1;;;;;;;Exemple;Luc;1989-01-02", "D-1;;;;;;;Exemple;Zoé;"
    )
    assert names(family) == ["Ana", "Luc", "Zoé"]


def test_an_applicant_named_alone_is_accepted_with_her_family_counted_and_hears_how_to_describe_it() -> None:
    mother = "D-5;Nouvelle;M-5;Femme seule avec enfant(s);1;2;Urgence"
    (ligne,) = read(f"{mother};Exemple;Ana;1988-01-02")
    assert names(ligne) == ["Ana", None, None]
    (said,) = ligne.avertissements
    assert "moins de personnes" in said.message
    assert "Personne 2 Nom" in said.message
    (unnamed,) = read(f"{mother};;;")
    assert names(unnamed) == []


@pytest.mark.parametrize("objet", ["Mise à jour", "Complétée"])
def test_an_update_that_names_the_applicant_alone_replaces_no_list_of_the_whole_family(objet: str) -> None:
    mother = f"D-5;{objet};M-5;Femme seule avec enfant(s);1;2;Urgence;Exemple;Ana;1988-01-02"
    (ligne,) = read(mother)
    assert isinstance(ligne.contrat, DemandeDecrite), ligne.rejets
    assert ligne.contrat.menage.personnes == ()
    (said,) = ligne.avertissements
    assert "moins de personnes" in said.message
    assert "sans cette liste" in said.message


def test_an_update_that_must_list_everybody_says_so_when_it_lists_the_applicant_alone() -> None:
    rows = (
        "N° du ménage;Objet;Prêt depuis le;Département;Composition;Adultes;Enfants;Nom",
        "M-5;Mise à jour;04/03/2026;01;Couple avec enfant;2;1;Exemple",
    )
    siao = Partner(id="siao-01", nom="SIAO", famille=Famille.SIAO, territoire="01")
    (ligne,) = ADAPTERS["siao_tableau"].decode(Native("\n".join(rows).encode(), "text/csv"), siao).lignes
    (rejet, *_) = ligne.rejets
    assert rejet.message.startswith("la liste compte autant de personnes que adultes + enfants"), (
        "non « champ absent »"
    )


def test_members_of_whom_a_profile_alone_says_something_are_completed_under_a_usual_name() -> None:
    values = {f"{PREMIERE}sexe": "F", "menage.adultes": 1, "menage.enfants": 1}
    (said,) = completed(values, DemandeRecue, {}, 2)
    assert "Personne 2 Nom" in said.message


@pytest.mark.parametrize(
    "after",
    [
        f"{COUPLE};Exemple;Ana;1988-01-02",
        "D-9;Nouvelle;M-1;Couple avec enfant;2;1;Urgence;Exemple;Luc;1989-01-02",
        "D-1;Nouvelle;M-9;Couple avec enfant;2;1;Urgence;Exemple;Luc;1989-01-02",
        ";Nouvelle;;Couple avec enfant;2;1;Urgence;Exemple;Luc;1989-01-02",
        "D-1;Nouvelle;M-1;Couple avec enfant;2;1;Insertion;Exemple;Luc;1989-01-02",
        "D-1;Nouvelle;M-1;;;;;;;",
    ],
    ids=["same person", "other demand", "other household", "no number", "other need", "nobody"],
)
def test_a_row_that_says_anything_else_is_an_event_of_its_own(after: str) -> None:
    assert len(read(f"{COUPLE};Exemple;Ana;1988-01-02", after)) == 2


def test_a_household_that_is_refused_comes_back_with_all_its_rows() -> None:
    rows = (f"{COUPLE};Exemple;Ana;1988-01-02", ";;M-1;;;;;Exemple;Luc;1989-13-40", ALONE)
    native = Native("\n".join((HEADER, *rows)).encode(), "text/csv", "demandes.csv")
    table = TABULAIRES["prescripteur_tableau"]
    rejets = [rejet for ligne in table.decode(native, CCAS).lignes for rejet in ligne.rejets]
    assert {rejet.ligne for rejet in rejets} == {2}
    assert "Date de naissance (personne 2)" in {rejet.champ for rejet in rejets}
    mended = to_mend(native, table, CCAS, rejets)
    assert mended is not None
    told = mended.body.decode("utf-8-sig").splitlines()
    assert len(told) == 3
    assert "Luc" in told[2]
    fixed = (
        mended.body.replace(b"1989-13-40", b"1989-01-02")
        .replace(b";2;1;", b";2;;")
        .replace(b"Couple avec enfant", b"Couple sans enfant")
    )
    (again,) = table.decode(Native(fixed, "text/csv"), CCAS).lignes
    assert names(again) == ["Ana", "Luc"]


def test_one_field_of_one_person_has_one_column() -> None:
    with pytest.raises(InvalidNative, match="deux fois"):
        read(header=f"{HEADER};Personne 1 Nom")


@each_row("name", sorted(TABULAIRES))
def test_an_empty_workbook_of_a_profile_is_read_by_it_and_says_the_words(name: str) -> None:
    for page in TABULAIRES[name].profils.values():
        native = model(page, CCAS.model_copy(update={"famille": page.familles[0]}))
        book = openpyxl.load_workbook(BytesIO(native.body))
        named = {cell.value for sheet in book.worksheets for cell in sheet[1]}
        for table in page.tables.values():
            of_a_person = {column for column, cible in table.colonnes.items() if cible.startswith(PREMIERE)}
            assert {f"Personne 2 {column}" for column in of_a_person} <= named
        assert all(sheet.freeze_panes == "A2" and sheet["A1"].font.b for sheet in book.worksheets[:-1])
        offered = [v.formula1 for sheet in book.worksheets for v in sheet.data_validations.dataValidation]
        header, *words = book[MOTS].iter_rows(values_only=True)
        assert "n'est pas lue" in header[1]
        assert len(offered) == len({where for where, _ in words})
        assert words or not any(table.etats or table.valeurs for table in page.tables.values())
        if "xlsx" in page.formats:
            with pytest.raises(InvalidNative, match="aucune ligne sous l'en-tête"):
                list(dialects({"x": page})[page.dialecte].decode(native, CCAS).lignes)


def test_the_cells_to_be_corrected_are_marked_in_the_workbook_that_comes_back() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (HEADER, ALONE.replace("1990-02", "1990-13")):
        book.active.append(row.split(";"))
    saved = BytesIO()
    book.save(saved)
    native, table = Native(saved.getvalue(), "", "demandes.xlsx"), TABULAIRES["prescripteur_tableau"]
    rejets = [rejet for ligne in table.decode(native, CCAS).lignes for rejet in ligne.rejets]
    mended = to_mend(native, table, CCAS, rejets)
    assert mended is not None
    page = openpyxl.load_workbook(BytesIO(mended.body)).active
    assert page is not None
    header, row = page.iter_rows()
    marked = {
        title.value for title, cell in zip(header, row, strict=True) if cell.fill.patternType == "solid"
    }
    assert "Date de naissance" in marked
    assert "Nom" not in marked
    assert page.column_dimensions["K"].width > 20, "la raison se lit sans élargir la colonne"
