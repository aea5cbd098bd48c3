"""What the desk offers a SIAO about a household that the State has designated."""

from datetime import date

from contracts.partner import Famille
from contracts.v1.daho import DahoOriente
from ops.desk.acts import to_the_state
from ops.desk.filling import filled
from tests.unit.router.domain.monde import JOUR, SIAO, ident, partner


def test_the_state_is_told_which_referral_was_made_and_when_without_a_form() -> None:
    acte = to_the_state(ident("orientation"), date(2026, 11, 30))
    assert not acte.saisies
    assert filled(acte, ident("daho"), {}, partner(SIAO, Famille.SIAO), (JOUR, JOUR)) == DahoOriente(
        daho=ident("daho"), orientation=ident("orientation"), oriente_le=date(2026, 11, 30)
    )
