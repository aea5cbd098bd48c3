"""The rule book of a demand, row by row."""

import pytest

from router.domain.rulebooks.demande import MACHINE, OUVERTES, TRANSFERTS, Etat, Evenement
from router.domain.rulebooks.machine import Applied
from tests.unit.router.domain.grille import INCONNU, Grille, Regle, moves, reachable, row

ETATS = {
    INCONNU: "",
    "Reçue": Etat.RECUE,
    "Complète": Etat.COMPLETE,
    "Évaluée": Etat.EVALUEE,
    "Attente": Etat.EN_ATTENTE,
    "Orientée": Etat.ORIENTEE,
    "Pourvue": Etat.POURVUE,
    "NonPourvue": Etat.NON_POURVUE,
    "Annulée": Etat.ANNULEE,
    "Transférée": Etat.TRANSFEREE,
}
SANS_PLACE = "Reçue Complète Évaluée Attente NonPourvue"
CLOSES = "Pourvue Annulée Transférée"
GRILLE: Grille = {
    Evenement.RECEVOIR: (Regle("Reçue", "—", tu=f"{SANS_PLACE} Orientée {CLOSES}"),),
    Evenement.COMPLETER: (
        Regle("Complète", "Reçue Complète", tu=f"Évaluée Attente NonPourvue Orientée {CLOSES}"),
    ),
    Evenement.EVALUER: (
        Regle("Évaluée", "Reçue Complète Évaluée"),
        Regle("Attente", "Attente NonPourvue"),
        Regle("Orientée", "Orientée"),
    ),
    Evenement.INFORMER: (Regle("même", f"{SANS_PLACE} Orientée"),),
    Evenement.ACTUALISER: (
        Regle("même", "Reçue Complète Évaluée Attente Orientée"),
        Regle("Attente", "NonPourvue"),
    ),
    Evenement.ORIENTER: (Regle("Orientée", f"{SANS_PLACE} Orientée"),),
    Evenement.RENDRE: (Regle("Attente", "Orientée", tu="Attente"),),
    Evenement.POURVOIR: (Regle("Pourvue", f"{SANS_PLACE} Orientée", tu="Pourvue"),),
    Evenement.NE_PAS_POURVOIR: (Regle("NonPourvue", SANS_PLACE),),
    Evenement.ANNULER: (Regle("Annulée", f"{SANS_PLACE} Orientée", tu="Annulée"),),
    **{move: (Regle("même", f"{SANS_PLACE} Orientée"),) for move in TRANSFERTS},
}


def test_the_grid_speaks_of_every_event_and_every_state() -> None:
    assert set(GRILLE) == set(Evenement)
    assert set(ETATS.values()) - {""} == set(Etat)


@pytest.mark.parametrize("event", GRILLE)
def test_an_event_does_in_every_state_what_the_grid_says(event: Evenement) -> None:
    assert moves(MACHINE, event, ETATS) == row(GRILLE[event], ETATS)


@pytest.mark.parametrize("etat", sorted(set(Etat) - {Etat.TRANSFEREE}))
def test_every_state_but_that_of_an_earlier_version_is_reached(etat: Etat) -> None:
    assert etat in reachable(MACHINE)


@pytest.mark.parametrize("etat", sorted(set(Etat) - set(OUVERTES)))
def test_only_a_place_and_a_withdrawal_end_a_demand(etat: Etat) -> None:
    assert etat in {Etat.POURVUE, Etat.ANNULEE, Etat.TRANSFEREE}
    assert not any(isinstance(MACHINE.move(etat, event), Applied) for event in Evenement)


@pytest.mark.parametrize("etat", OUVERTES)
def test_an_open_demand_can_be_referred_and_taken_back(etat: Etat) -> None:
    assert MACHINE.move(etat, Evenement.ORIENTER) == Applied(Etat.ORIENTEE)
    assert MACHINE.move(etat, Evenement.ANNULER) == Applied(Etat.ANNULEE)
