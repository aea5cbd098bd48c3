"""Which buttons a manager finds first at a referral."""

import pytest

from contracts.partner import Famille
from contracts.v1.orientation import OrientationProposee
from contracts.v1.suite import EntreeConstatee
from ops.desk.acts import possible
from ops.desk.words import title_of
from router.domain.partners import Registry
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Orientation
from tests.unit.router.domain.monde import CENTRE, SIAO, ident, partner

REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), partner(CENTRE, Famille.HEBERGEMENT)])


@pytest.mark.parametrize(
    ("etat", "first"),
    [
        (Etat.ACCUSEE, ["Accepter", "Refuser", "Constater l'entrée"]),
        (
            Etat.ACCEPTEE,
            ["Constater l'entrée", "Dire le ménage absent ou injoignable", "Prononcer l'admission"],
        ),
        (Etat.ADMISE, ["Constater l'entrée", "Dire le ménage absent ou injoignable"]),
    ],
)
def test_the_act_that_is_due_next_is_the_first_button(etat: Etat, first: list[str]) -> None:
    referral = Orientation(id=ident("o"), menage=ident("m"), emetteur=SIAO, destinataire=CENTRE, etat=etat)
    offered = possible(referral, CENTRE, REGISTRY)
    assert [acte.faire for acte in offered if acte.principal] == first
    assert [acte.principal for acte in offered] == sorted((acte.principal for acte in offered), reverse=True)


def test_a_message_is_titled_by_its_subject_and_what_became_of_it_or_by_its_news_alone() -> None:
    assert title_of(OrientationProposee.TYPE) == "Orientation proposée"
    assert title_of(EntreeConstatee.TYPE) == "Entrée constatée"
