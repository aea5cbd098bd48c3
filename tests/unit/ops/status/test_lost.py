"""«Is anything lost?» in one line, green only while a count says so."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from contracts.errors import BusUnavailable
from ops.balance import balanced, sql
from ops.balance.balanced import LONGEST, WINDOW, _begin, balance, recount
from ops.status.lost import loss_of, of_last_count
from ops.status.quantities import at
from router.domain.beats import Beat
from router.domain.roles import Role
from router.domain.vitals import COUNTED_EVERY, LastCount
from tests.rows import each_row
from tests.unit.ops.status.test_verdict import WELL

NOW = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
FINE = LastCount(NOW - WINDOW, NOW, 0)
LOST = replace(FINE, lost=3)


@each_row(
    ("last", "age", "tone", "words"),
    [
        (FINE, 2 * COUNTED_EVERY, "green", "Rien de perdu parmi ce que le hub a accepté depuis 13/01"),
        (FINE, 2 * COUNTED_EVERY + timedelta(seconds=1), "inconnu", "Messages perdus de vue : inconnu"),
        (None, timedelta(), "inconnu", "« siao-hub compte » le dit"),
        (LOST, timedelta(), "red", "3 messages ou livraisons à retrouver : « siao-hub compte »"),
        (LOST, timedelta(days=3), "red", "3 messages ou livraisons à retrouver : « siao-hub compte »"),
    ],
)
def test_only_a_recent_count_that_found_nothing_is_green(
    last: LastCount | None, age: timedelta, tone: str, words: str
) -> None:
    said = loss_of(last, NOW + age)
    assert said.tone == tone
    assert words in said.sentence


def test_a_count_that_is_older_than_a_breakdown_is_not_green_and_says_so() -> None:
    begins = NOW + timedelta(minutes=1)
    before = loss_of(FINE, NOW + timedelta(minutes=9), begins)
    assert before.tone == "inconnu"
    assert "avant la panne" in before.sentence
    assert before.sentence.endswith("« siao-hub compte » le dit"), "sans attendre le prochain compte"
    assert loss_of(replace(FINE, at=begins), NOW + timedelta(minutes=9), begins).tone == "green"
    assert loss_of(LOST, NOW + timedelta(minutes=9), begins).tone == "red"


def test_no_count_is_due_while_the_role_that_counts_is_dead() -> None:
    soon, waits = NOW + timedelta(minutes=1), "prochain quand « scheduler » reprendra"
    for last, began in ((FINE, None), (LOST, None), (FINE, NOW + timedelta(seconds=9))):
        assert waits in loss_of(last, soon, began, {Role.SCHEDULER}).sentence
        assert waits not in loss_of(last, soon, began, {Role.WORKER}).sentence


@pytest.mark.parametrize("last", [FINE, LOST])
def test_each_count_says_when_it_was_made_and_when_the_next_one_is_due(last: LastCount) -> None:
    counted, due = at(NOW, NOW), at(NOW + COUNTED_EVERY, NOW)
    assert f"(compté à {counted}, prochain à {due})" in loss_of(last, NOW + timedelta(minutes=9)).sentence
    assert f"(compté à {counted}, prochain imminent)" in loss_of(last, NOW + timedelta(minutes=19)).sentence
    assert (
        f"(compté à {counted}, attendu depuis {due})" in loss_of(last, NOW + timedelta(minutes=21)).sentence
    )


@each_row(
    ("last", "lives", "said"),
    [
        (FINE, timedelta(minutes=1), []),
        (LOST, timedelta(minutes=1), ["3 messages ou livraisons à retrouver : « siao-hub compte »"]),
        (None, timedelta(minutes=19), []),
        (None, timedelta(minutes=21), ["aucun, et chaque essai échoue depuis : « siao-hub compte »"]),
        (replace(FINE, at=NOW - timedelta(days=2)), timedelta(minutes=19), []),
        (
            replace(FINE, at=NOW - timedelta(minutes=21)),
            timedelta(days=2),
            ["le dernier à "],
        ),
        (None, None, []),
    ],
)
def test_a_loss_is_a_broken_safeguard_and_so_is_a_count_that_fails_while_a_scheduler_lives(
    last: LastCount | None, lives: timedelta | None, said: list[str]
) -> None:
    beats = (Beat(Role.SCHEDULER, "m", 1, "1", NOW - lives, NOW, None),) if lives else ()
    found = [*of_last_count(replace(WELL, beats=beats, last_count=last), NOW)]
    assert [each.holds for each in found] == [False] * len(said)
    assert all(each.state.startswith(words) for each, words in zip(found, said, strict=True)), found


Periods = list[tuple[datetime, datetime]]


def counted(monkeypatch: pytest.MonkeyPatch, kept: list[Any]) -> Periods:
    """The periods whose statements are asked for, of a database in which each day has lost one event."""
    periods: Periods = []

    async def last_count(_: object) -> LastCount:
        return replace(LOST, since=datetime.now(UTC) - timedelta(days=3, hours=1))

    async def oldest(_: object) -> datetime:
        return datetime.now(UTC) - timedelta(days=90)

    async def accepted(_: object, since: datetime, until: datetime, most: int) -> Sequence[Any]:
        periods.append((since, until))
        lost = SimpleNamespace(fate="SANS_TRACE", number=1, ids=[uuid4()])
        return [SimpleNamespace(fate="total", number=1, ids=None), lost]

    async def due(*_: object) -> Sequence[Any]:
        return []

    async def keep_count(_: object, *count: object) -> None:
        kept.append(count)

    asked = {"last_count": last_count, "oldest": oldest, "accepted": accepted, "due": due}
    for name, answer in {**asked, "keep_count": keep_count}.items():
        monkeypatch.setattr(sql, name, answer)
    return periods


NOBODY = cast("Any", SimpleNamespace(statement=nullcontext))


async def test_a_count_of_many_days_is_read_in_few_parts_and_leaves_no_day_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[Any] = []
    periods = counted(monkeypatch, kept)
    assert await recount(NOBODY) == len(periods)
    assert [until - since for since, until in periods][:2] == [WINDOW, 2 * WINDOW]
    assert all(before[1] == after[0] for before, after in pairwise(periods))
    assert kept == [(periods[0][0], periods[-1][1], 3)]


async def test_a_day_that_takes_too_long_is_unknown_and_no_count_goes_on_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[Any] = []
    periods = counted(monkeypatch, kept)
    quick = sql.accepted

    async def never_ends(connection: Any, since: datetime, until: datetime, most: int) -> Sequence[Any]:
        if len(periods) == 2:
            await asyncio.Event().wait()
        return await quick(connection, since, until, most)

    monkeypatch.setattr(sql, "accepted", never_ends)
    monkeypatch.setattr(balanced, "COUNT_SECONDS", 0)
    until = datetime.now(UTC)
    since = until - timedelta(days=5)
    found = await balance(NOBODY, since, until)
    assert (found.accounts[0].lost, found.counted_to) == (2, since + 3 * WINDOW)
    with pytest.raises(BusUnavailable, match="le compte d'un jour"):
        await recount(NOBODY)
    assert kept == []


def counted_a_day_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Periods:
    """Let counting more than a day never end; return the periods that are counted."""
    periods = counted(monkeypatch, [])
    quick = sql.accepted

    async def slow_at_length(connection: Any, since: datetime, until: datetime, most: int) -> Sequence[Any]:
        if until - since > WINDOW:
            await asyncio.Event().wait()
        return await quick(connection, since, until, most)

    monkeypatch.setattr(sql, "accepted", slow_at_length)
    return periods


async def test_what_takes_too_long_at_once_is_counted_a_day_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    periods = counted_a_day_at_a_time(monkeypatch)
    monkeypatch.setattr(balanced, "COUNT_SECONDS", 0)
    until = datetime.now(UTC)
    found = await balance(NOBODY, until - timedelta(days=5), until)
    assert (found.counted_to, len(periods)) == (until, 5)


async def test_a_reader_who_waits_no_longer_gets_the_parts_counted_so_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    periods = counted_a_day_at_a_time(monkeypatch)
    until = datetime.now(UTC)
    since = until - timedelta(days=5)
    found = await balance(NOBODY, since, until, within_s=0.1)
    assert (found.counted_to, len(periods)) == (since + WINDOW, 1)

    async def never_ends(_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(sql, "oldest", never_ends)
    found = await balance(NOBODY, since, until, within_s=0.1)
    assert (found.counted_to, len(periods)) == (since, 1), (
        "le plus ancien message se cherche dans toute la table"
    )


@each_row(
    ("last", "begin"),
    [
        (None, NOW - WINDOW),
        (FINE, NOW - WINDOW),
        (LOST, LOST.since),
        (replace(FINE, at=NOW - timedelta(days=2)), NOW - timedelta(days=2)),
        (replace(LOST, since=NOW - timedelta(days=9)), NOW - LONGEST),
    ],
)
def test_a_count_begins_where_the_last_one_ended_and_reaches_back_to_a_loss_that_it_found(
    last: LastCount | None, begin: datetime
) -> None:
    assert _begin(last, NOW) == begin
