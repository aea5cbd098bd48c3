"""A real hub, attackers at its door, and a quiet partner whose messages go on all the while."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from bench.ground import Ground, until
from bench.records import count_arrivals, read_arrivals
from bench.sending import Sent as Run
from bench.sending import arrivals_of, ready, send
from bench.whole import latencies
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from router.domain.partners import Registry
from router.store import registry as registry_store
from router.store.database import Database
from simulation.hub_process import module
from tests.hostile.partners import hostile_partners
from tests.hostile.verdict import Observed, Pair, Sent
from tests.hostile.watching import Watch

RATE = 10
"""Messages a second of the quiet partner."""
PLACES = 20
"""It speaks of the same places again and again: their order is judged."""
WARM_UP = 50
SETTLE_SECONDS = 5
"""From the attackers' start to the measure."""
LAST_ANSWER_SECONDS = 120
"""How long after its time an attacker may still wait for an answer."""
NICENESS = 10
"""The attackers take what others leave: it is the hub that is tried, not the machine."""
_UNREAD = "SELECT count(*) FROM inbox WHERE etat = 'en_cours' OR held"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is tried."""

    pairs: int
    quiet_seconds: int
    noisy_seconds: int
    attackers: int
    seed: int


async def siege(parts: Parts, folder: Path, plan: Plan) -> Observed:
    """Pairs of times, one quiet and one noisy, on one hub. Raises BenchFailed where it counts for nothing: the quiet
    partner must be answered 202 every time."""
    with reserved_ports(3) as (port, stub_port, hostile_port):
        ground = Ground(parts, folder, port, stub_port)
        await ground.prepare()
        await _let_in_the_hostile(ground, hostile_port)
        try:
            return await _observed(ground, plan, hostile_port)
        finally:
            await ground.remove()


async def _observed(ground: Ground, plan: Plan, hostile_port: int) -> Observed:
    results = ground.folder / "arrivees"
    attack = _Attack(ground, plan)
    runs, pairs = list[Run](), list[Pair]()
    with ExitStack() as stack:
        stack.enter_context(ground.stub(results))
        given = stack.enter_context(_answering(ground, hostile_port, plan.seed))
        hub = stack.enter_context(ground.hub())
        await ready(ground)
        assert hub.pid is not None
        seen = stack.enter_context(Watch(hub.pid))
        runs.append(await _sent(ground, WARM_UP))
        for _ in range(plan.pairs):
            await _nothing_waits(ground, results, runs)
            runs.append(await _sent(ground, RATE * plan.quiet_seconds))
            async with attack.under_way(plan.noisy_seconds + SETTLE_SECONDS):
                await asyncio.sleep(SETTLE_SECONDS)
                runs.append(await _sent(ground, RATE * plan.noisy_seconds))
            await _nothing_waits(ground, results, runs)
            pairs.append(Pair(*(_p99(results, run) for run in runs[-2:])))
    log = (ground.folder / "hub.log").read_text(encoding="utf-8", errors="replace")
    return Observed(
        _told(runs),
        read_arrivals(results),
        attack.answers,
        attack.found,
        seen,
        log,
        pairs,
        given.stat().st_size,
    )


async def _let_in_the_hostile(ground: Ground, port: int) -> None:
    database = Database(ground.database)
    try:
        async with database.transaction() as connection:
            known = await registry_store.read(connection, Registry())
        everybody = [*known.partners.values(), *hostile_partners(port)]
        await registry_store.apply(database, Registry.of(everybody), "hostile")
    finally:
        await database.close()


@contextmanager
def _answering(ground: Ground, port: int, seed: int) -> Iterator[Path]:
    """The server of every hostile partner that has one."""
    given = ground.folder / "hostile-reponses"
    given.touch()
    child = Child(ground.folder, ground.folder / "hostile-serveur.log")
    child.spawn(
        [
            "/usr/bin/nice",
            f"-n{NICENESS}",
            *module("tests.hostile.answering"),
            str(port),
            str(seed),
            str(given),
        ]
    )
    try:
        yield given
    finally:
        child.stop()


async def _sent(ground: Ground, messages: int) -> Run:
    return await send(ground, messages, RATE, places=PLACES)


async def _nothing_waits(ground: Ground, results: Path, runs: Sequence[Run]) -> None:
    """What was accepted is read, and what is due to the quiet partner's SIAO has arrived."""
    due = sum(len(run.requests) for run in runs)

    async def arrived() -> bool:
        return count_arrivals(results) >= due

    async with ground.sql() as connection:

        async def read() -> bool:
            return not await connection.fetchval(_UNREAD)

        await until(arrived, "tout est arrivé chez le partenaire tranquille")
        await until(read, "tout ce que les hostiles ont envoyé est lu")


def _p99(results: Path, run: Run) -> float:
    return latencies(run, arrivals_of(results, run.deliveries))["p99_ms"]


def _told(runs: Sequence[Run]) -> list[Sent]:
    return [Sent(number % PLACES, delivery) for run in runs for number, delivery in enumerate(run.deliveries)]


class _Attack:
    """Attackers in processes of their own, and what they have found so far."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self._ground, self._plan = ground, plan
        self._seeds = count(plan.seed * 1_000_000, 10_000)
        self.answers = Counter[int]()
        self.found = list[str]()

    @asynccontextmanager
    async def under_way(self, seconds: float) -> AsyncIterator[None]:
        """For the length of the block, and until each has had its last answer."""
        seeds = [next(self._seeds) for _ in range(self._plan.attackers)]
        attackers = [self._attacker(each, seconds) for each in seeds]
        yield
        for each, attacker in zip(seeds, attackers, strict=True):
            await until(partial(_ended, attacker), "un attaquant a fini", seconds + LAST_ANSWER_SECONDS)
            said = json.loads(self._results(each).read_text(encoding="utf-8"))
            self.answers.update({int(status): number for status, number in said["reponses"].items()})
            self.found += said["trouvailles"]

    def _attacker(self, first_seed: int, seconds: float) -> Child:
        arguments = [str(self._ground.port), str(first_seed), str(seconds), str(self._results(first_seed))]
        child = Child(self._ground.folder, self._ground.folder / f"hostile-{first_seed}.log")
        child.spawn(["/usr/bin/nice", f"-n{NICENESS}", *module("tests.hostile.hurling"), *arguments])
        return child

    def _results(self, first_seed: int) -> Path:
        return self._ground.folder / f"hostile-{first_seed}.json"


async def _ended(child: Child) -> bool:
    return child.pid is None
