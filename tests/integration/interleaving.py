"""Runs processes of the hub step by step, in an order that a seed decides. Equal seeds give equal steps.

A process stops at a gate before each statement, before and after each commit, before and after anything outside of
the database, and wherever it would wait. The scheduler opens one gate, waits until every process is at a gate again
or waits for another's lock (PostgreSQL says so), and chooses the next. No decision depends on real time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any, cast

from tests.integration.interleaving_gates import Gate, Ground, Kind, Process
from tests.integration.interleaving_sql import Watcher

HOPS = 10
"""Number of turns of the event loop in which a process surely reaches its next gate."""
PATIENCE_SECONDS = 0.004
"""Time after which a running statement is checked for locks. The result of the check decides, not the time."""
MOST_STEPS, MOST_RESTS = 20_000, 60
FAULTS = 12
FAULT_SHARE, FAULT_SHARE_AT_THE_EDGE = 0.005, 0.025
"""Probability of a fault at a gate; the second one around commits and actions outside of the database, where faults
do most harm."""
PACE_SHARE, PACES = 0.05, (0.02, 0.2, 1.0, 1.0, 5.0)
"""Probability that a process changes its pace, and its possible paces: how likely it is chosen."""
LONGEST_FREEZE_RESTS, LONGEST_THAW_STEPS = 4, 150
JUMPS_SECONDS = (5.0, 40.0, 100.0, 100.0)

_turn = asyncio.sleep


class Scheduler:
    """Opens gates until the story is over. `trace` has one line for each step."""

    def __init__(self, seed: int, ground: Ground, watcher: Watcher) -> None:
        self.trace: list[str] = []
        self._chance = Random(seed)
        self._ground = ground
        self._watcher = watcher
        self._processes: list[Process] = []
        self._faults = FAULTS
        self._rests = 0
        self._waiting: set[int] = set()

    def add(self, name: str, listens: tuple[str, ...], life: Callable[[Process], Awaitable[None]]) -> None:
        """Add a process to the story and start it."""
        process = Process(name, listens, life, self._ground, Random(self._chance.random()))
        self._processes.append(process)
        process.start()

    async def run(self, over: Callable[[], Awaitable[bool]]) -> None:
        """Run until all processes are idle and the story is over. Raises what a process raised; AssertionError if
        there is no end."""
        await self._settle()
        while True:
            if ready := self._ready():
                await self._one_step(ready)
            else:
                self._notice_failures()
                if not self._any_frozen() and await over():
                    return
                self._rest()
            await self._settle()
            assert len(self.trace) < MOST_STEPS, "l'histoire ne finit pas"

    async def end(self) -> None:
        """Kill all processes."""
        for process in self._processes:
            await self._kill(process)

    # --- the choice of the next gate

    def _ready(self) -> list[Gate]:
        """Return the gates that may open: not those of frozen processes, nor of idle ones to which nothing has
        happened."""
        return sorted(
            (
                gate
                for process in self._processes
                for gate in process.gates
                if not process.frozen and (gate.kind is not Kind.REST or gate.calls < gate.process.calls)
            ),
            key=lambda gate: (gate.process.name, gate.strand),
        )

    async def _one_step(self, ready: list[Gate]) -> None:
        if self._chance.random() < PACE_SHARE:
            self._chance.choice(self._processes).pace = self._chance.choice(PACES)
        self._thaw()
        gate = self._chance.choices(ready, [gate.process.pace for gate in ready])[0]
        share = FAULT_SHARE_AT_THE_EDGE if gate.at_the_edge else FAULT_SHARE
        if self._faults and self._chance.random() < share:
            self._faults -= 1
            await self._strike(gate)
        else:
            self.trace.append(str(gate))
            self._open(gate).set_result(None)

    def _rest(self) -> None:
        """Let time pass, because no process has anything to do. Frozen processes come closer to their thaw."""
        self._rests += 1
        assert self._rests < MOST_RESTS, "l'histoire ne finit pas : tout le monde attend"
        for process in self._processes:
            if process.frozen_rests:
                process.frozen_rests -= 1
            else:
                process.frozen_steps = 0
        self._let_time_pass()

    def _thaw(self) -> None:
        for process in self._processes:
            if process.frozen_steps and not process.frozen_rests:
                process.frozen_steps -= 1

    def _let_time_pass(self) -> None:
        seconds = self._chance.choice(JUMPS_SECONDS)
        self.trace.append(f"{seconds} s passent")
        self._ground.pass_by(seconds)

    def _any_frozen(self) -> bool:
        return any(process.frozen for process in self._processes)

    def _open(self, gate: Gate) -> "asyncio.Future[None]":
        gate.process.gates.remove(gate)
        return gate.opened

    # --- faults

    async def _strike(self, gate: Gate) -> None:
        """Cause a fault at this gate: its process dies, freezes or loses a connection, or time passes for all."""
        match self._chance.choice(("mort", "mort", "gel", "gel", "coupure", "temps")):
            case "mort":
                self.trace.append(f"{gate} ; il meurt")
                await self._kill(gate.process)
                gate.process.start()
            case "gel":
                self.trace.append(f"{gate} ; il gèle")
                gate.process.frozen_rests = self._chance.randint(1, LONGEST_FREEZE_RESTS)
                gate.process.frozen_steps = self._chance.randint(1, LONGEST_THAW_STEPS)
            case "coupure" if gate.kind is Kind.STATEMENT:
                self.trace.append(f"{gate} ; sa connexion est coupée")
                self._open(gate).set_exception(ConnectionResetError())
            case _:
                self._let_time_pass()

    async def _kill(self, process: Process) -> None:
        process.alive, process.frozen_rests, process.frozen_steps, process.pace = False, 0, 0, 1.0
        process.gates.clear()
        await self._watcher.terminate(process.connections)
        await process.die()

    # --- waiting until every process is at a gate

    async def _settle(self) -> None:
        work = self._ground.at_work
        while True:
            hops = HOPS
            while hops and not work.keys() - self._waiting:
                await _turn(0)
                hops -= 1
            if self._ground.connecting:
                continue
            if not work or (work.keys() <= self._waiting and await self._all_wait()):
                break
            if work and not await self._moved() and await self._all_wait():
                break

    async def _moved(self) -> bool:
        self._ground.moved.clear()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._ground.moved.wait()
        except TimeoutError:
            return False

    async def _all_wait(self) -> bool:
        """Return whether every running statement waits for a lock of another process. If there is a deadlock,
        cancel one statement of it."""
        work = dict(self._ground.at_work)
        standing = {pid for process in self._processes for pid in process.connections}
        waits = await self._watcher.waits(work.keys(), standing)
        self._waiting = set(waits)
        for pid in sorted(waits, key=lambda pid: work[pid].name):
            if pid in _waited_for(pid, waits):
                self.trace.append(f"{work[pid].name} cède : interblocage")
                await self._watcher.cancel(pid)
                return False
        return waits.keys() == work.keys()

    def _notice_failures(self) -> None:
        """Raise the exception of any task that has failed and that nobody awaits. Call this when all processes are
        idle: before that, and while its process is frozen, the task may still be awaited."""
        for process in (each for each in self._processes if not each.frozen):
            for task in process.strands:
                if (
                    task.done() and not task.cancelled() and cast(Any, task)._log_traceback
                ):  # asyncio's own word
                    task.result()


def _waited_for(pid: int, waits: Mapping[int, set[int]]) -> set[int]:
    """Return all connections that this one waits for, directly or through others."""
    found: set[int] = set()
    todo = set(waits[pid])
    while todo:
        found |= todo
        todo = {other for one in todo for other in waits.get(one, ())} - found
    return found
