"""Measures each stage of the hub alone, on equal messages: intake, relay, worker, dispatcher.

A role works on the rows that the previous one has left. It is held by a lock until its start is over.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from bench.bodies import csv_file
from bench.bus import reading
from bench.errors import BenchFailed
from bench.ground import Ground, until
from bench.measure import LOAD, Measure
from bench.plan import Plan
from bench.records import count_arrivals, read_arrivals
from bench.sending import Sent, check, decoded, delivery_of, ready, send, send_file
from contracts.topics import TOPICS

OFFER = TOPICS["offre"]
FIRST_ROW = 2
"""Row number, as the hub counts, of a file's first line after the header."""
_TOKEN_LEFT = "SELECT 1 FROM outbox WHERE shard >= 0 ORDER BY bulk DESC, partner DESC, seq DESC LIMIT 1"  # noqa: S105 - no password
_LANE_LEFT = "SELECT 1 FROM lane WHERE pending > 0 LIMIT 1"
"""Query for a lane with a pending delivery. The query for a pending event, `_TOKEN_LEFT`, starts from the last one,
which is applied last, so it costs almost nothing."""


async def pipeline(ground: Ground, plan: Plan) -> list[Measure]:
    """Measure all stages in turn. Raises BenchFailed unless the partner gets every event exactly once."""
    file, bulk_measure = await bulk(ground, plan.bulk_rows)
    sent, intake_measure = await intake(ground, plan.single)
    rows = range(FIRST_ROW, FIRST_ROW + plan.bulk_rows)
    expected = [*(delivery_of(file, row) for row in rows), *sent.deliveries]
    return [
        intake_measure,
        bulk_measure,
        await relay(ground, len(expected)),
        await worker(ground, len(expected)),
        await dispatcher(ground, expected),
    ]


async def bulk(ground: Ground, rows: int) -> tuple[str, Measure]:
    """Measure the intake of one large file, from its first byte to the commit of its last row. Return the id of its
    message, and the figures. Raises BenchFailed if the hub did not accept every row."""
    body = csv_file(rows)
    with ground.hub("gateway", "sources") as hub:
        await ready(ground)
        await ground.at_rest(hub)
        meter = ground.meter(hub)
        before, start = meter.read(), time.monotonic()
        message = await send_file(ground, body)
        state = await decoded(ground, message)
        measure = Measure("Entrée par fichier", rows, time.monotonic() - start, meter.since(before))
        async with ground.sql() as connection:
            kept = await connection.fetchval("SELECT count(*) FROM event WHERE correlation = $1", message)
    if (state, kept) != ("accepte", rows):
        raise BenchFailed(f"fichier {state} : {kept} lignes retenues sur {rows}")
    return message, measure


async def intake(ground: Ground, messages: int) -> tuple[Sent, Measure]:
    """Measure the intake of single messages over HTTP, in a closed loop, from the first message to the last answer."""
    with ground.hub("gateway") as hub:
        await ready(ground)
        await ground.at_rest(hub)
        meter = ground.meter(hub)
        before = meter.read()
        sent = await send(ground, messages)
        cpu = {**meter.since(before), LOAD: sent.cpu_s}
    return sent, Measure("Entrée HTTP", messages, sent.answered - sent.first, cpu)


async def relay(ground: Ground, messages: int) -> Measure:
    """Measure the relay, from its first look at the outbox to the last record in Kafka. Its window is as large as
    the outbox, because no worker runs."""
    topic = OFFER.name(ground.prefix)
    async with ground.gate("outbox") as release, reading(ground.parts.bootstrap) as bus:
        with ground.hub("relay", relay__window=messages) as hub:
            meter, before, start = await release(hub)

            async def published() -> bool:
                return await bus.count(topic, OFFER.partitions) >= messages

            await until(published, "tout est publié")
            return Measure("Relais", messages, time.monotonic() - start, meter.since(before))


async def worker(ground: Ground, messages: int) -> Measure:
    """Measure the worker, from the first event applied to the last. Raises BenchFailed unless each event leaves one
    pending delivery."""
    async with ground.gate("outbox") as release, ground.sql() as connection:
        with ground.hub("worker") as hub:
            meter, before, start = await release(hub)

            async def applied() -> bool:
                return await connection.fetchval(_TOKEN_LEFT) is None

            await until(applied, "tout est appliqué")
            measure = Measure("Traitement", messages, time.monotonic() - start, meter.since(before))
        waiting = await connection.fetchval("SELECT count(*) FROM delivery WHERE etat = 'en_attente'")
    if waiting != messages:
        raise BenchFailed(f"{waiting} livraisons en attente pour {messages} événements")
    return measure


async def dispatcher(ground: Ground, expected: Sequence[str]) -> Measure:
    """Measure the dispatcher, from the first claim to the last arrival. Raises BenchFailed unless the expected
    deliveries arrive, once each."""
    arrivals = ground.folder / f"arrivees-{ground.prefix}"
    with ground.stub(arrivals) as stub:
        async with ground.gate("lane") as release:
            with ground.hub("dispatcher") as hub:
                meter, before, start = await release(hub, stub)
                await delivered(ground, arrivals, len(expected))
                cpu = meter.since(before)
    got = read_arrivals(arrivals)
    check(expected, got)
    return Measure("Livraison", len(expected), max(a.moment for a in got) - start, cpu)


async def delivered(ground: Ground, arrivals: Path, messages: int) -> None:
    """Wait until the partner has got all messages and the hub has recorded that. Raises BenchFailed at the
    deadline."""

    async def arrived() -> bool:
        return count_arrivals(arrivals) >= messages

    await until(arrived, "tout est livré")
    async with ground.sql() as connection:

        async def settled() -> bool:
            return await connection.fetchval(_LANE_LEFT) is None

        await until(settled, "toutes les voies sont vides")
