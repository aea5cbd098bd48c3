"""Which buttons a landlord finds at a candidacy."""

from typing import Any

from contracts.partner import Famille
from ops.desk.acts import Bouton, possible
from router.domain.partners import Registry
from router.domain.rulebooks.candidature import Etat, Evenement
from router.domain.subjects import Candidature
from tests.unit.router.domain.monde import SIAO, ident, partner

BAILLEUR = "bailleur"
REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), partner(BAILLEUR, Famille.BAILLEUR)])


def said_of(etat: Etat, **known: Any) -> list[Bouton]:
    """The buttons at a candidacy of the landlord."""
    candidacy = Candidature(
        id=ident("c"), menage=ident("m"), emetteur=SIAO, destinataire=BAILLEUR, etat=etat, **known
    )
    return possible(candidacy, BAILLEUR, REGISTRY)


def test_three_answers_precede_the_others_and_one_of_them_refuses() -> None:
    first = [acte.faire for acte in said_of(Etat.ACCUSEE) if acte.principal]
    assert first == ["Inscrire en commission", "Dire l'attribution", "Refuser (non-attribution)"]


def test_a_registered_candidacy_waits_for_the_commission() -> None:
    first = [acte.faire for acte in said_of(Etat.INSCRITE) if acte.principal]
    assert first == ["Dire l'attribution", "Dire une attribution avec rang", "Refuser (non-attribution)"]


def test_a_removal_is_taken_back_only_where_there_was_one() -> None:
    taken_back = "Annuler une radiation"
    removed = {Evenement.INFORMER: {"radiation_le": "2026-11-30"}}
    assert taken_back not in [acte.faire for acte in said_of(Etat.ACCUSEE)]
    assert taken_back in [acte.faire for acte in said_of(Etat.ACCUSEE, dit=removed)]
