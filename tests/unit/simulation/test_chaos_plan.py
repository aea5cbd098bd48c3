"""Which fault when, which process dies where: the seed alone decides."""

from random import Random

import pytest

from simulation.chaos import points
from simulation.chaos.crew import ROLES
from simulation.chaos.faults import FAULTS, chosen, impossible, left_out
from simulation.chaos.plan import plan
from simulation.chaos.points import BY_ROLE, Point, Sabotage

OFTEN = {"a": 3, "b": 1}


def test_the_same_seed_gives_the_same_faults_at_the_same_moments():
    assert plan(OFTEN, 300, seed=7) == plan(OFTEN, 300, seed=7)
    assert plan(OFTEN, 300, seed=7) != plan(OFTEN, 300, seed=8)


def test_every_fault_comes_in_each_round_as_often_as_the_table_says():
    names = [planned.name for planned in plan(OFTEN, 600, seed=1)]
    for begin in range(0, len(names) - 4, 4):
        assert sorted(names[begin : begin + 4]) == ["a", "a", "a", "b"]


def test_twenty_minutes_of_everything_hold_sixty_kills():
    often = {
        name: fault.often for name, fault in chosen("all", impossible(1, disks=True, machines=True)).items()
    }
    for seed in range(10):
        kills = [p for p in plan(often, 1200, seed) if p.name.startswith("kill-") or p.name == "points"]
        assert len(kills) >= 60


def test_no_fault_asked_for_is_no_plan():
    assert plan({}, 600, seed=1) == []


def test_two_brokers_are_never_killed_of_one():
    assert "kill-two-brokers" not in chosen("all", impossible(1, disks=True, machines=True))
    assert "kill-two-brokers" in chosen("all", impossible(3, disks=True, machines=True))


def test_all_is_every_fault_but_those_that_are_left_out_with_a_reason():
    nothing = impossible(3, disks=True, machines=True)
    assert nothing == {}
    assert chosen("all", nothing).keys() | left_out(nothing).keys() == FAULTS.keys()
    assert left_out(nothing).keys() == {
        *("postgres-restored", "failover", "failover-sync", "failover-behind", "merger"),
        *(f"minute-{what}" for what in ("hub", "postgres", "kafka", "partner")),
        *("partition-1", "partition-2", "partition-3"),
    }
    assert chosen("postgres-restored", nothing).keys() == {"postgres-restored"}


def test_where_no_disk_can_be_mounted_its_fault_is_left_out_and_says_so():
    unable = impossible(3, disks=False, machines=True)
    assert unable.keys() == {"disk-full"}
    assert "monter un disque" in left_out(unable)["disk-full"]
    assert "disk-full" not in chosen("all", unable)
    with pytest.raises(ValueError, match="monter un disque"):
        chosen("disk-full", unable)


def test_where_no_machine_can_be_made_none_is_cut_off():
    unable = impossible(3, disks=True, machines=False)
    assert unable.keys() == {"partition-1", "partition-2", "partition-3"}
    with pytest.raises(ValueError, match="il faut être root"):
        chosen("partition-1", unable)


def test_an_unknown_fault_is_named():
    with pytest.raises(ValueError, match="tremblement"):
        chosen("kill-role, tremblement", impossible(1, disks=True, machines=True))


def test_every_role_has_points_and_every_point_a_role():
    assert BY_ROLE.keys() == set(ROLES)
    assert {point for found in BY_ROLE.values() for point in found} == set(Point)


def test_a_process_is_told_by_its_environment():
    told = points.sabotage_of({"PATH": "/bin", **Sabotage(Point.AFTER_SEND, 3).environment})
    assert told == Sabotage(Point.AFTER_SEND, 3)
    assert points.sabotage_of({"PATH": "/bin"}) is None


def test_a_drawn_point_is_one_that_the_role_passes():
    chance = Random(1)
    for role in ROLES:
        drawn = points.draw(role, chance)
        assert drawn.point in BY_ROLE[role]
        assert drawn.passage >= 1
