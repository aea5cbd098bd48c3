"""What a hub says to PostgreSQL: for a message alone, and while nothing goes on."""

import asyncio
import time
from collections.abc import Mapping

from bench.counted import statements
from bench.ground import Ground
from bench.plan import Plan
from bench.sending import ready, send
from bench.stages import delivered

ROLES = ("gateway", "relay", "worker", "dispatcher")
RATE = 5
"""Messages a second: each is through before the next one comes."""


async def said(ground: Ground, plan: Plan) -> Mapping[str, float]:
    """SQL statements a message alone, and a minute of rest."""
    arrivals, counter = (
        ground.folder / f"arrivees-seules-{ground.prefix}",
        ground.folder / f"sql-{ground.prefix}",
    )
    messages = RATE * plan.latency_s
    with ground.stub(arrivals), ground.hub(*ROLES, through=("bench.counted", str(counter))):
        await ready(ground)
        await send(ground, plan.warm_up)
        await delivered(ground, arrivals, plan.warm_up)
        before = statements(counter)
        await asyncio.sleep(plan.rest_s)
        at_rest_s = (statements(counter) - before) / plan.rest_s
        before, began = statements(counter), time.monotonic()
        await send(ground, messages, RATE)
        await delivered(ground, arrivals, plan.warm_up + messages)
        more = statements(counter) - before - at_rest_s * (time.monotonic() - began)
    return {"sql_par_message": more / messages, "sql_par_min_au_repos": 60 * at_rest_s}
