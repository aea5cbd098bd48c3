"""The rule book of a household that is ready for housing, row by row."""

import pytest

from contracts.v1.pret_logement import MotifRetrait, PretLogementRetire
from router.domain.rulebooks.pret_logement import MACHINE, Etat, Evenement, retrait
from tests.unit.router.domain.grille import INCONNU, Grille, Regle, moves, reachable, row
from tests.unit.router.domain.monde import JOUR, ident

ETATS = {
    INCONNU: "",
    "Déclaré": Etat.DECLARE,
    "Actualisé": Etat.ACTUALISE,
    "Présenté": Etat.PRESENTE,
    "Relogé": Etat.RELOGE,
    "Retiré": Etat.RETIRE,
}
SUR_LA_LISTE = "Déclaré Actualisé Présenté"
GRILLE: Grille = {
    Evenement.DECLARER: (
        Regle("Déclaré", "— Relogé Retiré"),
        Regle("Actualisé", "Déclaré Actualisé"),
        Regle("Présenté", "Présenté"),
    ),
    Evenement.ACTUALISER: (Regle("Actualisé", "Déclaré Actualisé"), Regle("Présenté", "Présenté")),
    Evenement.PRESENTER: (Regle("Présenté", SUR_LA_LISTE),),
    Evenement.RELOGER: (Regle("Relogé", SUR_LA_LISTE, tu="Relogé"),),
    Evenement.RETIRER: (Regle("Retiré", SUR_LA_LISTE, tu="Retiré"),),
}


def test_the_grid_speaks_of_every_event_and_every_state() -> None:
    assert set(GRILLE) == set(Evenement)
    assert set(ETATS.values()) - {""} == set(Etat)


@pytest.mark.parametrize("event", GRILLE)
def test_an_event_does_in_every_state_what_the_grid_says(event: Evenement) -> None:
    assert moves(MACHINE, event, ETATS) == row(GRILLE[event], ETATS)


@pytest.mark.parametrize("etat", Etat)
def test_every_state_is_reached(etat: Etat) -> None:
    assert etat in reachable(MACHINE)


@pytest.mark.parametrize("motif", MotifRetrait)
def test_only_a_household_that_has_a_home_is_housed(motif: MotifRetrait) -> None:
    move = retrait(PretLogementRetire(menage=ident("ménage"), motif=motif), JOUR)
    assert (move is Evenement.RELOGER) is (motif is MotifRetrait.RELOGE)
