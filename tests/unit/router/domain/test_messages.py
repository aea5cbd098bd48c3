"""The rows of facts: one a message type, whole, and true of its contract."""

from dataclasses import MISSING, fields, replace
from enum import StrEnum
from typing import get_args
from uuid import UUID

import pytest

from contracts.base import Contrat, Nature
from contracts.errors import Unroutable
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage
from router.domain import rules
from router.domain.messages import FACTS, Facts, by_contract, facts_of
from router.domain.rulebooks import candidature, demande, orientation, place, pret_logement
from router.domain.rulebooks.book import SansLivre
from tests.unit.router.domain.monde import CENTRE, Monde, ident, vacance

ROWS = tuple(FACTS.values())
BOOKS: dict[Nature | None, tuple[type[StrEnum], ...]] = {
    Nature.PLACE: (place.Evenement, SansLivre),
    Nature.DEMANDE: (demande.Evenement, SansLivre),
    Nature.SIGNALEMENT: (SansLivre,),
    Nature.MENAGE: (pret_logement.Evenement, SansLivre),
    Nature.ORIENTATION: (orientation.Evenement,),
    Nature.CANDIDATURE: (candidature.Evenement,),
    Nature.GROUPE_PLACES: (SansLivre,),
    Nature.CONVENTION: (SansLivre,),
    Nature.DEROGATION: (SansLivre,),
    Nature.OBSERVATION: (SansLivre,),
    None: (SansLivre,),
}


def test_a_row_has_no_default() -> None:
    assert all(field.default is field.default_factory is MISSING for field in fields(Facts))


def test_a_message_without_a_row_is_an_error_at_import() -> None:
    with pytest.raises(LookupError, match="LivraisonRemise"):
        by_contract(ROWS[:-1])


def test_a_message_with_two_rows_is_an_error_at_import() -> None:
    with pytest.raises(LookupError, match="PlaceDeclaree"):
        by_contract((*ROWS, ROWS[0]))


def test_a_message_that_no_row_speaks_of_is_unroutable() -> None:
    class Inconnu(Contrat):
        DOMAINE = "offre"
        NOM = "inconnu"
        SUJET = "version"

    with pytest.raises(Unroutable, match=r"aucune règle pour fr.siao.offre.inconnu.v1"):
        facts_of(Inconnu)


def test_a_move_of_a_rule_book_without_rules_is_unroutable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Evenement(StrEnum):
        RENDRE = "rendre"

    place_vacante = vacance(ident("place"))
    row = replace(facts_of(place_vacante), move=Evenement.RENDRE)
    monkeypatch.setattr(rules, "facts_of", lambda contrat: row)
    with pytest.raises(Unroutable, match=r"aucune règle pour les passages de place\.vacante"):
        Monde().dit(CENTRE, place_vacante)


@pytest.mark.parametrize("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
def test_a_message_moves_the_rule_book_of_its_subject(contrat: type[Contrat]) -> None:
    move = facts_of(contrat).move
    assert callable(move) or move is SansLivre.ECHOIR or isinstance(move, BOOKS[contrat.NATURE])


@pytest.mark.parametrize("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
def test_what_a_message_reads_beside_its_subject_is_an_id_in_it(contrat: type[Contrat]) -> None:
    for name in facts_of(contrat).also:
        annotation = contrat.model_fields[name].annotation
        assert {UUID, Menage} & {annotation, *get_args(annotation)}
        assert name != contrat.SUJET


def test_whoever_is_owed_an_answer_makes_its_repetitions_recognisable() -> None:
    assert all(facts.needs_key for facts in ROWS if facts.owed_an_answer)
