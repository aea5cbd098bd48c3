"""Count the hub's SQL statements for a message that comes alone, and those of a hub at rest, with its CPU
time at rest."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.counted import statements
from bench.ground import Ground
from bench.measure import HUB
from bench.plan import Plan
from bench.sending import ready, send
from bench.stages import delivered
from router.domain.roles import GROUPS

ROLES = ("gateway", "relay", "worker", "dispatcher")
RATE = 5
"""Messages a second: each is delivered before the next one comes."""


async def said(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """Return the SQL statements for a message alone and for a minute of rest, and the share of a core that the whole
    hub takes at rest."""
    return {**await _for_a_message(ground, plan), **await _at_rest(ground, plan)}


async def _for_a_message(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """Count the statements of the roles that a message passes. Statements of other roles in that time are
    left out."""
    arrivals, counter = _files(ground, "seules")
    messages = RATE * plan.latency_s
    with ground.stub(arrivals), ground.hub(*ROLES, through=("bench.counted", str(counter))):
        await _warm(ground, plan, arrivals)
        before = statements(counter)
        await asyncio.sleep(plan.latency_s)
        by_itself_s = (statements(counter) - before) / plan.latency_s
        before, began = statements(counter), time.monotonic()
        await send(ground, messages, RATE)
        await delivered(ground, arrivals, plan.warm_up + messages)
        more = statements(counter) - before - by_itself_s * (time.monotonic() - began)
    return {"sql_par_message": more / messages}


async def _at_rest(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """Count the statements of both processes of a small SIAO, once all that follows from the last message is done."""
    files = [_files(ground, f"repos-{number}") for number in range(len(GROUPS))]
    arrivals, counters = files[0][0], [counter for _, counter in files]
    with ExitStack() as running:
        running.enter_context(ground.stub(arrivals))
        hubs = [
            running.enter_context(ground.hub(*group, through=("bench.counted", str(counter))))
            for group, counter in zip(GROUPS, counters, strict=True)
        ]
        await _warm(ground, plan, arrivals)
        await asyncio.sleep(plan.rest_s)
        meters = [ground.meter(hub) for hub in hubs]
        before, spent = sum(map(statements, counters)), [meter.read() for meter in meters]
        await asyncio.sleep(plan.rest_s)
        more = sum(map(statements, counters)) - before
        cpu_s = sum(meter.since(was)[HUB] for meter, was in zip(meters, spent, strict=True))
    return {"sql_par_min_au_repos": 60 * more / plan.rest_s, "repos_pct": 100 * cpu_s / plan.rest_s}


def _files(ground: Ground, name: str) -> tuple[Path, Path]:
    """Return the files for arrivals and for the number of statements."""
    return ground.folder / f"arrivees-{name}-{ground.prefix}", ground.folder / f"sql-{name}-{ground.prefix}"


async def _warm(ground: Ground, plan: Plan, arrivals: Path) -> None:
    await ready(ground)
    await send(ground, plan.warm_up)
    await delivered(ground, arrivals, plan.warm_up)
