"""A place that is still lived in: reserved for its date, given up, left."""

from datetime import date

import pytest

from contracts.base import Contrat
from contracts.explications import reminded
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.orientation import OrientationAcceptee, OrientationAnnulee
from contracts.v1.place import PlaceDisponible, PlaceLiberee
from contracts.v1.suite import EntreeConstatee, SortieDeclaree
from tests.unit.router.domain.monde import (
    CENTRE,
    DEMAIN,
    JOUR,
    SIAO,
    Monde,
    ident,
    previsible,
    proposition,
    vacance,
)

PLACE, PREMIER, SUIVANT = ident("place"), ident("premier"), ident("suivant")


@pytest.fixture
def habitee() -> Monde:
    """A place whose household leaves in April, and that is reserved for the next one."""
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(PREMIER, PLACE))
    monde.dit(CENTRE, EntreeConstatee(orientation=PREMIER, entree_le=JOUR))
    monde.dit(CENTRE, previsible(PLACE))
    monde.dit(SIAO, proposition(SUIVANT, PLACE))
    assert monde.etat(PLACE) == "RESERVEE"
    return monde


def test_a_reservation_that_is_taken_back_leaves_the_place_to_who_still_lives_there(habitee: Monde) -> None:
    effects = habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    assert habitee.etat(PLACE) == "A_LIBERER"
    assert habitee.place(PLACE).orientation == PREMIER
    assert not any(isinstance(contrat, PlaceDisponible) for contrat in effects.derived)


def test_a_reservation_that_runs_out_leaves_the_place_to_who_still_lives_there_and_only_the_siao_hears_of_it(
    habitee: Monde,
) -> None:
    held = habitee.place(PLACE)
    effects = habitee.hub_dit(PlaceLiberee(place=PLACE, version=held.version))
    assert effects.recipients == (), "personne ne la croit libre ce soir"
    (alert,) = effects.derived
    assert isinstance(alert, AlerteEcheance)
    assert (alert.objet, alert.due_le, alert.addressee) == (PLACE, held.expire_le, None)
    assert "La place n'est plus retenue" in reminded(alert)
    assert habitee.etat(PLACE) == "A_LIBERER"
    assert habitee.place(PLACE).orientation == PREMIER


def test_when_the_occupant_has_left_the_reservation_stands_and_its_end_frees_the_place(
    habitee: Monde,
) -> None:
    version = habitee.subjects[PLACE].version
    habitee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=JOUR))
    assert habitee.etat(PLACE) == "RESERVEE"
    assert habitee.place(PLACE).orientation == SUIVANT
    assert habitee.subjects[PLACE].version == version, "l'expiration vue à cette version vaut toujours"
    habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    assert habitee.etat(PLACE) == "DISPONIBLE"


def test_the_next_household_moves_in_whatever_the_former_one_says_afterwards(habitee: Monde) -> None:
    habitee.dit(CENTRE, OrientationAcceptee(orientation=SUIVANT))
    habitee.dit(CENTRE, EntreeConstatee(orientation=SUIVANT, entree_le=JOUR))
    habitee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=JOUR))
    assert habitee.etat(PLACE) == "OCCUPEE"
    assert habitee.place(PLACE).orientation == SUIVANT


@pytest.mark.parametrize("told", [vacance(PLACE), PlaceLiberee(place=PLACE)], ids=["vacant", "freed"])
def test_a_manager_who_says_that_a_reserved_place_is_empty_speaks_of_its_occupant(
    habitee: Monde, told: Contrat
) -> None:
    assert habitee.dit(CENTRE, told).outcome == ("sans_effet", "place_reservee")
    assert habitee.place(PLACE).orientation == SUIVANT
    assert habitee.place(PLACE).expire_le is not None
    habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    assert habitee.etat(PLACE) == "DISPONIBLE"


def test_a_departure_that_is_said_twice_takes_the_place_from_nobody_who_is_expected_there(
    habitee: Monde,
) -> None:
    habitee.dit(CENTRE, OrientationAcceptee(orientation=SUIVANT))
    habitee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=JOUR))
    for _ in range(2):
        assert habitee.dit(CENTRE, PlaceLiberee(place=PLACE)).outcome == ("sans_effet", "place_reservee")
    assert (habitee.etat(PLACE), habitee.place(PLACE).orientation) == ("RESERVEE", SUIVANT)


def test_a_manager_may_put_off_the_day_on_which_a_reserved_place_is_free(habitee: Monde) -> None:
    habitee.dit(CENTRE, previsible(PLACE).model_copy(update={"libre_le": date(2026, 5, 1)}))
    assert habitee.place(PLACE).libre_le == date(2026, 5, 1)
    habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    assert habitee.etat(PLACE) == "A_LIBERER"


@pytest.fixture
def occupee() -> Monde:
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(PREMIER, PLACE))
    monde.dit(CENTRE, EntreeConstatee(orientation=PREMIER, entree_le=JOUR))
    return monde


def test_a_departure_of_a_day_to_come_frees_nothing_yet_and_the_place_can_be_reserved(occupee: Monde) -> None:
    effects = occupee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=DEMAIN))
    assert effects.recipients == (SIAO,)
    assert (occupee.etat(PREMIER), occupee.etat(PLACE)) == ("ENTREE", "A_LIBERER")
    assert occupee.place(PLACE).libre_le == DEMAIN
    occupee.dit(SIAO, proposition(SUIVANT, PLACE))
    assert occupee.etat(PLACE) == "RESERVEE"


@pytest.mark.parametrize("day", [JOUR, date(2026, 2, 1)])
def test_a_departure_that_is_a_fact_frees_the_place_at_once(occupee: Monde, day: date) -> None:
    occupee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=DEMAIN))
    occupee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=day))
    assert (occupee.etat(PREMIER), occupee.etat(PLACE)) == ("SORTIE", "DISPONIBLE")


def test_the_day_of_a_departure_is_the_day_of_its_territory(occupee: Monde) -> None:
    """At 18:00 UTC on the 2nd of March it is already the 3rd in New Caledonia."""
    occupee.dit(CENTRE, SortieDeclaree(orientation=PREMIER, sortie_le=DEMAIN), territoire="988")
    assert occupee.etat(PREMIER) == "SORTIE"


def test_a_place_is_held_for_the_day_on_which_it_will_be_free_or_a_later_one(habitee: Monde) -> None:
    """Else the household would be missed before it can come."""
    assert habitee.orientation(SUIVANT).presentation_le == date(2026, 4, 1)
    later, day = ident("plus tard"), date(2026, 4, 3)
    habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    habitee.dit(SIAO, proposition(later, PLACE, presentation_le=day))
    assert habitee.orientation(later).presentation_le == day


def test_nobody_is_sent_to_a_place_before_its_occupant_leaves(habitee: Monde) -> None:
    habitee.dit(SIAO, OrientationAnnulee(orientation=SUIVANT))
    effects = habitee.dit(SIAO, proposition(ident("trop tôt"), PLACE, presentation_le=date(2026, 3, 31)))
    assert effects.outcome == ("anomalie", "PLACE_NON_DISPONIBLE")
    assert effects.recipients == ()
    assert habitee.etat(PLACE) == "A_LIBERER"
