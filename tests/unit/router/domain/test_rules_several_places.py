"""A household on several places: they are held all or none, and one answer holds for all of them."""

from datetime import date

import pytest

from contracts.base import Contrat
from contracts.v1.alerte import AlerteConflit, MotifAnomalie
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.place import PlaceDisponible, PlaceLiberee
from router.domain.books import message_at
from router.domain.deadlines import running_of
from tests.unit.router.domain.monde import (
    AUTRE,
    CENTRE,
    JOUR,
    SIAO,
    Monde,
    ident,
    previsible,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import absence, acceptee, admise, entree, refusee, sortie

FAMILLE, RIVALE = ident("famille"), ident("rivale")
PLACES = tuple(ident(f"place {n}") for n in range(3))


@pytest.fixture
def monde() -> Monde:
    """Three places of one centre, vacant."""
    monde = Monde()
    for place in PLACES:
        monde.dit(CENTRE, vacance(place))
    return monde


@pytest.fixture
def orientee(monde: Monde) -> Monde:
    """The same, held for a family."""
    monde.dit(SIAO, proposition(FAMILLE, *PLACES))
    return monde


def etats(monde: Monde) -> set[str]:
    return {monde.etat(place) for place in PLACES}


def test_all_its_places_are_held_for_a_family(orientee: Monde) -> None:
    assert {orientee.place(place).orientation for place in PLACES} == {FAMILLE}
    assert len({orientee.place(place).expire_le for place in PLACES}) == 1


def test_one_place_that_is_taken_refuses_the_referral_at_once_and_is_named(monde: Monde) -> None:
    monde.dit(SIAO, proposition(RIVALE, PLACES[2]))
    effects = monde.dit(SIAO, proposition(FAMILLE, *PLACES))
    (alert,) = effects.derived
    assert isinstance(alert, AlerteConflit)
    assert (alert.objet, alert.place, alert.motif) == (FAMILLE, PLACES[2], MotifAnomalie.PLACE_DEJA_RESERVEE)
    assert effects.recipients == ()
    assert [monde.etat(place) for place in PLACES] == ["DISPONIBLE", "DISPONIBLE", "RESERVEE"]


def test_a_place_that_nobody_knows_refuses_all_of_them(monde: Monde) -> None:
    effects = monde.dit(SIAO, proposition(FAMILLE, *PLACES, ident("inconnue")))
    assert effects.outcome == ("anomalie", MotifAnomalie.SUJET_INCONNU)
    assert etats(monde) == {"DISPONIBLE"}


def test_places_of_two_managers_are_two_referrals(monde: Monde) -> None:
    elsewhere = ident("ailleurs")
    monde.dit(AUTRE, vacance(elsewhere))
    effects = monde.dit(SIAO, proposition(FAMILLE, *PLACES, elsewhere))
    assert effects.outcome == ("anomalie", MotifAnomalie.AUTRE_GESTIONNAIRE)
    assert etats(monde) == {"DISPONIBLE"}


def test_a_family_comes_when_the_last_of_its_places_is_free(monde: Monde) -> None:
    last = ident("habitée")
    monde.dit(CENTRE, previsible(last))
    monde.dit(SIAO, proposition(FAMILLE, PLACES[0], last))
    assert monde.orientation(FAMILLE).presentation_le == date(2026, 4, 1)
    effects = monde.dit(SIAO, proposition(RIVALE, PLACES[1], last, presentation_le=JOUR))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_DEJA_RESERVEE)


@pytest.mark.parametrize(
    "ending", [refusee(FAMILLE), absence(FAMILLE), OrientationAnnulee(orientation=FAMILLE)]
)
def test_what_ends_the_referral_frees_all_its_places_and_says_so_of_each(
    orientee: Monde, ending: Contrat
) -> None:
    source = SIAO if isinstance(ending, OrientationAnnulee) else CENTRE
    effects = orientee.dit(source, ending)
    assert etats(orientee) == {"DISPONIBLE"}
    news = {PlaceDisponible(place=each, version=orientee.subjects[each].version) for each in PLACES}
    assert {each for each in effects.derived if isinstance(each, PlaceDisponible)} == news


def test_the_silence_of_the_centre_frees_all_of_them(orientee: Monde) -> None:
    for place in PLACES:
        (deadline,) = running_of(orientee.subjects[place], orientee.registry).values()
        orientee.hub_dit(message_at(orientee.subjects[place], deadline, deadline.stages[-1].etape))
    assert etats(orientee) == {"DISPONIBLE"}


def test_a_family_lives_in_all_of_them_and_leaves_all_of_them(orientee: Monde) -> None:
    orientee.dit(CENTRE, acceptee(FAMILLE))
    assert {orientee.place(place).expire_le for place in PLACES} == {None}
    orientee.dit(CENTRE, admise(FAMILLE))
    orientee.dit(CENTRE, entree(FAMILLE))
    assert etats(orientee) == {"OCCUPEE"}
    orientee.dit(CENTRE, sortie(FAMILLE))
    assert etats(orientee) == {"DISPONIBLE"}


def test_an_acceptance_without_one_of_the_places_promises_none(orientee: Monde) -> None:
    lost = orientee.subjects[PLACES[1]]
    orientee.hub_dit(PlaceLiberee(place=PLACES[1], version=lost.version))
    effects = orientee.dit(CENTRE, acceptee(FAMILLE))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_NON_DISPONIBLE)
    assert all(orientee.place(place).expire_le is not None for place in (PLACES[0], PLACES[2]))
