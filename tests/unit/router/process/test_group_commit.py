"""Group commit: who shares a commit with whom, and who learns of which failure."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable, InvalidContract
from router.process import halving
from router.process.group_commit import GroupCommit
from router.telemetry.metrics import HALVED
from router.telemetry.repeats import Repeats


class Commits:
    """A commit whose groups are kept, that can be held open, and that fails as it is told to."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = asyncio.Event()
        self.started = asyncio.Event()
        self.open.set()
        self.failures: dict[str, BaseException] = {}

    async def __call__(self, items: Sequence[str]) -> list[str]:
        self.groups.append(list(items))
        self.started.set()
        await self.open.wait()
        for item in items:
            if item in self.failures:
                raise self.failures[item]
        return [item.upper() for item in items]


@pytest.fixture
async def commits() -> Commits:
    return Commits()


class Senders:
    """Tasks that submit an item each, and what became of them."""

    def __init__(self, group: GroupCommit[str, str]) -> None:
        self._group = group
        self.tasks: list[asyncio.Task[str]] = []

    async def submit(self, items: str) -> None:
        """One sender a letter; all of them wait when this returns."""
        self.tasks += [asyncio.create_task(self._group.submit(item)) for item in items]
        await asyncio.sleep(0)

    async def outcomes(self) -> list[str | BaseException]:
        return await asyncio.wait_for(asyncio.gather(*self.tasks, return_exceptions=True), timeout=5)


async def behind_an_open_commit(commits: Commits, items: str, max_group: int = 256) -> Senders:
    """`a` is being committed, and these wait behind it."""
    senders = Senders(GroupCommit(commits, "essai", max_group))
    commits.open.clear()
    await senders.submit("a")
    await commits.started.wait()
    await senders.submit(items)
    return senders


async def test_items_that_arrive_while_a_commit_runs_share_the_next(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bcd")
    commits.open.set()
    assert await senders.outcomes() == ["A", "B", "C", "D"]
    assert commits.groups == [["a"], ["b", "c", "d"]]


async def test_items_that_are_ready_in_one_turn_of_the_loop_share_a_commit(commits: Commits) -> None:
    senders = Senders(GroupCommit(commits, "essai"))
    await senders.submit("a")
    await senders.submit("b")
    await senders.outcomes()
    assert commits.groups == [["a", "b"]]


async def test_one_commit_runs_at_a_time(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bcd")
    assert commits.groups == [["a"]]
    commits.open.set()
    await senders.outcomes()


async def test_an_item_that_comes_alone_is_committed_at_once(commits: Commits) -> None:
    group = GroupCommit(commits, "essai")
    assert await group.submit("a") == "A"
    assert await group.submit("b") == "B"
    assert commits.groups == [["a"], ["b"]]


async def test_a_group_has_at_most_its_size(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bcdefgh", max_group=3)
    commits.open.set()
    assert await senders.outcomes() == list("ABCDEFGH")
    assert commits.groups == [["a"], ["b", "c", "d"], ["e", "f", "g"], ["h"]]


@pytest.mark.parametrize("offender", list("bcdefg"))
async def test_a_failure_on_data_is_halved_until_only_the_offender_fails(
    commits: Commits, offender: str
) -> None:
    refused = InvalidContract("illisible")
    commits.failures[offender] = refused
    senders = await behind_an_open_commit(commits, "bcdefg")
    commits.open.set()
    expected = ["A", *(refused if item == offender else item.upper() for item in "bcdefg")]
    assert await senders.outcomes() == expected


async def test_what_made_a_group_be_halved_is_counted_and_told_also_where_its_halves_succeed(
    commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halving, "_told", Repeats())
    senders = await behind_an_open_commit(commits, "bcdefg")
    before = HALVED.labels("essai")._value.get()

    async def only_two_at_once(items: Sequence[str]) -> list[str]:
        if len(items) > 2:
            raise asyncpg.CheckViolationError("une valeur")
        return [item.upper() for item in items]

    senders._group._commit = only_two_at_once
    with capture_logs() as logged:
        commits.open.set()
        assert await senders.outcomes() == list("ABCDEFG")
    assert HALVED.labels("essai")._value.get() - before == 3
    (line,) = logged
    assert (line["event"], line["number"], line["type"]) == ("transaction.halved", 6, "CheckViolationError")
    assert "une valeur" not in str(line)


async def test_of_several_offenders_each_learns_of_its_own_failure(commits: Commits) -> None:
    one, other = InvalidContract("une"), asyncpg.CheckViolationError("deux")
    commits.failures = {"b": one, "e": other}
    senders = await behind_an_open_commit(commits, "bcde")
    commits.open.set()
    assert await senders.outcomes() == ["A", one, "C", "D", other]


async def test_a_database_that_is_away_fails_the_whole_group_without_trying_its_halves(
    commits: Commits,
) -> None:
    away = BusUnavailable("base absente")
    commits.failures["c"] = away
    senders = await behind_an_open_commit(commits, "bcd")
    commits.open.set()
    assert await senders.outcomes() == ["A", away, away, away]
    assert commits.groups == [["a"], ["b", "c", "d"]]


async def test_a_failed_group_does_not_stop_the_next(commits: Commits) -> None:
    commits.failures["a"] = BusUnavailable("base absente")
    senders = await behind_an_open_commit(commits, "b")
    commits.open.set()
    assert (await senders.outcomes())[1] == "B"


async def test_a_bug_fails_its_group_and_those_who_wait_behind_it_go_on(commits: Commits) -> None:
    bug = ZeroDivisionError()
    commits.failures["a"] = bug
    senders = await behind_an_open_commit(commits, "bc")
    commits.open.set()
    assert await senders.outcomes() == [bug, "B", "C"]


async def test_a_bug_that_one_item_meets_fails_it_alone(commits: Commits) -> None:
    bug = ZeroDivisionError()
    commits.failures["c"] = bug
    senders = await behind_an_open_commit(commits, "bcde")
    commits.open.set()
    assert await senders.outcomes() == ["A", "B", bug, "D", "E"]


async def test_when_the_process_ends_nobody_waits_for_ever(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bc")
    drain = senders._group._task
    assert drain is not None
    drain.cancel()
    outcomes = await senders.outcomes()
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 3


async def test_a_waiter_that_goes_away_harms_nobody(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bcd")
    senders.tasks[2].cancel()
    commits.open.set()
    outcomes = await senders.outcomes()
    assert isinstance(outcomes[2], asyncio.CancelledError)
    assert [outcomes[0], outcomes[1], outcomes[3]] == ["A", "B", "D"]


async def test_the_one_being_committed_may_go_away_too(commits: Commits) -> None:
    senders = await behind_an_open_commit(commits, "bc")
    senders.tasks[0].cancel()
    commits.open.set()
    assert (await senders.outcomes())[1:] == ["B", "C"]


async def test_beyond_what_may_wait_a_sender_is_told_at_once_to_come_back(commits: Commits) -> None:
    senders = Senders(GroupCommit(commits, "essai", max_waiting=2))
    commits.open.clear()
    await senders.submit("a")
    await commits.started.wait()
    await senders.submit("bcd")
    assert senders.tasks[3].done()
    assert isinstance(senders.tasks[3].exception(), BusUnavailable)
    commits.open.set()
    assert (await senders.outcomes())[:3] == ["A", "B", "C"]


async def test_a_commit_that_answers_for_fewer_items_than_it_got_fails_them_all(commits: Commits) -> None:
    async def one_short(items: Sequence[str]) -> list[str]:
        return [item.upper() for item in items][:-1]

    senders = Senders(GroupCommit(one_short, "essai"))
    await senders.submit("ab")
    outcomes = await senders.outcomes()
    assert isinstance(outcomes[1], ValueError)
