"""An admission without the SIAO is judged: under a derogation, in an emergency, or under no title."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.convention import DerogationDenoncee
from contracts.v1.echeance import Etape
from contracts.v1.menage import Menage
from contracts.v1.place import PlaceFermee, PlaceIndisponible
from contracts.v1.suite import AdmissionDirecte, AdmissionHorsSiao, MotifAdmission, Titre
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.rulebooks.acte import Derogation
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    AUTRE_FINESS,
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    Monde,
    ident,
    menage,
    vacance,
)
from tests.unit.router.domain.test_rules_actes import ACTE, ETAT, derogation, monde, signed

__all__ = ["monde"]  # the fixture

PLACES = tuple(ident(f"place {number}") for number in range(4))
NUMERO = "DER-2026-17"


def admitted(place: int = 0, **more: Any) -> AdmissionDirecte:
    values = {
        "place": PLACES[place],
        "menage": menage(f"admis {place}"),
        "admission_le": JOUR,
        "derogation": NUMERO,
        "acte": ACTE,
    }
    return AdmissionDirecte(**{**values, **more})


BARE: dict[str, Any] = {"derogation": None, "acte": None}


def motif(effects: Effects) -> MotifAnomalie | None:
    return next((c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)), None)


def state_is_told(effects: Effects) -> AdmissionHorsSiao | None:
    return next((c for c in effects.derived if isinstance(c, AdmissionHorsSiao)), None)


def occupied(monde: Monde) -> set[Any]:
    act = monde.subjects[ACTE]
    assert isinstance(act, Derogation)
    return set(act.occupees)


@pytest.fixture
def granted(monde: Monde) -> Monde:
    signed(monde)
    for place in PLACES:
        monde.dit(CENTRE, vacance(place))
    return monde


def test_under_a_derogation_in_force_it_is_counted_and_the_state_is_told_without_a_name(
    granted: Monde,
) -> None:
    effects = granted.dit(CENTRE, admitted())
    assert effects.recipients == (SIAO,)
    assert motif(effects) is None
    told = state_is_told(effects)
    assert told is not None
    assert (told.titre, told.numero, told.composition) == (Titre.DEROGATION, NUMERO, "10")
    assert str(ident("admis 0")) not in told.model_dump_json()
    assert granted.hub_dit(told).recipients == (ETAT,)
    assert occupied(granted) == {PLACES[0]}


def test_a_structure_that_has_become_secret_is_not_named_to_the_state(granted: Monde) -> None:
    granted.avec(granted.registry.partners[CENTRE].model_copy(update={"structures_protegees": (FINESS,)}))
    told = state_is_told(granted.dit(CENTRE, admitted()))
    assert told is not None
    assert (told.titre, told.structure) == (Titre.DEROGATION, None)


@pytest.mark.parametrize(
    ("terms", "said", "why"),
    [
        ({}, {"derogation": "DER-2026-99", "acte": ident("autre")}, MotifAnomalie.ACTE_INCONNU),
        ({}, {"admission_le": date(2027, 1, 1)}, MotifAnomalie.HORS_DATES),
        ({}, {"admission_le": JOUR - timedelta(days=1)}, MotifAnomalie.HORS_DATES),
        ({"quota": None, "places": PLACES[1:3]}, {}, MotifAnomalie.HORS_ACTE),
        ({}, BARE, MotifAnomalie.SANS_DEROGATION),
    ],
    ids=str,
)
def test_without_a_title_it_is_a_fact_all_the_same_and_centre_and_siao_learn_why(
    monde: Monde, terms: dict[str, Any], said: dict[str, Any], why: MotifAnomalie
) -> None:
    signed(monde, **terms)
    monde.dit(CENTRE, vacance(PLACES[0]))
    effects = monde.dit(CENTRE, admitted(**said))
    assert monde.etat(PLACES[0]) == "OCCUPEE"
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert alert.motif is why
    assert set(monde.hub_dit(alert).recipients) == {SIAO, CENTRE}
    assert occupied(monde) == set()


def test_a_derogation_that_is_not_signed_by_all_covers_nothing(monde: Monde) -> None:
    monde.dit(CENTRE, derogation())
    monde.dit(CENTRE, vacance(PLACES[0]))
    assert motif(monde.dit(CENTRE, admitted())) is MotifAnomalie.ACTE_NON_SIGNE


def test_one_of_another_structure_covers_nothing(granted: Monde) -> None:
    elsewhere = vacance(PLACES[0]).model_copy(update={"structure": AUTRE_FINESS})
    granted.dit(CENTRE, elsewhere)
    assert motif(granted.dit(CENTRE, admitted())) is MotifAnomalie.HORS_ACTE


def test_an_ended_derogation_still_covers_what_happened_before(granted: Monde) -> None:
    granted.dit(ETAT, DerogationDenoncee(derogation=ACTE, numero=NUMERO, le=JOUR + timedelta(days=1)))
    assert motif(granted.dit(CENTRE, admitted(0))) is None
    late = admitted(1, admission_le=JOUR + timedelta(days=1))
    assert motif(granted.dit(CENTRE, late)) is MotifAnomalie.HORS_DATES


def test_the_quota_counts_in_order_and_the_next_one_is_beyond_it(granted: Monde) -> None:
    assert [motif(granted.dit(CENTRE, admitted(place))) for place in range(3)] == [
        None,
        None,
        MotifAnomalie.QUOTA_EPUISE,
    ]
    assert occupied(granted) == {PLACES[0], PLACES[1]}


def test_a_place_that_is_free_again_is_given_back_and_so_is_one_that_was_said_by_mistake(
    granted: Monde,
) -> None:
    for place in range(2):
        granted.dit(CENTRE, admitted(place))
    granted.dit(CENTRE, vacance(PLACES[0]))
    assert occupied(granted) == {PLACES[1]}
    granted.dit(CENTRE, admitted(1, **BARE))
    assert occupied(granted) == set()
    assert [motif(granted.dit(CENTRE, admitted(place))) for place in (0, 2)] == [None, None]


def test_the_same_admission_said_again_is_counted_once(granted: Monde) -> None:
    for _ in range(3):
        assert motif(granted.dit(CENTRE, admitted())) is None
    assert occupied(granted) == {PLACES[0]}


def test_in_an_emergency_the_head_of_the_centre_decides_and_siao_and_state_learn_it_at_once(
    granted: Monde,
) -> None:
    effects = granted.dit(CENTRE, admitted(motif_admission=MotifAdmission.URGENCE, **BARE))
    assert effects.recipients == (SIAO,)
    assert motif(effects) is None
    told = state_is_told(effects)
    assert told is not None
    assert told.titre is Titre.URGENCE
    assert occupied(granted) == set()


def elapsed(monde: Monde, etape: Etape) -> Effects:
    place = monde.place(PLACES[0])
    (deadline,) = running_of(place, monde.registry).values()
    monde.now = next(stage.at for stage in deadline.stages if stage.etape is etape)
    return monde.hub_dit(message_at(place, deadline, etape))


def test_the_manager_may_give_a_title_before_the_state_is_told(granted: Monde) -> None:
    effects = granted.dit(CENTRE, admitted(**BARE))
    assert state_is_told(effects) is None
    (reminder,) = elapsed(granted, Etape.MI_DELAI).derived
    assert isinstance(reminder, AlerteEcheance)
    assert granted.hub_dit(reminder).recipients == (CENTRE,)
    effects = granted.dit(CENTRE, admitted())
    assert state_is_told(effects) is not None
    assert not running_of(granted.place(PLACES[0]), granted.registry)


def test_without_a_title_in_time_the_state_is_told_why(granted: Monde) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    effects = elapsed(granted, Etape.ECHUE)
    told = state_is_told(effects)
    assert told is not None
    assert (told.titre, told.manque, told.admission_le) == (
        Titre.AUCUN,
        MotifAnomalie.SANS_DEROGATION,
        JOUR,
    )
    late = next(c for c in effects.derived if isinstance(c, AlerteEcheance))
    assert set(granted.hub_dit(late).recipients) == {SIAO, CENTRE}
    assert not running_of(granted.place(PLACES[0]), granted.registry)


@pytest.mark.parametrize(
    ("out", "then"),
    [
        (PlaceIndisponible(place=PLACES[0], motif="TRAVAUX"), "OCCUPEE"),
        (PlaceFermee(place=PLACES[0]), "FERMEE"),
    ],
    ids=["out of use", "closed"],
)
def test_also_in_a_place_whose_manager_has_not_said_that_it_is_in_use_again(
    granted: Monde, out: Contrat, then: str
) -> None:
    granted.dit(CENTRE, out)
    granted.dit(CENTRE, admitted(**BARE))
    assert granted.etat(PLACES[0]) == then
    assert len(told(elapsed(granted, Etape.ECHUE))) == 1


def test_the_state_is_told_of_a_household_that_was_accepted_earlier_with_a_year_as_its_children(
    granted: Monde,
) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    place = granted.place(PLACES[0])
    family = {"composition": "40", "adultes": "1", "enfants": "2019"}
    granted.subjects[place.id] = replace(place, admission={**place.admission, **family})
    told = state_is_told(elapsed(granted, Etape.ECHUE))
    assert told is not None
    assert (told.adultes, told.enfants) == (1, 200)


@pytest.mark.parametrize(("stayed", "seen"), [(timedelta(hours=2), False), (timedelta(days=2), True)])
def test_of_a_household_that_has_left_nobody_is_asked_and_the_state_is_told_unless_it_was_a_mistake(
    granted: Monde, stayed: timedelta, seen: bool
) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    granted.now += stayed
    effects = granted.dit(CENTRE, vacance(PLACES[0]))
    assert (state_is_told(effects) is not None) is seen
    assert not running_of(granted.place(PLACES[0]), granted.registry)


URGENT: dict[str, Any] = {**BARE, "motif_admission": MotifAdmission.URGENCE}
NIGHT = timedelta(days=1)


WITH_A_CHILD: dict[str, Any] = {"menage": Menage(id=ident("admis 0"), composition="40", adultes=1, enfants=1)}


def told(effects: Effects) -> list[AdmissionHorsSiao]:
    return [c for c in effects.derived if isinstance(c, AdmissionHorsSiao)]


def test_an_admission_without_a_title_that_is_said_again_every_night_is_told_to_the_state_in_time_and_once(
    granted: Monde,
) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    asked_since = granted.place(PLACES[0]).a_justifier_depuis
    for _ in range(4):
        granted.now += NIGHT
        effects = granted.dit(CENTRE, admitted(**BARE))
        assert (effects.recipients, effects.derived) == ((SIAO,), ())
    assert granted.place(PLACES[0]).a_justifier_depuis == asked_since
    assert len(told(elapsed(granted, Etape.ECHUE))) == 1
    granted.now += NIGHT
    assert granted.dit(CENTRE, admitted(**BARE)).derived == ()
    assert not running_of(granted.place(PLACES[0]), granted.registry)


@pytest.mark.parametrize("title", [{}, URGENT], ids=["derogation", "emergency"])
def test_an_admission_under_a_title_that_is_said_again_is_told_to_the_state_once(
    granted: Monde, title: dict[str, Any]
) -> None:
    assert len(told(granted.dit(CENTRE, admitted(**title)))) == 1
    assert granted.dit(CENTRE, admitted(**title)).derived == ()
    corrected = granted.dit(CENTRE, admitted(**title, **WITH_A_CHILD))
    assert [each.composition for each in told(corrected)] == ["40"]


def test_a_corrected_admission_gives_its_manager_no_more_time_and_the_state_reads_the_correction(
    granted: Monde,
) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    asked_since = granted.place(PLACES[0]).a_justifier_depuis
    granted.now += NIGHT
    corrected = granted.dit(CENTRE, admitted(**BARE, **WITH_A_CHILD))
    assert motif(corrected) is MotifAnomalie.SANS_DEROGATION
    assert granted.place(PLACES[0]).a_justifier_depuis == asked_since
    assert [each.composition for each in told(elapsed(granted, Etape.ECHUE))] == ["40"]
    granted.dit(CENTRE, admitted(**BARE))
    assert granted.place(PLACES[0]).a_justifier_depuis == granted.now, "l'État sait une autre composition"


def test_an_admission_that_is_said_again_still_makes_older_ones_older(granted: Monde) -> None:
    for version in (1, 3):
        granted.dit(CENTRE, admitted(version=version))
    assert granted.dit(CENTRE, admitted(version=2)).outcome == ("sans_effet", "plus_ancien")


def test_a_title_that_is_taken_back_is_asked_for_from_that_day_on(granted: Monde) -> None:
    granted.dit(CENTRE, admitted())
    granted.now += NIGHT
    granted.dit(CENTRE, admitted(**BARE))
    assert granted.place(PLACES[0]).a_justifier_depuis == granted.now


@pytest.mark.parametrize("title", [BARE, URGENT], ids=["no title", "emergency"])
@pytest.mark.parametrize(("stayed", "seen"), [(timedelta(hours=2), 0), (timedelta(days=2), 1)])
def test_of_an_admission_without_a_title_the_state_is_told_also_if_another_household_is_admitted_there(
    granted: Monde, title: dict[str, Any], stayed: timedelta, seen: int
) -> None:
    granted.dit(CENTRE, admitted(**BARE))
    granted.now += stayed
    following = admitted(**title, admission_le=JOUR + timedelta(days=2))
    effects = granted.dit(CENTRE, following)
    assert len([each for each in told(effects) if each.admission_le == JOUR]) == seen
