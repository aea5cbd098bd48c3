"""The rule book of a place, row by row."""

import pytest

from contracts.base import Nature
from router.domain.books import BOOKS
from router.domain.rulebooks.machine import Applied
from router.domain.rulebooks.place import MACHINE, Etat, Evenement
from tests.unit.router.domain.grille import INCONNU, Grille, Regle, moves, reachable, row

ETATS = {
    INCONNU: "",
    "Déclarée": Etat.DECLAREE,
    "Libre": Etat.DISPONIBLE,
    "Réservée": Etat.RESERVEE,
    "Occupée": Etat.OCCUPEE,
    "ÀLibérer": Etat.A_LIBERER,
    "Indispo": Etat.INDISPONIBLE,
    "Fermée": Etat.FERMEE,
}
GRILLE: Grille = {
    Evenement.DECLARER: (
        Regle("Déclarée", "— Déclarée", tu="Libre Réservée Occupée ÀLibérer Indispo Fermée"),
    ),
    Evenement.VACANTE: (
        Regle("Libre", "— Déclarée Libre Occupée ÀLibérer Indispo"),
        Regle("Réservée", "Réservée"),
    ),
    Evenement.VACANCE_PREVISIBLE: (
        Regle("ÀLibérer", "— Déclarée Occupée ÀLibérer"),
        Regle("Réservée", "Réservée"),
    ),
    Evenement.RESERVER: (Regle("Réservée", "Libre ÀLibérer", tu="Réservée"),),
    Evenement.PROMETTRE: (Regle("Réservée", "Réservée"),),
    Evenement.RENDRE: (Regle("Libre", "Réservée", tu="Libre"),),
    Evenement.RENDRE_OCCUPEE: (Regle("ÀLibérer", "Réservée", tu="ÀLibérer"),),
    Evenement.LIBERER: (
        Regle("Libre", "— Occupée ÀLibérer", tu="Libre"),
        Regle("Réservée", "Réservée"),
    ),
    Evenement.OCCUPER: (Regle("Occupée", "— Déclarée Libre Réservée ÀLibérer", tu="Occupée"),),
    Evenement.ADMETTRE: (Regle("Occupée", "— Déclarée Libre Réservée ÀLibérer", tu="Occupée"),),
    Evenement.INDISPONIBLE: (Regle("Indispo", "— Déclarée Libre ÀLibérer Indispo"),),
    Evenement.DISPONIBLE: (Regle("Libre", "— Déclarée Libre Occupée Indispo"),),
    Evenement.FERMER: (Regle("Fermée", "— Déclarée Libre Réservée Occupée ÀLibérer Indispo", tu="Fermée"),),
}


def test_the_grid_speaks_of_every_event_and_every_state() -> None:
    assert set(GRILLE) == set(Evenement)
    assert set(ETATS.values()) - {""} == set(Etat)


@pytest.mark.parametrize("event", Evenement)
def test_an_event_does_in_every_state_what_the_grid_says(event: Evenement) -> None:
    assert moves(MACHINE, event, ETATS) == row(GRILLE[event], ETATS)


@pytest.mark.parametrize("etat", Etat)
def test_every_state_is_reached(etat: Etat) -> None:
    assert etat in reachable(MACHINE)


def test_a_place_for_a_date_to_come_can_be_reserved_at_once() -> None:
    assert MACHINE.move(Etat.A_LIBERER, Evenement.RESERVER) == Applied(Etat.RESERVEE)


def test_only_a_free_place_or_one_about_to_be_can_be_reserved() -> None:
    reservable = {etat for etat in Etat if isinstance(MACHINE.move(etat, Evenement.RESERVER), Applied)}
    assert reservable == {Etat.DISPONIBLE, Etat.A_LIBERER}


def test_any_place_can_be_closed_and_a_closed_one_never_opens_again() -> None:
    for etat in set(Etat) - {Etat.FERMEE}:
        assert MACHINE.move(etat, Evenement.FERMER) == Applied(Etat.FERMEE)
    assert not any(isinstance(MACHINE.move(Etat.FERMEE, event), Applied) for event in Evenement)


def test_no_message_about_a_place_makes_or_keeps_its_reservation() -> None:
    of_the_referral = {Evenement.RESERVER, Evenement.PROMETTRE, Evenement.RENDRE, Evenement.RENDRE_OCCUPEE}
    assert set(BOOKS[Nature.PLACE].moves.values()) == set(Evenement) - of_the_referral
