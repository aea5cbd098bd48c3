"""Measures whether a partner that has been dead for an hour slows down the others: `python -m bench.isolation
[--write]`.

Each pair of runs follows one upon the other on one machine. Healthy partners run alone, and then beside one more
that refuses connections, or accepts them and never answers. An hour's deliveries wait for it, and more come in. Its
breaker is new at each start, so the dead partner is tried more often than after a real hour.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path

from bench.bodies import csv_file
from bench.command import console, keep, taken
from bench.ground import Ground, until
from bench.measure import Range, over
from bench.paper import Paper, mark, number
from bench.records import count_arrivals, read_arrivals
from bench.report import spread
from bench.sending import arrivals_of, check, ready, send, send_file
from bench.territories import Territory
from bench.whole import latencies
from deploy.local import Parts
from deploy.local.ports import reserved_ports

HEALTHY = (Territory(1), Territory(2), Territory(3))
DEAD = Territory(4)
OUTAGE_SECONDS = 3600
DEAD_RATE = 10
BOUND = 1.2
WARM_UP = 300
SETTLE_SECONDS = 4
"""Pause between the warm-up and the measure, because the start of a sender takes CPU time."""
REFUSES, HANGS = "connexion refusée", "jamais de réponse"
HEADERS = ("Paire", "Le partenaire mort", "p50 seuls", "p50 avec", "p99 seuls", "p99 avec", "Rapport des p99")

_SPREAD_OVER_THE_OUTAGE = (
    "WITH aged AS (SELECT id, now() - make_interval(secs => {outage} * (1 - percent_rank() OVER (ORDER BY seq))) "
    "AS at FROM delivery WHERE partner = $1) UPDATE delivery SET created_at = aged.at FROM aged "
    "WHERE delivery.id = aged.id"
)
"""SQL that gives the dead partner's deliveries times spread over the outage. Events keep their time, because their
proof covers it, and a hub does not start on a log that none of its keys proves."""
_DUE_SINCE_THEIR_FIRST = (
    "UPDATE lane SET due_at = (SELECT min(created_at) FROM delivery d WHERE d.partner = lane.partner "
    "AND d.subject = lane.subject) WHERE partner = $1"
)
_WAITING = "SELECT count(*) FROM delivery WHERE partner = $1 AND etat IN ('en_attente', 'en_vol')"

_runs = count(1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of the benchmark: pairs of runs, messages per second, seconds of each run."""

    pairs: int
    rate: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of runs, without and with the dead partner. Latencies in milliseconds, from the intended sending to
    the arrival at the healthy partners."""

    death: str
    alone: dict[str, float]
    beside: dict[str, float]
    waiting: int
    """Number of deliveries that still waited for the dead partner at the end."""

    @property
    def ratio(self) -> float:
        """The 99th percentile of the others' latency beside the dead partner, divided by that without it."""
        return self.beside["p99_ms"] / self.alone["p99_ms"]


def main() -> int:
    """Run the benchmark and return the exit status: 0 when the median ratio is within its bound; 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="make isolation", description="Ce qu'un partenaire mort coûte aux autres."
    )
    parser.add_argument("--pairs", type=int, default=5, help="paires de passages (5)")
    parser.add_argument(
        "--rate", type=int, default=150, help="messages par seconde aux partenaires sains (150)"
    )
    parser.add_argument("--seconds", type=int, default=12, help="durée mesurée de chaque passage (12)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    plan = Plan(given.pairs, given.rate, given.seconds)
    result = taken(partial(measured, plan=plan))
    if result is None:
        return 1
    pairs, about = result
    ratio = over([pair.ratio for pair in pairs])
    paper = Paper(
        "Isolation", HEADERS, _rows(pairs), _notes(plan, pairs, ratio), about, frozenset({HEADERS[1]})
    )
    paper.show(console)
    if given.write:
        runs = [{**asdict(pair), "rapport": pair.ratio} for pair in pairs]
        keep(paper, "isolement", {"plan": asdict(plan), "rapport": asdict(ratio), "paires": runs})
    return 0 if ratio.median <= BOUND else 1


async def measured(parts: Parts, folder: Path, plan: Plan) -> list[Pair]:
    """Run all pairs, and return their figures. The order within a pair alternates."""
    with reserved_ports(3) as (port, stub_port, dead_port), console.status("l'heure de panne…") as status:
        healthy = dict.fromkeys(HEALTHY, stub_port)
        alone = Ground(parts, folder, port, stub_port, listening=healthy)
        beside = Ground(parts, folder, port, stub_port, listening={**healthy, DEAD: dead_port})
        await alone.prepare()
        await beside.prepare()
        await an_hour_of_backlog(beside)
        pairs = []
        for turn in range(plan.pairs):
            status.update(f"paire {turn + 1} sur {plan.pairs}…")
            death = REFUSES if turn % 2 else HANGS
            with_dead = partial(_run, beside, plan, dead_port if death == HANGS else None, dead=True)
            runs = [partial(_run, alone, plan), with_dead]
            first = turn % 2
            one, other = await runs[first](), await runs[1 - first]()
            before, after = (one, other) if first == 0 else (other, one)
            pairs.append(Pair(death, before, after, await _waiting(beside)))
    return pairs


async def an_hour_of_backlog(ground: Ground) -> None:
    """Make the hub accept and apply an hour of messages for the dead partner. Then change the times of its
    deliveries as if they had come one by one."""
    rows = DEAD_RATE * OUTAGE_SECONDS
    with ground.hub("gateway", "sources", "relay", "worker"):
        await ready(ground)
        await send_file(ground, csv_file(rows, DEAD), DEAD)

        async def applied() -> bool:
            return await _waiting(ground) == rows

        await until(applied, "l'arriéré attend")
    async with ground.sql() as connection:
        await connection.execute(_SPREAD_OVER_THE_OUTAGE.replace("{outage}", str(OUTAGE_SECONDS)), DEAD.siao)
        await connection.execute(_DUE_SINCE_THEIR_FIRST, DEAD.siao)


async def _run(
    ground: Ground, plan: Plan, mute: int | None = None, *, dead: bool = False
) -> dict[str, float]:
    """Return the latencies of one run after a warm-up. Raises BenchFailed unless every message to the healthy
    partners arrived exactly once.

    `mute`: port on which the dead partner is to accept connections; `dead`: whether messages for it are sent too.
    """
    results = ground.folder / f"arrivees-{next(_runs)}"
    messages = plan.rate * plan.seconds
    with ExitStack() as stack:
        stack.enter_context(ground.stub(results))
        if mute is not None:
            stack.enter_context(ground.mute(mute))
        stack.enter_context(ground.hub())
        await ready(ground)
        warm = await send(ground, WARM_UP, plan.rate, HEALTHY)
        await _arrived(results, WARM_UP)
        async with asyncio.TaskGroup() as group:
            if dead:
                more = DEAD_RATE * (plan.seconds + SETTLE_SECONDS)
                group.create_task(send(ground, more, DEAD_RATE, [DEAD]))
            await asyncio.sleep(SETTLE_SECONDS)
            sent = await send(ground, messages, plan.rate, HEALTHY)
        await _arrived(results, WARM_UP + messages)
    check([*warm.deliveries, *sent.deliveries], read_arrivals(results))
    return latencies(sent, arrivals_of(results, sent.deliveries))


async def _arrived(results: Path, messages: int) -> None:
    async def all_there() -> bool:
        return count_arrivals(results) >= messages

    await until(all_there, "tout est livré aux partenaires sains")


async def _waiting(ground: Ground) -> int:
    async with ground.sql() as connection:
        return int(await connection.fetchval(_WAITING, DEAD.siao))


def _rows(pairs: Sequence[Pair]) -> list[list[str]]:
    return [
        [
            str(turn),
            pair.death,
            *(number(run[name]) for name in ("p50_ms", "p99_ms") for run in (pair.alone, pair.beside)),
            number(pair.ratio, 2),
        ]
        for turn, pair in enumerate(pairs, start=1)
    ]


def _notes(plan: Plan, pairs: Sequence[Pair], ratio: Range) -> list[str]:
    waiting = over([pair.waiting for pair in pairs])
    return [
        f"{mark(ratio.median <= BOUND)} Rapport des p99, médiane [minimum – maximum] : {spread(ratio, 2)} ; objectif : "
        f"{number(BOUND, 1)} au plus.",
        f"{len(HEALTHY)} partenaires sains, {plan.rate} messages/s en tout, {plan.seconds} s par passage, boucle "
        "ouverte ; en ms, du moment d'envoi prévu à l'arrivée.",
        f"Le partenaire mort : une heure à {DEAD_RATE}/s attend ({number(waiting.lowest)} à "
        f"{number(waiting.highest)} livraisons), {DEAD_RATE}/s s'y ajoutent ; disjoncteur neuf à chaque passage.",
        "Tout ce qui fut accepté pour les partenaires sains est arrivé une fois.",
    ]


if __name__ == "__main__":
    sys.exit(main())
