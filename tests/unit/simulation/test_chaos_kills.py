"""A kill is a SIGKILL of something alive, and what follows a death is decided by the seed."""

import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local.process import Child
from simulation.chaos import clocks
from simulation.chaos.crew import Crew, Member, rebirth
from simulation.chaos.faults import FAULTS
from simulation.chaos.ground import Missed
from simulation.chaos.kills import HUB, Kills
from simulation.chaos.points import Point

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def crew(folder: Path) -> Crew:
    return Crew(folder, {}, 1, Kills(), sabotage=False)


def alive(member: Member) -> Member:
    member.child.spawn(SLEEPER)
    return member


def test_who_is_dead_cannot_be_killed_again(tmp_path: Path) -> None:
    with crew(tmp_path) as found:
        member = alive(found.members[0])
        assert found.kill([member], member.role)
        assert not found.kill([member], member.role)
        assert found.kills.by_role == {"gateway": 1}


def test_a_power_cut_is_one_kill_however_many_it_hits(tmp_path: Path) -> None:
    with crew(tmp_path) as found:
        members = [alive(member) for member in found.members[:3]]
        assert found.kill(found.members, HUB)
        assert found.kills.by_role == {HUB: 1}
        assert [member.child.pid for member in members] == [None] * 3


def test_a_kill_counts_as_one_on_unfinished_work_only_while_something_waits() -> None:
    kills, waiting = Kills(), [True]
    kills.unfinished = lambda: waiting[0]
    kills.note("worker")
    waiting[0] = False
    kills.note("worker")
    assert (kills.total, kills.on_unfinished) == (2, 1)


def test_what_was_waiting_when_the_kill_came_counts_not_what_it_left(tmp_path: Path) -> None:
    child, kills = Child(tmp_path, tmp_path / "log"), Kills()
    child.spawn(SLEEPER)
    kills.unfinished = lambda: child.pid is not None
    kills.hit("worker", [child])
    assert kills.on_unfinished == 1


def test_a_process_that_is_started_again_with_another_clock_is_not_killed(tmp_path: Path) -> None:
    with crew(tmp_path) as found:
        member = alive(found.members[0])
        ground: Any = SimpleNamespace(crew=found, member=lambda _: member)
        with clocks.off(ground, Random(1)):
            assert member.child.pid is None
            assert member.child.status != -9
            assert abs(member.clock_off_s) == clocks.OFF_SECONDS
        assert found.kills.total == 0
        assert member.killed  # no news for the keeper


def test_an_end_that_nobody_has_seen_yet_stays_news_when_a_kill_comes_after_it(tmp_path: Path) -> None:
    with crew(tmp_path) as found:
        member = found.members[0]
        member.child.spawn(["false"])
        deadline = time.monotonic() + 10
        while member.child.pid is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        found.kill([member], member.role)
        assert not member.killed
        assert found.kills.total == 0


@pytest.mark.parametrize("name", ["kill-role", "freeze-role"])
def test_a_fault_that_finds_its_victim_dead_did_not_happen(tmp_path: Path, name: str) -> None:
    with crew(tmp_path) as found:
        ground: Any = SimpleNamespace(crew=found, member=lambda _: found.members[0])
        with pytest.raises(Missed), FAULTS[name].act(ground, Random(1)):
            pass


def test_how_a_process_comes_back_is_decided_by_the_seed_its_name_and_its_life_alone() -> None:
    def all_of(seed: int) -> list[object]:
        return [rebirth(seed, f"worker-{n}", "worker", life) for n in (1, 2) for life in range(20)]

    assert all_of(7) == all_of(7)
    assert all_of(7) != all_of(8)
    sabotaged = Counter(reborn.sabotage is not None for reborn in all_of(7))  # type: ignore[attr-defined]  # a Rebirth
    assert sabotaged[True] > 2
    assert sabotaged[False] > 20


def test_whoever_puts_the_next_set_dies_between_two_of_its_files(tmp_path: Path) -> None:
    with crew(tmp_path) as found:
        dispatchers = [alive(member) for member in found.members if member.role == "dispatcher"]
        ground: Any = SimpleNamespace(crew=found)
        with FAULTS["set-kill"].act(ground, Random(1)):
            assert [member.child.pid for member in dispatchers] == [None] * len(dispatchers)
        armed = [member.sabotage.point for member in dispatchers if member.sabotage]
        assert armed == [Point.WITHIN_SET] * len(dispatchers)
