"""Failed authentications: counted by address, told ever more slowly, remembered within bounds."""

import asyncio
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from connectors import failures
from connectors.failures import ADDRESSES, AT_ONCE, HELD_SECONDS, PER_SECOND, Failures
from contracts.unknown_keys import UnknownKeys

NOW = 1000.0


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long answers were held."""
    seconds: list[float] = []

    async def sleep(delay: float) -> None:
        seconds.append(delay)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


async def fail(known: Failures, times: int, host: str = "192.0.2.1") -> list[int]:
    return [(await known.answer(host)).status for _ in range(times)]


async def test_the_first_failures_are_told_at_once_and_later_ones_wait_and_then_are_429(slept):
    known = Failures(lambda: NOW)
    assert await fail(known, AT_ONCE) == [401] * AT_ONCE
    assert slept == []
    held = int(HELD_SECONDS * PER_SECOND)
    assert await fail(known, held + 2) == [401] * held + [429] * 2
    assert slept == [pytest.approx((n + 1) / PER_SECOND) for n in range(held)]


async def test_another_address_waits_for_nobody(slept):
    known = Failures(lambda: NOW)
    await fail(known, 100)
    slept.clear()
    assert await fail(known, 1, "192.0.2.2") == [401]
    assert slept == []


async def test_failures_are_logged_with_address_and_number_ever_more_rarely(slept):
    known = Failures(lambda: NOW)
    with capture_logs() as logs:
        await fail(known, 20)
        await fail(known, 1, "2001:db8::1")
    assert [(line["address"], line["failures"]) for line in logs] == [
        *[("192.0.2.1", n) for n in (1, 2, 4, 8, 16)],
        ("2001:db8::/64", 1),
    ]


async def test_however_many_addresses_fail_so_many_are_remembered():
    known = Failures(lambda: NOW)
    with capture_logs():
        for n in range(ADDRESSES + 10):
            await known.answer(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(known._failing) == ADDRESSES


async def test_only_so_many_answers_are_held_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(failures, "HELD_TOGETHER", 2)
    known = Failures(lambda: NOW)
    await fail(known, AT_ONCE)
    waiting = [asyncio.create_task(known.answer("192.0.2.1")) for _ in range(2)]
    await asyncio.sleep(0)
    assert await fail(known, 1) == [429]
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_a_series_says_when_it_began_and_when_its_last_failure_was(slept):
    known = Failures(lambda: NOW)
    before = datetime.now(UTC)
    await fail(known, 1)
    first = known.in_the_last_hour()
    await fail(known, 1, "192.0.2.2")
    series = known.in_the_last_hour()
    assert first.since is not None
    assert first.last is not None
    assert series.last is not None
    assert before <= first.since == first.last
    assert series.since == first.since
    assert first.last < series.last <= datetime.now(UTC)
    assert series.address == "192.0.2.2", "d'où vint la dernière"


async def test_those_of_the_last_hour_are_counted_and_older_ones_forgotten(slept):
    now = [NOW]
    known = Failures(lambda: now[0])
    await fail(known, 3)
    now[0] += 59 * 60
    await fail(known, 2, "192.0.2.2")
    assert known.in_the_last_hour().number == 5
    now[0] += 60
    assert known.in_the_last_hour().number == 2
    now[0] += 3600
    assert known.in_the_last_hour() == UnknownKeys()
