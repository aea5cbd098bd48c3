"""Counts the hub's SQL statements for a message that comes alone, and in a minute without messages, with the CPU
time of such a minute."""

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
"""Messages per second. The rate is so low that each message is delivered before the next one comes."""


async def said(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """Return three figures by name: SQL statements for a message that comes alone, SQL statements in a minute at
    rest, and percent of a core that the hub takes at rest."""
    return {**await _for_a_message(ground, plan), **await _at_rest(ground, plan)}


async def _for_a_message(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """Return the number of SQL statements for a message that comes alone, in the roles that it passes. Statements
    that these roles make at rest are deducted."""
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
    """Return the SQL statements per minute, and the percent of a core, of a small SIAO's two hub processes while no
    message is under way."""
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
    """Return the paths of two files: the partner's arrivals, and the number of SQL statements."""
    return ground.folder / f"arrivees-{name}-{ground.prefix}", ground.folder / f"sql-{name}-{ground.prefix}"


async def _warm(ground: Ground, plan: Plan, arrivals: Path) -> None:
    await ready(ground)
    await send(ground, plan.warm_up)
    await delivered(ground, arrivals, plan.warm_up)
