"""The level of service: one definition, from the receipt to the answer."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import HUB
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAnnulee, OrientationMiseEnAttente
from contracts.v1.place import FEMMES_VICTIMES_DE_VIOLENCES, PlaceVacante
from ops.service.level import Loop, objective, service_of
from router.domain.partners import Registry
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
    MAINTENANT,
    REGISTRE,
    SIAO,
    Monde,
    ident,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, refusee

HOUR = timedelta(hours=1)
ENVOI, PLACE = ident("envoi"), ident("place")


@pytest.fixture
def monde() -> Monde:
    """A referral that is received."""
    monde = Monde()
    monde.dit(SIAO, proposition(ENVOI))
    monde.dit(HUB, LivraisonRemise(objet=ENVOI, nature="orientation", partenaire=CENTRE, remise_le=monde.now))
    return monde


def loop_of(monde: Monde) -> Loop:
    loop = Loop.of(monde.orientation(ENVOI), REGISTRE)
    assert loop is not None
    return loop


def loop(received: timedelta, answered: timedelta | None = None, due: timedelta | None = None) -> Loop:
    start = MAINTENANT - received
    return Loop(
        ident(f"{received}"),
        CENTRE,
        SIAO,
        start,
        None if answered is None else start + answered,
        None if due is None else start + due,
        is_open=answered is None,
        silent=False,
    )


def test_a_loop_begins_at_the_receipt_and_ends_with_the_first_answer_of_its_recipient(monde: Monde):
    monde.now += HOUR
    monde.dit(CENTRE, OrientationMiseEnAttente(orientation=ENVOI))
    assert loop_of(monde).is_open, "une liste d'attente n'est pas une réponse"
    monde.now += HOUR
    monde.dit(CENTRE, acceptee(ENVOI))
    first = loop_of(monde)
    assert (first.received, first.answered) == (MAINTENANT, MAINTENANT + 2 * HOUR)
    assert first.is_in_time()
    monde.now += HOUR
    monde.dit(CENTRE, refusee(ENVOI))
    assert loop_of(monde).answered == first.answered, "ce qui suit n'est plus la réponse"


def test_an_answer_is_late_or_in_time_by_the_deadline_that_ran_when_it_came(monde: Monde):
    due = loop_of(monde).due
    assert due is not None
    monde.now = due + HOUR
    assert loop_of(monde).is_judged(monde.now), "en retard avant même d'être répondue"
    monde.dit(CENTRE, refusee(ENVOI))
    assert loop_of(monde).due == due
    assert not loop_of(monde).is_in_time()


def test_what_the_siao_takes_back_is_no_answer_and_is_not_held_against_anybody(monde: Monde):
    monde.dit(SIAO, OrientationAnnulee(orientation=ENVOI))
    taken_back = loop_of(monde)
    assert (taken_back.answered, taken_back.is_open, taken_back.is_judged(monde.now)) == (None, False, False)


def structure_of(place: UUID | None = None, described: PlaceVacante | None = None) -> str | None:
    """The structure of a loop: a referral to a place as it was described, or to a structure."""
    monde = Monde()
    if described is not None:
        monde.dit(CENTRE, described)
    monde.dit(SIAO, proposition(ENVOI, place))
    monde.dit(HUB, LivraisonRemise(objet=ENVOI, nature="orientation", partenaire=CENTRE, remise_le=monde.now))
    return loop_of(monde).structure


def test_a_loop_is_of_the_structure_that_it_was_for_or_whose_place_it_was():
    assert structure_of() == FINESS
    assert structure_of(PLACE, vacance(PLACE)) == FINESS


def test_a_structure_whose_address_is_secret_is_noted_nowhere_and_told_no_more_once_it_is():
    assert structure_of(PLACE, vacance(PLACE, protegee=True)) is None
    assert structure_of(PLACE, vacance(PLACE, type_place=FEMMES_VICTIMES_DE_VIOLENCES)) is None
    hidden = REGISTRE.partners[CENTRE].model_copy(update={"structures_protegees": (FINESS,)})
    registre = Registry.of([hidden, REGISTRE.partners[SIAO]])
    monde = Monde(registry=registre)
    for place, contrat in ((PLACE, vacance(PLACE)), (None, None)):
        envoi = ident(f"envoi {place}")
        if contrat is not None:
            monde.dit(CENTRE, contrat)
            assert monde.place(PLACE).structure is None
        monde.dit(SIAO, proposition(envoi, place))
        assert monde.orientation(envoi).structure is None
    monde = Monde()
    monde.dit(SIAO, proposition(ENVOI))
    received = replace(monde.orientation(ENVOI), remise_le=monde.now)
    for registry, told in ((REGISTRE, FINESS), (registre, None)):
        loop = Loop.of(received, registry)
        assert loop is not None
        assert loop.structure == told


def without_its_structure(**said: Any) -> Registry:
    """The usual registry, but for what it says of the shelter's structure."""
    changed = REGISTRE.partners[CENTRE].model_copy(update=said)
    return Registry.of([changed, *(p for p in REGISTRE.partners.values() if p.id != CENTRE)])


@each_row(
    "since",
    [{"structures_protegees": (FINESS,)}, {"structures": ()}, {"structures_protegees": "scelle:AAAA"}],
)
def test_a_structure_that_became_secret_or_that_nobody_can_judge_is_told_of_no_referral_to_its_places(
    since: dict[str, Any],
):
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    assert monde.place(PLACE).structure == FINESS
    monde.registry = without_its_structure(**since)
    monde.dit(SIAO, proposition(ENVOI, PLACE))
    assert monde.orientation(ENVOI).structure is None


def test_a_structure_that_has_left_the_registry_is_told_of_no_loop():
    monde = Monde()
    monde.dit(SIAO, proposition(ENVOI))
    received = replace(monde.orientation(ENVOI), remise_le=monde.now)
    loop = Loop.of(received, without_its_structure(structures=()))
    assert loop is not None
    assert loop.structure is None


def test_the_level_of_some_loops():
    loops = [
        loop(10 * HOUR, answered=2 * HOUR, due=4 * HOUR),
        loop(11 * HOUR, answered=6 * HOUR, due=4 * HOUR),
        loop(12 * HOUR, answered=4 * HOUR),
        loop(13 * HOUR, due=20 * HOUR),
        loop(50 * HOUR, due=20 * HOUR),
        loop(300 * HOUR),
    ]
    said = service_of(loops, MAINTENANT)
    assert (said.in_time, said.late, said.open) == (2, 2, 3)
    assert said.share == 0.5
    assert (said.median_h, said.p90_h) == (4.0, 5.6)
    assert said.ages == (1, 1, 1)
    assert said.oldest is loops[-1]


def test_nothing_has_no_share_and_no_delay():
    nothing = service_of([], MAINTENANT)
    assert (nothing.share, nothing.median_h, nothing.oldest) == (None, None, None)


def test_an_objective_counts_from_its_day():
    assert objective(date(2025, 12, 31)) is None
    wanted = objective(date(2026, 6, 1))
    assert wanted is not None
    assert 0 < wanted.part <= 1
