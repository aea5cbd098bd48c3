"""What the desk offers about a household that a partner declares ready, to its SIAO and to that partner."""

from dataclasses import replace

import pytest

from contracts.partner import Famille
from ops.desk.about import has_part
from ops.desk.acts import possible
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from tests.unit.router.domain.monde import CENTRE, SIAO, ident, partner

REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), partner(CENTRE, Famille.HEBERGEMENT)])


@pytest.mark.parametrize(
    ("etat", "siao", "declarant"),
    [
        (
            Etat.A_CONFIRMER,
            ["Confirmer qu'il est prêt", "Refuser de le mettre sur la liste"],
            ["Retirer votre déclaration"],
        ),
        (
            Etat.DECLARE,
            ["Confirmer qu'il est encore prêt", "Retirer de la liste"],
            ["Retirer votre déclaration"],
        ),
    ],
)
def test_a_siao_confirms_or_refuses_what_a_partner_may_take_back(
    etat: Etat, siao: list[str], declarant: list[str]
) -> None:
    household = MenagePret(id=ident("m"), menage=ident("m"), emetteur=SIAO, etat=etat, declare_par=CENTRE)
    offered = {
        who: sorted({acte.faire for acte in possible(household, who, REGISTRY)}) for who in (SIAO, CENTRE)
    }
    assert offered[CENTRE] == declarant
    assert set(siao) <= set(offered[SIAO])
    assert etat is not Etat.A_CONFIRMER or offered[SIAO] == siao


def test_a_household_is_shown_to_the_partner_that_declared_it_until_its_siao_has_answered() -> None:
    waiting = MenagePret(
        id=ident("m"),
        menage=ident("m"),
        emetteur=SIAO,
        etat=Etat.A_CONFIRMER,
        declarant=CENTRE,
        declare_par=CENTRE,
    )
    answered = replace(waiting, etat=Etat.PRESENTE, declarant=None)
    assert [has_part(each, CENTRE) for each in (waiting, answered)] == [True, False]
    assert [has_part(each, SIAO) for each in (waiting, answered)] == [True, True]
