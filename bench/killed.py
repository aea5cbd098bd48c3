"""Measures the longest wait of a message when the whole hub is killed and restarted at once.

`python -m bench.killed [--kills N] [--write]`. A shelter sends at a steady rate, and repeats each message under its
key until it gets a 202. Meanwhile the hub is killed (`kill -9`, every process). The wait of each message runs from
its intended sending, and from its 202, to its first arrival at a partner that deduplicates.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path

import aiohttp

from bench.bodies import bodies
from bench.command import console, keep, taken
from bench.errors import BenchFailed
from bench.ground import Ground, until
from bench.measure import Range, over
from bench.paper import Paper, mark, number
from bench.records import read_arrivals
from bench.sending import delivery_of, ready
from bench.territories import AIN
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.process import Child

BOUND_SECONDS = 8.0
BEFORE_SECONDS, AFTER_SECONDS = 5.0, 15.0
"""Seconds for which messages come before the hub is killed, and after."""
AGAIN_SECONDS = 0.2
"""Time after which the sender repeats a message that got no answer."""
HEADERS = (
    "Mort",
    "Messages",
    "Prêt au bout de, s",
    "Le plus long depuis l'envoi, s",
    "Depuis le 202, s",
    "≤ 8",
)

_keys = count(1)


@dataclass(frozen=True, slots=True)
class Death:
    """The figures of one kill of the hub, in seconds."""

    messages: int
    ready_s: float
    """Time from the kill until `/readyz` answers 200 again."""
    longest_s: float
    """Longest time from a message's intended sending to its arrival."""
    longest_after_202_s: float
    doubled: int
    """Number of deliveries that arrived more than once. The partner recognises them by their key."""


@dataclass(slots=True)
class _Followed:
    """A message: times of its intended sending and of its 202 (monotonic clock), and the id of its delivery."""

    due: float
    accepted: float = 0.0
    delivery: str = ""


def main() -> int:
    """Run the benchmark and return the exit status: 0 when the median of the longest waits is within its bound; 1
    otherwise."""
    parser = argparse.ArgumentParser(prog="bench.killed", description="Ce qu'un kill -9 fait attendre.")
    parser.add_argument("--kills", type=int, default=5, help="morts du hub (5)")
    parser.add_argument("--rate", type=int, default=50, help="messages par seconde (50)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(measured, kills=given.kills, rate=given.rate))
    if result is None:
        return 1
    deaths, about = result
    longest = over([each.longest_s for each in deaths])
    paper = Paper("Tué au travail", HEADERS, _rows(deaths), _notes(deaths, longest, given.rate), about)
    paper.show(console)
    if given.write:
        keep(paper, "tue", {"par_s": given.rate, "morts": [asdict(each) for each in deaths]})
    return 0 if longest.median <= BOUND_SECONDS else 1


async def measured(parts: Parts, folder: Path, kills: int, rate: int) -> list[Death]:
    """Kill the hub `kills` times, each time with tables of its own, and return the figures of each."""
    deaths = []
    with reserved_ports(2) as (port, stub_port), console.status("") as status:
        for turn in range(1, kills + 1):
            status.update(f"mort {turn} sur {kills}…")
            ground = Ground(parts, folder, port, stub_port)
            await ground.prepare()
            deaths.append(await _death(ground, rate))
            await ground.remove()
    return deaths


async def _death(ground: Ground, rate: int) -> Death:
    arrivals = ground.folder / f"arrivees-{ground.prefix}"
    hub = Child(ground.folder, ground.folder / "hub.log")
    with ground.stub(arrivals):
        try:
            hub.spawn(ground.command())
            await ready(ground)
            sending = asyncio.create_task(_send(ground, rate))
            await asyncio.sleep(BEFORE_SECONDS)
            hub.kill9()
            killed = time.monotonic()
            hub.spawn(ground.command())
            await ready(ground)
            ready_s = time.monotonic() - killed
            sent = await sending
            wanted = {each.delivery for each in sent}

            async def arrived() -> bool:
                return wanted <= {each.delivery for each in read_arrivals(arrivals)}

            await until(arrived, "tout est arrivé")
        finally:
            hub.stop()
    got = read_arrivals(arrivals)
    first = {each.delivery: each.moment for each in reversed(got)}
    return Death(
        messages=len(sent),
        ready_s=ready_s,
        longest_s=max(first[each.delivery] - each.due for each in sent),
        longest_after_202_s=max(first[each.delivery] - each.accepted for each in sent),
        doubled=len(got) - len(first),
    )


async def _send(ground: Ground, rate: int) -> Sequence[_Followed]:
    """Send at a steady rate, repeating each message until it gets a 202. Raises BenchFailed if one gets any other
    final answer."""
    texts, start = bodies(), time.monotonic()
    number = int((BEFORE_SECONDS + AFTER_SECONDS) * rate)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        tasks = []
        for turn in range(number):
            followed = _Followed(start + turn / rate)
            await asyncio.sleep(max(0.0, followed.due - time.monotonic()))
            tasks.append(asyncio.create_task(_insist(http, ground.port, texts[turn % len(texts)], followed)))
        return await asyncio.gather(*tasks)


async def _insist(http: aiohttp.ClientSession, port: int, body: bytes, followed: _Followed) -> _Followed:
    key = f"tue-{next(_keys)}"
    headers = {
        "Authorization": f"Bearer {AIN.key}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    while True:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with http.post(
                f"http://127.0.0.1:{port}/v1/messages", data=body, headers=headers
            ) as answer:
                if answer.status == 202:
                    followed.accepted = time.monotonic()
                    followed.delivery = delivery_of((await answer.json())["id"], siao=AIN.siao)
                    return followed
                if answer.status != 503:
                    raise BenchFailed(f"réponse inattendue : {answer.status}")
        await asyncio.sleep(AGAIN_SECONDS)


def _rows(deaths: Sequence[Death]) -> list[tuple[str, ...]]:
    return [
        (
            str(turn),
            number(each.messages),
            *(number(s, 1) for s in (each.ready_s, each.longest_s, each.longest_after_202_s)),
            mark(each.longest_s <= BOUND_SECONDS),
        )
        for turn, each in enumerate(deaths, 1)
    ]


def _notes(deaths: Sequence[Death], longest: Range, rate: int) -> Sequence[str]:
    return (
        f"{rate} messages par seconde ; tué après {number(BEFORE_SECONDS)} s, relancé aussitôt ; tout est arrivé.",
        f"Le plus long : {number(longest.median, 1)} s ({number(longest.lowest, 1)} à {number(longest.highest, 1)}).",
        f"{sum(each.doubled for each in deaths)} livraisons faites deux fois, que le partenaire reconnaît.",
    )


if __name__ == "__main__":
    sys.exit(main())
