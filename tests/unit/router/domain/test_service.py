"""The level of service: one definition, from the receipt to the answer."""

from datetime import date, timedelta

import pytest

from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAnnulee, OrientationMiseEnAttente
from router.domain.parts import HUB
from router.domain.service import Loop, objective, service_of
from tests.unit.router.domain.monde import CENTRE, MAINTENANT, REGISTRE, SIAO, Monde, ident, proposition
from tests.unit.router.domain.reponses import acceptee, refusee

HOUR = timedelta(hours=1)
ENVOI = ident("envoi")


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
