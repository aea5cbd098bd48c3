"""Faults that break the same thing wait for each other, and others do not; one that misses did not happen."""

import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from simulation.chaos.faults import Fault
from simulation.chaos.ground import Missed
from simulation.chaos.plan import Planned
from simulation.chaos.recovery import Recoveries
from simulation.chaos.storm import FaultFailed, Storm


def lasting(until: threading.Event):
    @contextmanager
    def act(_ground, _chance):
        until.wait(5)
        yield

    return act


def test_faults_that_break_one_thing_in_common_never_overlap():
    done = threading.Event()
    ground: Any = SimpleNamespace(over=threading.Event(), wait=lambda _: None)
    faults = {
        "tout": Fault("tout", lasting(done), breaks=("kafka", "group")),
        "groupe": Fault("groupe", lasting(done), breaks=("group",)),
        "base": Fault("base", lasting(done), breaks=("postgres",)),
    }
    planned = [Planned(0.0, name, "graine") for name in faults]
    storm = Storm(ground, faults, planned, Recoveries())
    storm.advance(1.0)
    assert sorted(storm.under_way) == ["base", "tout"]
    done.set()
    deadline = time.monotonic() + 5
    while len(storm.ended) < len(faults) and time.monotonic() < deadline:
        storm.advance(1.0)
        time.sleep(0.01)
    storm.end()
    assert sorted(ended.name for ended in storm.ended) == ["base", "groupe", "tout"]


def test_after_a_fault_that_wants_calm_nothing_else_breaks_what_it_broke():
    ground: Any = SimpleNamespace(over=threading.Event(), wait=lambda seconds: calm.append(seconds))
    calm: list[float] = []
    over = threading.Event()
    over.set()
    faults = {"minute": Fault("minute", lasting(over), breaks=("kafka",), calm_s=40)}
    storm = Storm(ground, faults, [Planned(0.0, "minute", "graine")], Recoveries())
    storm.advance(1.0)
    storm.end()
    assert calm == [40]


def storm_of(error: Exception) -> Storm:
    """One fault, that ends before it began."""

    def act(_ground, _chance):
        raise error

    ground: Any = SimpleNamespace(over=threading.Event(), wait=lambda _: None)
    storm = Storm(ground, {"x": Fault("x", act)}, [Planned(0.0, "x", "graine")], Recoveries())
    storm.advance(1.0)
    return storm


def test_a_fault_that_found_nothing_to_break_did_not_happen():
    storm = storm_of(Missed())
    storm.end()
    assert storm.ended == []


def test_a_fault_that_fails_says_which_it_was():
    with pytest.raises(FaultFailed, match="« x »"):
        storm_of(OSError("plus de place")).end()
