"""Measures the whole hub, `siao-hub run`, from the sender to the partner."""

import time
from collections.abc import Iterable
from dataclasses import replace

from bench.alone import said
from bench.ground import Ground
from bench.measure import HUB, LOAD, Measure
from bench.plan import Plan
from bench.records import Arrival, read_arrivals
from bench.sending import Sent, arrivals_of, check, ready, send
from bench.stages import delivered

FAST = "Bout en bout"
LATENCY = "Bout en bout, boucle ouverte à {}/s"


async def whole_way(ground: Ground, plan: Plan) -> list[Measure]:
    """Measure the whole hub at full speed, to a fast and to a slow partner, then at fixed rates. The figures at the
    lowest rate include the cost of a message alone and of the hub at rest."""
    slow = f"Bout en bout, partenaire à {plan.slow_partner_ms} ms"
    fast = [
        await run(ground, plan, FAST, plan.whole),
        await run(ground, plan, slow, plan.whole, delay_ms=plan.slow_partner_ms),
    ]
    open_loop = [
        await run(ground, plan, LATENCY.format(rate), rate * plan.latency_s, rate=rate) for rate in plan.rates
    ]
    alone = replace(open_loop[0], more={**open_loop[0].more, **await said(ground, plan)})
    return [*fast, alone, *open_loop[1:]]


async def run(
    ground: Ground, plan: Plan, stage: str, messages: int, *, rate: float | None = None, delay_ms: float = 0.0
) -> Measure:
    """Measure one run of the whole hub after a warm-up. Raises BenchFailed unless every accepted message arrives
    exactly once."""
    results = ground.folder / f"arrivees-{ground.prefix}-{delay_ms:.0f}-{rate or 0}"
    started = time.monotonic()
    with ground.stub(results, delay_ms) as stub, ground.hub() as hub:
        await ready(ground)
        more = {
            "demarrage_s": time.monotonic() - started,
            "demarrage_cpu_s": ground.meter(hub).read()[HUB],
        }
        await ground.at_rest(hub)
        warm = await send(ground, plan.warm_up)
        await delivered(ground, results, plan.warm_up)
        meter = ground.meter(hub, stub)
        before = meter.read()
        sent = await send(ground, messages, rate)
        await delivered(ground, results, plan.warm_up + messages)
        cpu = meter.since(before)
    check([*warm.deliveries, *sent.deliveries], read_arrivals(results))
    cpu = {**cpu, LOAD: cpu[LOAD] + sent.cpu_s}
    arrivals = arrivals_of(results, sent.deliveries)
    last = max(arrival.moment for arrival in arrivals)
    more["acceptes_par_s"] = messages / (sent.answered - sent.first)
    if rate is not None:
        more |= latencies(sent, arrivals)
    return Measure(stage, messages, last - sent.first, cpu, more)


def latencies(sent: Sent, arrivals: Iterable[Arrival]) -> dict[str, float]:
    """Return median, 99th percentile and maximum, in milliseconds, of the time from a message's intended sending to
    its arrival."""
    arrived = {arrival.delivery: arrival.moment for arrival in arrivals}
    pairs = zip(sent.requests, sent.deliveries, strict=True)
    waits = sorted(1000 * (arrived[delivery] - request.moment) for request, delivery in pairs)
    return {
        "p50_ms": waits[len(waits) // 2],
        "p99_ms": waits[len(waits) * 99 // 100],
        "max_ms": waits[-1],
    }
