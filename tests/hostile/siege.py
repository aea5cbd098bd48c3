"""A trial of a real hub: attackers send to it and answer it, while a quiet partner sends all the time."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise, starmap
from pathlib import Path
from typing import Any

from bench.ground import Ground, until
from bench.records import count_arrivals, read_arrivals
from bench.sending import Sent as Run
from bench.sending import arrivals_of, ready, send
from bench.whole import latencies
from contracts.partner import Partner
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from router.domain.partners import Registry
from router.store import registry as registry_store
from router.store.database import Database
from tests.hostile.attacks import Attack, Plan, Ports
from tests.hostile.verdict import Observed, Pair, Sent
from tests.hostile.watching import Watch, holds, longest

RATE = 10
"""Messages per second of the quiet partner."""
PLACES = 20
"""Number of places that the quiet partner's messages are about. Messages about one place must stay in order."""
WARM_UP = 50
SETTLE_SECONDS = 5
"""Time between the attackers' start and the measure."""
LEFT_ALONE_SECONDS = 60
"""Longest pause before the hub tries a failing partner again."""
_UNREAD = "SELECT count(*) FROM inbox WHERE etat = 'en_cours' OR held"


async def siege(parts: Parts, folder: Path, plan: Plan) -> Observed:
    """Run pairs of a quiet and a noisy period on one hub, and return what was observed. Raises BenchFailed if a
    message of the quiet partner is not answered 202."""
    with reserved_ports(len(Ports._fields)) as reserved:
        ports = Ports(*reserved)
        ground = Ground(parts, folder, ports.door, ports.stub)
        await ground.prepare()
        attack = Attack(ground, plan, ports)
        await _let_in(ground, await attack.partners())
        try:
            return await _observed(ground, plan, ports, attack)
        finally:
            await ground.remove()


async def _observed(ground: Ground, plan: Plan, ports: Ports, attack: Attack) -> Observed:
    results = ground.folder / "arrivees"
    runs, pairs = list[Run](), list[Pair]()
    with ExitStack() as stack:
        stack.enter_context(ground.stub(results))
        stack.enter_context(attack.answering())
        hub = stack.enter_context(ground.hub(**_settings(ports)))
        await ready(ground)
        assert hub.pid is not None
        seen = stack.enter_context(Watch(hub.pid))
        runs.append(await _sent(ground, WARM_UP))
        for _ in range(plan.pairs):
            await _nothing_waits(ground, results, runs)
            held = [holds(ports.health)]
            runs.append(await _sent(ground, RATE * plan.quiet_seconds))
            held.append(holds(ports.health))
            async with attack.under_way(plan.noisy_seconds + SETTLE_SECONDS):
                await asyncio.sleep(SETTLE_SECONDS)
                runs.append(await _sent(ground, RATE * plan.noisy_seconds))
                await _asked_of_all(attack)
            await _nothing_waits(ground, results, runs)
            held.append(holds(ports.health))
            quiet, noisy = (_p99(results, run) for run in runs[-2:])
            pairs.append(Pair(quiet, noisy, *starmap(longest, pairwise(held))))
        answered = await attack.answered()
    log = (ground.folder / "hub.log").read_text(encoding="utf-8", errors="replace")
    arrivals = read_arrivals(results)
    return Observed(_told(runs), arrivals, attack.answers, attack.found, seen, log, pairs, answered)


async def _asked_of_all(attack: Attack) -> None:
    """Wait until the hub has called every hostile server, at most for two pauses of `LEFT_ALONE_SECONDS`: the first
    call may meet no hostile answer."""
    for _ in range(2 * LEFT_ALONE_SECONDS):
        if all((await attack.answered()).values()):
            return
        await asyncio.sleep(1)


def _settings(ports: Ports) -> dict[str, Any]:
    """Return the hub's settings: a console with the hostile identity provider, and health ports that report its
    event loops."""
    console = {"port": ports.console, "url": f"http://localhost:{ports.console}"}
    console["issuer"] = f"http://127.0.0.1:{ports.identity}"
    return {"health__port": ports.health, **{f"console__{name}": value for name, value in console.items()}}


async def _let_in(ground: Ground, partners: Sequence[Partner]) -> None:
    database = Database(ground.database)
    try:
        async with database.transaction() as connection:
            known = await registry_store.read(connection, Registry())
        await registry_store.apply(database, Registry.of([*known.partners.values(), *partners]), "hostile")
    finally:
        await database.close()


async def _sent(ground: Ground, messages: int) -> Run:
    return await send(ground, messages, RATE, places=PLACES)


async def _nothing_waits(ground: Ground, results: Path, runs: Sequence[Run]) -> None:
    """Wait until the hub has read all accepted messages, and the SIAO has all of the quiet partner's deliveries."""
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
