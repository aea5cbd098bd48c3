"""What time brings: a reservation that ran out is released, if need be later, and none waits for another."""

from datetime import timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable, Misconfigured
from ops.retention import sweeping as retention
from ops.running import scheduler
from router.domain.partners import Registry
from router.domain.roles import Role
from router.leased import deadlines
from router.process import heartbeat
from tests.integration import accidents, clock
from tests.integration.reservations import ran_out, released
from tests.integration.waiting import until
from tests.integration.world import World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked ten times a second."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.1)


@pytest.mark.usefixtures("soon_again")
async def test_a_reservation_whose_manager_is_not_in_the_registry_is_put_off_and_keeps_no_other_waiting(
    prepared: World,
) -> None:
    everybody = prepared.registry()
    await prepared.start(Role.WORKER)
    await prepared.apply(Registry.of(p for p in everybody.partners.values() if p.id != "centre"))
    put_off = await ran_out(prepared, "centre", *range(2, 3 + deadlines.BATCH))
    other = await ran_out(prepared, "centre-boite", 1)

    async def so_far(expected: set[UUID]) -> bool:
        return await released(prepared) == expected

    await until(lambda: so_far(other), "l'autre place est libérée")
    waiting = await prepared.deadlines()
    assert {each.subject for each in waiting if each.next_in and each.next_in > 50 * MINUTE} == put_off

    await prepared.apply(everybody)
    await clock.reservations_run_out(prepared, 60 * MINUTE)
    await until(lambda: so_far(other | put_off), "le gestionnaire revenu, elles sont libérées aussi")
    assert await prepared.count("event") == len(put_off) + 1


@pytest.mark.usefixtures("soon_again")
async def test_a_retention_that_fails_is_in_the_log_once_and_keeps_no_reservation_waiting(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [Misconfigured("journal plein"), BusUnavailable("trop long")]
    pauses = [0.0, scheduler.RETENTION_RETRY_SECONDS]

    async def sweep(*_: object) -> None:
        """Fail, soon again, and then not again in this test."""
        monkeypatch.setattr(scheduler, "RETENTION_RETRY_SECONDS", pauses.pop(0))
        raise failures.pop(0)

    async def all_released() -> bool:
        return await released(prepared) == places

    places: set[UUID] = set()
    monkeypatch.setattr(retention, "sweep", sweep)
    with capture_logs() as logged:
        await prepared.start(Role.SCHEDULER, Role.WORKER)
        for _ in range(3):
            places |= await ran_out(prepared, "centre", 1)
            await until(all_released, "la place est libérée")
        await until(lambda: not failures, "la seconde a échoué aussi")
    ours = [(line["event"], line["reason"]) for line in logged if line["event"].startswith("scheduler.")]
    assert ours == [("scheduler.misconfigured", "journal plein"), ("scheduler.retention_waits", "trop long")]
    assert prepared.alive


async def test_what_nobody_has_decided_for_a_fortnight_is_in_the_log_and_nothing_younger(
    prepared: World,
) -> None:
    for days, cause, partner in ((20, "bug", "centre"), (15, "bug", "centre"), (13, "bug", "siao-01")):
        etat = "classee" if days > 19 else "ouverte"
        await accidents.undecided_since(prepared, days, etat, cause, partner)
    with capture_logs() as logged:
        await prepared.start(Role.SCHEDULER)
        await until(
            lambda: any(line["event"] == "scheduler.retention" for line in logged), "il a fait son tour"
        )
    told = [(x["partner"], x["cause"], x["number"]) for x in logged if x["event"] == "quarantine.undecided"]
    assert told == [("centre", "bug", 1)]
