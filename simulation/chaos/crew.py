"""The hub's processes in a fault run, restarted by a thread when they end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from deploy.local import PartUnavailable
from deploy.local.process import Child
from simulation.chaos import points, shifted
from simulation.chaos.kills import Kills
from simulation.chaos.machines import Machines
from simulation.chaos.points import Point, Sabotage
from simulation.hub_process import READY_SECONDS, module, tail

ROLES = (
    *("gateway", "sources", "sources", "relay", "relay"),
    *("worker", "worker", "dispatcher", "dispatcher", "scheduler"),
)
"""Role of each process. Every role has two, except the gateway: there is one port."""
BESIDE = {"gateway-1": "relay", "worker-1": "dispatcher"}
"""Second role of a process, as in a small SIAO: it hands events over in memory."""
AWAY_SECONDS = (0.2, 2.5)
"""Shortest and longest time before a restart."""
LOOK_SECONDS = 0.05
SABOTAGE_SHARE = 0.3
"""Share of restarts, with sabotage, after which a process kills itself at a named point."""
SIGKILLED = -9


@dataclass(frozen=True, slots=True)
class Rebirth:
    """Plan for restarting a process: the pause before, and the sabotage of the next life."""

    away_s: float
    sabotage: Sabotage | None


def rebirth(seed: int, name: str, role: str, life: int) -> Rebirth:
    """Return the plan for a process's next restart, equal for equal arguments."""
    chance = Random(f"{seed}/{name}/{life}")
    away_s, sabotage = chance.uniform(*AWAY_SECONDS), points.draw(role, chance)
    return Rebirth(away_s, sabotage if chance.random() < SABOTAGE_SHARE else None)


@dataclass(slots=True)
class Member:
    """One process of the hub."""

    name: str
    role: str
    child: Child
    log: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    sabotage: Sabotage | None = None
    clock_off_s: float = 0.0
    """Error of the clock at the next start, in seconds."""
    kept_away: bool = False
    """Whether the process is to stay dead."""
    killed: bool = False
    """Whether this harness caused its end."""
    life: int = 0
    """Number of starts."""
    reborn: Rebirth | None = None
    """Plan for the next restart; None until the keeper has noticed the end."""
    back_at: float = 0.0

    def end_is_ours(self) -> None:
        """Record that this harness causes the process's end, unless it has already ended."""
        self.killed = self.killed or self.child.pid is not None


class Crew:
    """All processes of the hub and the thread that restarts them."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        seed: int,
        kills: Kills,
        *,
        sabotage: bool,
        machines: Machines | None = None,
    ) -> None:
        self._folder, self._environment, self._seed = folder, environment, seed
        self._sabotage, self._machines = sabotage, machines
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="chaos-keeper", daemon=True)
        self.kills = kills
        self.points: Counter[Point] = Counter()
        """Number of deaths at each named point."""
        self.unforeseen: list[str] = []
        """Processes that ended by themselves, with the end of their log."""
        count: Counter[str] = Counter()
        self.members: list[Member] = []
        for role in ROLES:
            count[role] += 1
            name = f"{role}-{count[role]}"
            log = folder / f"hub-{name}.log"
            self.members.append(Member(name, role, Child(folder, log), log))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for member in self.members:
            member.child.kill9()

    def start(self) -> None:
        """Start all processes without waiting for them, and the keeper."""
        for member in self.members:
            self._spawn(member)
        self._keeper.start()

    def kill(self, members: Sequence[Member], what: str) -> bool:
        """Kill -9 all of them at once. Return False if none was alive."""
        with ExitStack() as locks:
            for member in members:
                locks.enter_context(member.lock)
                member.end_is_ours()
            return self.kills.hit(what, [member.child for member in members])

    def restart(self, member: Member) -> None:
        """End a process cleanly; the keeper restarts it. This is no kill."""
        with member.lock:
            member.end_is_ours()
        member.child.stop()

    def arm(self, member: Member, sabotage: Sabotage) -> None:
        """Make the process kill itself at a named point after its next start."""
        member.sabotage = sabotage

    @contextmanager
    def without(self, *roles: str) -> Iterator[None]:
        """Keep all processes of these roles away until the block ends."""
        away = [member for member in self.members if member.role in roles]
        with ThreadPoolExecutor(len(away)) as pool:
            list(pool.map(_send_away, away))
        try:
            yield
        finally:
            for member in away:
                member.kept_away = False

    def guest(self, role: str, number: int) -> Child:
        """Start one more process of a role, for the caller to end."""
        child = Child(self._folder, self._folder / f"hub-{role}-guest-{number}.log")
        child.spawn([*module("ops.commands", self._environment), "run", f"--role={role}"])
        return child

    def disarm(self) -> None:
        """End all sabotage. Processes ordered to kill themselves are restarted without it."""
        self._sabotage = False
        for member in self.members:
            with member.lock:
                if member.sabotage is not None:
                    member.end_is_ours()
                    member.child.kill9()
                member.sabotage = None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Poll `ready` until it is true. Raises PartUnavailable after a deadline."""
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if time.monotonic() > deadline:
                raise PartUnavailable(f"Le hub ne répond pas.\n{tail(self.members[0].log)}")
            time.sleep(LOOK_SECONDS)

    def all_there(self) -> bool:
        """Return whether every process is running."""
        return all(member.child.pid is not None for member in self.members)

    def _spawn(self, member: Member) -> None:
        sabotage = {} if member.sabotage is None else member.sabotage.environment
        clock = shifted.environment(member.clock_off_s)
        name = "simulation.chaos.sabotaged" if sabotage else "ops.commands"
        name = "simulation.chaos.shifted" if clock else name
        wired = {**self._environment, **sabotage, **clock}
        entered = self._machines.entered(member.name) if self._machines else []
        roles = [member.role, *filter(None, [BESIDE.get(member.name)])]
        command = [*entered, *module(name, wired), "run", *(f"--role={role}" for role in roles)]
        member.child.spawn(command)
        member.killed, member.reborn = False, None
        member.life += 1

    def _keep(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for member in self.members:
                with member.lock:
                    if member.child.pid is None and not member.kept_away:
                        self._bring_back(member)

    def _bring_back(self, member: Member) -> None:
        now = time.monotonic()
        if member.reborn is None:
            self._note_end(member)
            member.reborn = rebirth(self._seed, member.name, member.role, member.life)
            member.back_at = now + member.reborn.away_s
        elif now >= member.back_at:
            if self._sabotage and member.sabotage is None:
                member.sabotage = member.reborn.sabotage
            self._spawn(member)

    def _note_end(self, member: Member) -> None:
        if member.killed:
            return
        if member.sabotage is not None and member.child.status == SIGKILLED:
            self.kills.note(member.role)
            self.points[member.sabotage.point] += 1
            member.sabotage = None
        else:
            self.unforeseen.append(f"{member.name}, état {member.child.status}\n{tail(member.log)}")


def _send_away(member: Member) -> None:
    with member.lock:
        member.kept_away = True
        member.end_is_ours()
    member.child.stop()
