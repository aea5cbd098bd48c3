"""A clerk fills in the list that the hub wrote: a row that she leaves empty is no answer, and no fault."""

import pytest
from pydantic import ValidationError

from adapters.registry import TABULAIRES
from adapters.tabulaire.profil import Tableau
from contracts.partner import Famille, Partner
from contracts.v1.pret_logement import ListeRepondue
from tests.unit.adapters.tableaux import lignes, refused, xlsx

CONTINGENT = TABULAIRES["contingent_tableau"]
CLERK = Partner(id="ddets", nom="DDETS", famille=Famille.CONTINGENT, territoire="38")
HEADER = ("N° de fiche", "Réf. ménage", "Nom", "Réponse", "Répondu le", "Motif de refus", "Pièces manquantes")
MENAGE = "5e9c1f7a-6d2b-4b0e-8c3d-1a7f4e90a001"


def row(reponse: str = "", le: str = "04/03/2026", motif: str = "", pieces: str = "") -> tuple[object, ...]:
    return (7, MENAGE, "EXEMPLE", reponse, le, motif, pieces)


def workbook(*rows: tuple[object, ...]) -> bytes:
    return xlsx([HEADER, *rows])


def test_rows_left_empty_are_counted_and_the_others_are_answers() -> None:
    *answers, end = lignes(
        workbook(row("Labellisé"), row(), row("  ", ""), row("Désigné")), CONTINGENT, CLERK
    )
    assert [ligne.numero for ligne in answers] == [2, 5]
    assert all(isinstance(ligne.contrat, ListeRepondue) for ligne in answers)
    (told,) = end.avertissements
    assert (end.contrat, end.rejets, told.ligne) == (None, (), None)
    assert told.message == "2 lignes sans réponse : rien n'en est retenu, et la réponse reste attendue"


def test_a_motive_without_an_answer_is_a_mistake_and_is_told() -> None:
    forgotten, incomplete = lignes(
        workbook(row(motif="Ressources"), row(pieces="Identité")), CONTINGENT, CLERK
    )
    assert [rejet.champ for ligne in (forgotten, incomplete) for rejet in ligne.rejets] == ["Réponse"] * 2


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (f"7;{MENAGE};EXEMPLE;;Labellisé;;", "champ_absent"),
        (f"7;{MENAGE};EXEMPLE;;04/03/2026;;;Labellisé", "nombre_colonnes"),
        (f"7,{MENAGE},EXEMPLE,Labellisé,04/03/2026,,", "champ_absent"),
    ],
    ids=["in place of the date", "beyond the header", "with another separator"],
)
def test_an_answer_in_a_wrong_place_is_a_mistake_and_is_told(written: str, code: str) -> None:
    short = f"7;{MENAGE};EXEMPLE"
    answered = f"7;{MENAGE};EXEMPLE;Labellisé;04/03/2026;;"
    body = "\n".join((";".join(HEADER), answered, written, short)).encode()
    _, wrong, end = lignes(body, CONTINGENT, CLERK)
    assert (wrong.contrat, [each.code for each in wrong.rejets]) == (None, [code])
    assert end.avertissements[0].message.startswith("1 ligne sans réponse")


def test_a_list_without_any_answer_says_what_to_fill_in() -> None:
    why = refused(workbook(row(), row(), row()), CONTINGENT)
    assert why == "3 lignes sans réponse : remplissez la colonne de la réponse d'une ligne au moins"


def test_a_file_that_the_partner_writes_itself_may_leave_no_state_out() -> None:
    suites = xlsx(
        [("Réf. SIAO", "Suite", "Date"), ("c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201", "", "04/03/2026")]
    )
    (ligne,) = lignes(suites, CONTINGENT, CLERK)
    assert [rejet.champ for rejet in ligne.rejets] == ["Suite"]


def test_only_a_table_with_answers_can_be_filled_in() -> None:
    with pytest.raises(ValidationError, match="a_remplir"):
        Tableau(colonnes={"a": "menage"}, obligatoires=("a",), evenement="liste.repondue", a_remplir=True)
