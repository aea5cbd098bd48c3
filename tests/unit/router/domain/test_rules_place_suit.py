"""The place of a referral follows it: kept, occupied, free again, and never two households'."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.base import Contrat
from contracts.reference.codes import MotifRefus
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.echeance import Echeance
from contracts.v1.orientation import (
    OrientationAccusee,
    OrientationMiseEnAttente,
    OrientationPreadmissionPlanifiee,
)
from contracts.v1.place import PlaceDisponible, PlaceFermee, PlaceLiberee, PlaceOccupee
from contracts.v1.suite import SejourProlonge
from router.domain.deadlines import running_of
from tests.unit.router.domain.monde import (
    CENTRE,
    JOUR,
    MAINTENANT,
    SIAO,
    Monde,
    ident,
    previsible,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import absence, acceptee, admise, entree, refusee, sortie

PLACE, PREMIERE, SECONDE = ident("place"), ident("première"), ident("seconde")


@pytest.fixture
def monde() -> Monde:
    """A vacant place is held for a first referral."""
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(PREMIERE, PLACE))
    return monde


@pytest.fixture
def repris(monde: Monde) -> Monde:
    """The first reservation has run out, and the place is held for a second referral."""
    expire(monde)
    monde.dit(SIAO, proposition(SECONDE, PLACE))
    return monde


def expire(monde: Monde) -> None:
    """What the scheduler derives when the time of a reservation is over."""
    monde.hub_dit(PlaceLiberee(place=PLACE, version=monde.subjects[PLACE].version))


@pytest.mark.parametrize(
    "ending", [refusee(PREMIERE), refusee(PREMIERE, MotifRefus.LOCALISATION), absence(PREMIERE)]
)
def test_a_referral_that_ends_without_an_arrival_frees_its_place_and_says_so(
    monde: Monde, ending: Contrat
) -> None:
    effects = monde.dit(CENTRE, ending)
    place = monde.place(PLACE)
    assert place.etat == "DISPONIBLE"
    assert place.orientation is None
    assert effects.derived == (PlaceDisponible(place=PLACE, version=place.version),)


def test_the_news_of_a_freed_place_reach_the_siao(monde: Monde) -> None:
    (news,) = monde.dit(CENTRE, refusee(PREMIERE)).derived
    assert monde.hub_dit(news).recipients == (SIAO,)


def test_the_news_of_a_freed_place_come_too_late_once_it_is_held_again(monde: Monde) -> None:
    (news,) = monde.dit(CENTRE, refusee(PREMIERE)).derived
    monde.dit(SIAO, proposition(SECONDE, PLACE))
    assert monde.hub_dit(news).outcome == ("sans_effet", "plus_ancien")
    assert monde.etat(PLACE) == "RESERVEE"


def test_a_freed_place_can_be_designated_again(monde: Monde) -> None:
    monde.dit(CENTRE, refusee(PREMIERE))
    assert monde.dit(SIAO, proposition(SECONDE, PLACE)).recipients == (CENTRE,)


def test_an_arrival_occupies_the_place(monde: Monde) -> None:
    effects = monde.dit(CENTRE, entree(PREMIERE))
    assert effects.recipients == (SIAO,)
    assert monde.etat(PLACE) == "OCCUPEE"
    assert monde.place(PLACE).orientation == PREMIERE


def test_a_departure_frees_the_place(monde: Monde) -> None:
    monde.dit(CENTRE, entree(PREMIERE))
    effects = monde.dit(CENTRE, sortie(PREMIERE))
    assert monde.etat(PLACE) == "DISPONIBLE"
    assert [type(news) for news in effects.derived] == [PlaceDisponible]


def test_an_answer_that_leaves_the_referral_open_leaves_its_place_alone(monde: Monde) -> None:
    monde.subjects[PLACE] = before = replace(monde.place(PLACE), expire_le=MAINTENANT + timedelta(days=21))
    monde.dit(CENTRE, OrientationAccusee(orientation=PREMIERE))
    assert monde.subjects[PLACE] == before


@pytest.mark.parametrize("promise", [acceptee, admise])
def test_a_promised_place_is_kept_beyond_the_time_of_its_reservation(
    monde: Monde, promise: Callable[..., Contrat]
) -> None:
    before = monde.subjects[PLACE]
    monde.dit(CENTRE, promise(PREMIERE))
    assert monde.etat(PLACE) == "RESERVEE"
    assert monde.place(PLACE).expire_le is None
    assert monde.hub_dit(PlaceLiberee(place=PLACE, version=before.version)).outcome == (
        "sans_effet",
        "plus_ancien",
    )


@pytest.mark.parametrize(
    "said",
    [
        OrientationMiseEnAttente(orientation=PREMIERE),
        OrientationPreadmissionPlanifiee(orientation=PREMIERE, entretien_le=MAINTENANT + timedelta(days=30)),
        OrientationAccusee(orientation=PREMIERE),
    ],
)
def test_a_place_is_kept_for_as_long_as_its_centre_may_still_answer(monde: Monde, said: Contrat) -> None:
    """In this world, a reservation of five days ends before the seven working days of a centre."""
    before = monde.subjects[PLACE]
    monde.dit(CENTRE, said)
    answer = running_of(monde.orientation(PREMIERE), monde.registry)[Echeance.DECISION]
    kept = running_of(monde.place(PLACE), monde.registry)[Echeance.RESERVATION]
    assert kept.due_at > answer.stages[-1].at
    assert monde.hub_dit(PlaceLiberee(place=PLACE, version=before.version)).outcome == (
        "sans_effet",
        "plus_ancien",
    )
    monde.now = answer.due_at
    assert monde.dit(CENTRE, acceptee(PREMIERE)).outcome is None
    assert monde.place(PLACE).expire_le is None


def test_a_promise_that_is_not_kept_frees_the_place(monde: Monde) -> None:
    monde.dit(CENTRE, acceptee(PREMIERE))
    monde.dit(CENTRE, absence(PREMIERE))
    assert monde.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("promise", [acceptee, admise])
def test_a_late_acceptance_of_a_released_place_is_an_anomaly(
    monde: Monde, promise: Callable[..., Contrat]
) -> None:
    expire(monde)
    effects = monde.dit(CENTRE, promise(PREMIERE))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_NON_DISPONIBLE)
    assert monde.etat(PREMIERE) == "PROPOSEE"
    assert monde.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("late", [acceptee, admise, entree])
def test_a_place_that_is_held_for_another_by_now_is_not_promised_or_entered_twice(
    repris: Monde, late: Callable[..., Contrat]
) -> None:
    effects = repris.dit(CENTRE, late(PREMIERE))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_DEJA_RESERVEE)
    assert repris.etat(PREMIERE) == "PROPOSEE"
    assert repris.place(PLACE).orientation == SECONDE


def test_an_arrival_in_a_place_where_another_household_lives_is_an_anomaly(repris: Monde) -> None:
    repris.dit(CENTRE, entree(SECONDE))
    effects = repris.dit(CENTRE, entree(PREMIERE))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_NON_DISPONIBLE)


def test_a_refusal_of_a_referral_that_lost_its_place_frees_nobody_elses(repris: Monde) -> None:
    effects = repris.dit(CENTRE, refusee(PREMIERE))
    assert repris.etat(PREMIERE) == "REFUS_STRUCTURE"
    assert effects.derived == ()
    assert repris.place(PLACE).orientation == SECONDE


def test_a_late_arrival_is_a_fact_and_occupies_the_place_while_it_is_free(monde: Monde) -> None:
    expire(monde)
    assert monde.dit(CENTRE, entree(PREMIERE)).recipients == (SIAO,)
    assert monde.etat(PREMIERE) == "ENTREE"
    assert monde.etat(PLACE) == "OCCUPEE"
    assert monde.dit(SIAO, proposition(SECONDE, PLACE)).outcome == (
        "anomalie",
        MotifAnomalie.PLACE_NON_DISPONIBLE,
    )


def test_a_shelter_may_tell_that_the_place_is_occupied_before_it_tells_of_the_arrival(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert monde.dit(CENTRE, entree(PREMIERE)).recipients == (SIAO,)
    monde.dit(CENTRE, sortie(PREMIERE))
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_refusal_does_not_free_a_place_that_somebody_lives_in(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    monde.dit(CENTRE, refusee(PREMIERE))
    assert monde.etat(PLACE) == "OCCUPEE"


def test_a_longer_stay_leaves_the_place_as_it_is(monde: Monde) -> None:
    monde.dit(CENTRE, entree(PREMIERE))
    before = monde.subjects[PLACE]
    monde.dit(CENTRE, SejourProlonge(orientation=PREMIERE, jusqu_au=JOUR))
    assert monde.subjects[PLACE] == before


def test_news_of_a_stay_leave_a_place_alone_that_is_about_to_be_free(monde: Monde) -> None:
    monde.dit(CENTRE, entree(PREMIERE))
    monde.dit(CENTRE, previsible(PLACE))
    before = monde.subjects[PLACE]
    assert monde.dit(CENTRE, SejourProlonge(orientation=PREMIERE, jusqu_au=JOUR)).recipients == (SIAO,)
    assert monde.subjects[PLACE] == before


def test_news_of_a_stay_are_no_anomaly_while_the_place_is_held_for_the_next(monde: Monde) -> None:
    monde.dit(CENTRE, entree(PREMIERE))
    monde.dit(CENTRE, previsible(PLACE))
    monde.dit(SIAO, proposition(SECONDE, PLACE))
    assert monde.dit(CENTRE, SejourProlonge(orientation=PREMIERE, jusqu_au=JOUR)).recipients == (SIAO,)
    monde.dit(CENTRE, sortie(PREMIERE))
    assert monde.place(PLACE).orientation == SECONDE


def test_a_departure_frees_a_place_that_was_about_to_be_free(monde: Monde) -> None:
    monde.dit(CENTRE, entree(PREMIERE))
    monde.dit(CENTRE, previsible(PLACE))
    monde.dit(CENTRE, sortie(PREMIERE))
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_an_arrival_does_not_open_a_closed_place(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceFermee(place=PLACE))
    monde.dit(CENTRE, entree(PREMIERE))
    assert monde.etat(PLACE) == "FERMEE"
