"""What is told of deliveries to a partner: since its first failure, and when they last arrived."""

import time
from datetime import UTC, datetime
from typing import cast
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest

from contracts.errors import Misconfigured, PartnerUnavailable, Refused, Throttled
from contracts.partner import Famille, Partner
from router.delivery import outlet as outlets
from router.delivery.outlet import Outlet
from router.delivery.refusals import REFUSALS_TO_HOLD
from router.domain.correspondents import Contact
from router.process.heartbeat import _Feed
from router.process.leases import Lease
from router.store.heartbeat import ContactNews
from router.telemetry.outages import OutageLog

START = datetime(2026, 1, 12, 3, tzinfo=UTC)
AWAY = PartnerUnavailable("HTTP 503")


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(START.timestamp() + self.seconds, UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(outlets, "utc_now", clock)
    return clock


@pytest.fixture
def outlet(clock: Clock) -> Outlet:
    return made()


def made() -> Outlet:
    partner = Partner(id=f"siao-{uuid4()}", nom="SIAO", famille=Famille.SIAO, territoire="01")
    outlet = Outlet(partner, cast("Lease", None), OutageLog("sortie", partner.id))
    outlet.answered()
    return outlet


def news(outlet: Outlet) -> ContactNews:
    found = outlet.news(time.monotonic())
    assert found is not None
    return found


def test_a_partner_that_is_away_is_so_since_its_first_failure(outlet: Outlet, clock: Clock) -> None:
    for second in (10, 12, 16, 24, 40):
        clock.seconds = second
        outlet.failed(time.monotonic(), AWAY)
    told = news(outlet)
    assert (told.etat, (told.since - START).total_seconds()) == (Contact.INJOIGNABLE, 10)
    assert (told.seen_at - START).total_seconds() == 40
    assert told.succeeded_at == START


def test_a_partner_that_hangs_is_away_after_a_minute_however_few_attempts_there_were(
    outlet: Outlet, clock: Clock
) -> None:
    for second, contact in ((30, Contact.JOIGNABLE), (61, Contact.JOIGNABLE), (95, Contact.INJOIGNABLE)):
        clock.seconds = second
        outlet.failed(time.monotonic(), AWAY)
        assert news(outlet).etat == contact


def test_a_partner_that_came_back_in_between_fails_anew(outlet: Outlet, clock: Clock) -> None:
    outlet.failed(time.monotonic(), AWAY)
    clock.seconds = 300
    outlet.answered()
    clock.seconds = 301
    outlet.failed(time.monotonic(), AWAY)
    assert news(outlet).etat == Contact.JOIGNABLE


def test_a_partner_that_takes_all_is_told_anew_no_more_than_twice_a_minute(
    outlet: Outlet, clock: Clock
) -> None:
    news(outlet)
    told_at = []
    for clock.seconds in range(120):
        outlet.answered()
        if (told := outlet.news(time.monotonic())) is not None:
            assert told.succeeded_at == clock()
            told_at.append(clock.seconds)
    assert told_at == [30, 60, 90]


def test_a_partner_that_takes_a_delivery_after_it_asked_to_wait_is_told_at_once_without_that_cause(
    outlet: Outlet,
) -> None:
    outlet.throttled(time.monotonic(), Throttled("HTTP 429", 5))
    assert news(outlet).cause == "HTTP 429"
    outlet.answered()
    assert news(outlet).cause is None


def test_a_partner_that_does_not_let_us_in_says_so_at_once(outlet: Outlet) -> None:
    outlet.denied(time.monotonic(), uuid4(), Misconfigured("HTTP 401"))
    told = news(outlet)
    assert (told.etat, told.cause) == (Contact.ACCES_REFUSE, "HTTP 401")


def refuses(outlet: Outlet, kind: str, times: int = REFUSALS_TO_HOLD) -> ContactNews:
    for _ in range(times):
        outlet.refused(time.monotonic(), [kind], Refused("HTTP 422"))
    return news(outlet)


def test_a_partner_that_refuses_one_type_is_told_with_it_since_the_first_refusal_and_does_not_refuse_all(
    outlet: Outlet, clock: Clock
) -> None:
    clock.seconds = 10
    assert not refuses(outlet, "place.vacante", REFUSALS_TO_HOLD - 1).refused_types
    clock.seconds = 20
    told = refuses(outlet, "place.vacante", 1)
    assert told.etat == Contact.JOIGNABLE
    assert told.refused_types == {"place.vacante": datetime.fromtimestamp(START.timestamp() + 10, UTC)}


def test_a_type_that_is_accepted_again_is_told_at_once(outlet: Outlet) -> None:
    refuses(outlet, "place.vacante")
    outlet.answered(["orientation.proposee"])
    assert news(outlet).refused_types == {"orientation.proposee": None}
    outlet.answered(["place.vacante"])
    assert outlet.turned
    assert news(outlet).refused_types == {"place.vacante": None}


def test_of_two_dispatchers_what_the_partner_said_last_of_a_type_stands_and_neither_repeats_what_it_heard_before(
    outlet: Outlet, clock: Clock
) -> None:
    other, record = made(), dict[str, datetime | None]()
    other.answered(["place.vacante"])
    record |= news(other).refused_types
    record |= refuses(outlet, "place.vacante").refused_types
    clock.seconds = 60
    other.answered(["orientation.proposee"])
    record |= news(other).refused_types
    assert record["place.vacante"], "l'autre n'efface pas ce refus"
    other.answered(["place.vacante"])
    clock.seconds = 120
    other.answered(["orientation.proposee"])
    record |= news(other).refused_types
    assert not record["place.vacante"], "le type est pris de nouveau"
    outlet.answered(["orientation.proposee"])
    record |= news(outlet).refused_types
    assert not record["place.vacante"], "l'un ne redit pas un refus d'avant"


def test_what_a_report_says_of_types_is_in_the_next_one_while_the_database_has_not_taken_it(
    outlet: Outlet, clock: Clock
) -> None:
    refuses(outlet, "place.vacante")
    feed = _Feed(lambda: [news(outlet)], AsyncMock())
    outlet.answered(["place.vacante"])
    feed.collect()
    clock.seconds = 60
    outlet.answered(["orientation.proposee"])
    feed.collect()
    (unwritten,) = feed.unwritten.values()
    assert unwritten.refused_types == {"place.vacante": None, "orientation.proposee": None}
    assert unwritten.seen_at == clock()


def test_a_partner_refuses_all_once_several_types_are_held_and_nothing_was_accepted_between(
    outlet: Outlet,
) -> None:
    refuses(outlet, "place.vacante")
    outlet.answered(["orientation.proposee"])
    assert refuses(outlet, "place.indisponible", REFUSALS_TO_HOLD - 1).etat == Contact.JOIGNABLE
    assert refuses(outlet, "place.indisponible", 1).etat == Contact.REFUSE
    outlet.answered(["orientation.proposee"])
    assert news(outlet).etat == Contact.JOIGNABLE
