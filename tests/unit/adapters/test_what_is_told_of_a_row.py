"""What an integrator is told of a row that is refused: everything that is wrong, and the field to mend."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic_core import to_json

from adapters.apparence import looks_like
from adapters.registry import ADAPTERS, EVENTS_IN_JSON
from adapters.rejets import LISTED_CHARACTERS, listed
from adapters.tabulaire.lecteurs import SUGGESTIONS
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Native, Rejet
from contracts.reference.codes import listes
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import ABRI, BAILLEUR, PROTEGEE
from tests.unit.adapters.partenaires import CANDIDATURE as CANDIDACY

ORIENTATION = "7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101"
CCAS = Partner(id="ccas", nom="CCAS", famille=Famille.PRESCRIPTEUR, territoire="01")
NAMESPACE = "urn:siao-hub:bailleur:1"


def told(body: bytes, dialect: str = "hebergement_json", partner: Any = ABRI) -> list[Rejet]:
    """What is told of the only row of a message."""
    (ligne,) = ADAPTERS[dialect].decode(Native(body, ""), partner).lignes
    return list(ligne.rejets)


def fields(rejets: list[Rejet]) -> set[str | None]:
    return {rejet.champ for rejet in rejets}


def test_all_that_a_row_lacks_is_told_beside_what_is_wrong_in_it() -> None:
    row = {"type": "place.vacante", "place": "A-1", "dispositif": "HOTEL", "capacite": "beaucoup"}
    assert fields(told(to_json(row))) == {"dispositif", "capacite", "structure", "commune"}


def test_a_structure_of_somebody_else_is_told_beside_what_is_wrong_in_its_row() -> None:
    row = {"type": "place.vacante", "place": "A-1", "structure": "130000029", "commune": "01053"}
    assert {(rejet.code, rejet.champ) for rejet in told(to_json(row))} == {
        ("champ_absent", "dispositif"),
        ("structure_etrangere", "structure"),
    }


def test_a_motive_that_is_not_its_authors_is_told_with_those_that_are() -> None:
    row = {
        "type": "orientation.refusee",
        "orientation": ORIENTATION,
        "auteur": "PERSONNE",
        "motif": "PLACE_NON_DISPONIBLE",
    }
    (rejet,) = told(to_json(row))
    assert rejet.champ == "motif"
    assert "LOCALISATION" in rejet.message
    assert "PLACE_NON_DISPONIBLE" not in rejet.message


@each_row("values", [*listes().values(), *(list(each.entrants) for each in EVENTS_IN_JSON.values())])
def test_every_admitted_value_is_told_where_one_is_unknown(values: Mapping[str, str] | list[str]) -> None:
    assert all(value in listed(values) for value in values)
    assert "autres" not in listed(values)


def test_a_list_of_words_that_has_no_end_is_cut_between_two_of_them() -> None:
    told, _, cut = listed([f"mot-{number:04d}" for number in range(5000)]).partition("… et d'autres")
    assert len(told) <= LISTED_CHARACTERS
    assert set(map(len, told.split(", "))) == {12}
    assert "/docs" in cut


def test_fields_do_not_contradict_each_other_where_one_of_them_cannot_be_read() -> None:
    household = {"id": "M-1", "composition": "40", "adultes": 1, "enfants": "deux"}
    row = {"type": "admission.directe", "place": "A-1", "admissionLe": "2026-03-05", "menage": household}
    assert fields(told(to_json(row))) == {"menage.enfants"}


@each_row(
    ("row", "field"),
    [
        (b'{"type":"place.liberee","place":"A-1","place":"A-2"}', "place"),
        (b'{"type":"admission.directe","place":"A","menage":{"id":"M","id":"N"}}', "menage.id"),
        (b'{"type":"place.liberee","place":"A-1","M. Fictif":1,"M. Fictif":2}', None),
    ],
)
def test_a_field_that_stands_twice_is_named_where_it_looks_like_one(row: bytes, field: str | None) -> None:
    (rejet,) = (rejet for rejet in told(row) if rejet.code == "cle_en_double")
    assert rejet.champ == field


def test_all_elements_that_a_record_lacks_are_told_at_once() -> None:
    body = f'<suites xmlns="{NAMESPACE}" versionInterface="01.00"><decision/></suites>'.encode()
    assert fields(told(body, "bailleur_xml", BAILLEUR)) >= {"refCandidature", "dateCommission", "resultat"}


def test_a_file_of_a_header_alone_says_so() -> None:
    body = b"reference_place;etat;structure;commune;dispositif\r\n"
    decoded = ADAPTERS["hebergement_csv"].decode(Native(body, "text/csv"), ABRI)
    with pytest.raises(InvalidNative, match=r"ajoutez-en une au moins$"):
        list(decoded.lignes)


def test_a_file_whose_line_ends_were_removed_says_how_to_keep_them() -> None:
    body = b"reference_place;etat;structure;commune;dispositif"
    decoded = ADAPTERS["hebergement_csv"].decode(Native(body, "text/csv"), ABRI)
    with pytest.raises(InvalidNative, match="data-binary"):
        list(decoded.lignes)


@each_row(
    ("body", "formats"),
    [
        (b"PK\x03\x04", {"xlsx", "ods"}),
        (b"\xef\xbb\xbf <a/>", {"xml"}),
        (b"\n[{}]", {"json"}),
        (b"id;etat\n1;2\n", {"csv"}),
        (b"id\tetat\n1\t2\n", {"csv"}),
        (b"cle=valeur", None),
        (b"", None),
    ],
)
def test_a_body_is_known_by_its_beginning(body: bytes, formats: set[str] | None) -> None:
    seen = looks_like(body)
    assert (None if seen is None else set(seen.formats)) == formats


def test_a_refused_row_is_told_by_what_its_sender_calls_it() -> None:
    numbered = {"type": "place.liberee", "idEvenement": "ev-7", "place": "A-1", "inconnu": 1}
    assert {rejet.reference for rejet in told(to_json(numbered))} == {"ev-7"}
    table = b"reference_place;etat;structure;commune;dispositif\nCH-9;vacante;010000024;99999;URGENCE\n"
    assert [rejet.reference for rejet in told(table, "hebergement_csv")] == ["CH-9"]


def test_a_day_from_before_the_siao_is_accepted_with_a_warning() -> None:
    row = {"type": "entree.constatee", "orientation": ORIENTATION, "entreeLe": "1950-01-01"}
    (ligne,) = ADAPTERS["hebergement_json"].decode(Native(to_json(row), ""), ABRI).lignes
    assert ligne.contrat is not None
    assert [(each.code, each.champ) for each in ligne.avertissements] == [("date_peu_plausible", "entreeLe")]


def test_a_column_that_nothing_reads_is_told_and_one_that_looks_misspelt_by_the_name_it_may_mean() -> None:
    header = b"reference_place;etat;structure;commune;dispositif;capacites;Mme Fictif\n"
    body = header + b"A;vacante;010000024;01053;URGENCE;2;x\n"
    decoded = ADAPTERS["hebergement_csv"].decode(Native(body, "text/csv"), ABRI)
    misspelt, unknown = decoded.avertissements
    assert (misspelt.code, misspelt.champ) == ("colonne_non_lue", "capacite")
    assert "colonne 6 (F)" in misspelt.message
    assert (unknown.code, unknown.champ) == ("colonne_non_lue", None)
    assert "colonne 7 (G) non lue" in unknown.message
    assert "Fictif" not in str(decoded.avertissements)


@pytest.mark.parametrize(
    "row",
    [f"{ORIENTATION};Inscrit en comission;", f"{ORIENTATION};Dossier reçu;hier;de trop", f"{ORIENTATION};;"],
    ids=["suite inconnue", "une cellule de trop", "sans suite"],
)
def test_a_row_of_a_table_is_called_by_what_it_is_about_wherever_that_can_be_read(row: str) -> None:
    partner = partenaire("collectivite_tableau", {})
    (ligne,) = (
        ADAPTERS["collectivite_tableau"]
        .decode(Native(f"Réf. SIAO;Suite;Date\n{row}".encode(), "text/csv"), partner)
        .lignes
    )
    assert {rejet.reference for rejet in ligne.rejets} == {ORIENTATION}
    assert [str(each) for each in ligne.lus] == [ORIENTATION], "elle part avec qui elle nomme"


@pytest.mark.parametrize("named", ["daho", "examen", "suivi"])
def test_an_event_of_an_unknown_type_goes_with_whom_it_names(named: str) -> None:
    body = to_json({"type": "Inconnu", named: {"identifiantExterne": ORIENTATION}})
    (ligne,) = ADAPTERS["si_siao_json"].decode(Native(body, ""), partenaire("si_siao_json", {})).lignes
    assert [str(each) for each in ligne.lus] == [ORIENTATION]


def test_a_value_with_a_comma_is_told_apart_from_the_next_one() -> None:
    assert listed(["Attribué", "Attribué, avec rang"]) == "« Attribué », « Attribué, avec rang »"


@each_row(
    ("written", "meant"),
    [
        ("Inscrit en comission", "Inscrit en commission"),
        ("Bail signe e", "Bail signé"),
        ("Attribu", "Attribué"),
        ("Peut-être demain", None),
        ("x" * 100_000, None),
    ],
)
def test_a_word_that_is_nearly_one_of_the_profile_is_told_with_that_one(
    written: str, meant: str | None
) -> None:
    row = f"Réf. SIAO;Suite;Date\n{CANDIDACY};{written};12/03/2026\n".encode()
    council = partenaire("collectivite_tableau", {"profil": "collectivite_reservations"})
    (rejet,) = told(row, "collectivite_tableau", council)
    assert rejet.code == "etat_inconnu"
    assert (f"vouliez-vous dire « {meant} » ?" in rejet.message) is (meant is not None)
    assert ("vouliez-vous" in rejet.message) is (meant is not None)


def test_a_file_of_wrong_words_is_told_the_nearest_of_the_first_thousand_and_the_next_file_again() -> None:
    row = f"{CANDIDACY};Dossier recuu;\n"
    body = f"Réf. SIAO;Suite;Date\n{row * (SUGGESTIONS + 1)}".encode()
    council = partenaire("collectivite_tableau", {"profil": "collectivite_reservations"})
    for _ in range(2):
        lignes = ADAPTERS["collectivite_tableau"].decode(Native(body, ""), council).lignes
        meant = ["vouliez-vous" in ligne.rejets[0].message for ligne in lignes]
        assert meant == [True] * SUGGESTIONS + [False]


def test_a_file_of_one_column_is_told_which_separator_is_read() -> None:
    council = partenaire("collectivite_tableau", {"profil": "collectivite_reservations"})
    with pytest.raises(InvalidNative, match="séparez-les par « ; »"):
        told("Réf. SIAO,Suite,Date\n".encode(), "collectivite_tableau", council)


def test_a_structure_of_somebody_else_is_told_with_ones_own_but_for_a_secret_one() -> None:
    row = {"type": "place.vacante", "place": "A-1", "structure": "130000029", "commune": "01053"}
    (message,) = (each.message for each in told(to_json(row)) if each.code == "structure_etrangere")
    assert "(010000024, 26010004500012, " in message
    assert PROTEGEE not in message


HOUSEHOLDS: list[tuple[tuple[str, str], set[str]]] = [
    (("Composition;Adultes;Enfants", "Femme seule avec enfant(s);1;2"), set()),
    (("Adultes", "1"), {"Composition"}),
    (("N° du ménage", "M-1"), {"Composition", "Adultes"}),
    (("Commune", "01053"), {"Composition", "Adultes"}),
]


@each_row(("file", "lacking"), HOUSEHOLDS)
def test_a_household_in_part_is_told_every_column_that_it_lacks_and_none_that_is_filled_in(
    file: tuple[str, str], lacking: set[str]
) -> None:
    header, row = file
    body = f"N° de demande;Objet;Dispositif;{header}\nD-1;Nouvelle;Urgence;{row}\n".encode()
    rejets = told(body, "prescripteur_tableau", CCAS)
    assert {(rejet.code, rejet.champ) for rejet in rejets} == {("champ_absent", nom) for nom in lacking}
