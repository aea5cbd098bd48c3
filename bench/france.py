"""Plays a day of the whole country on one machine: `make france`.

There are 101 départements, each with its SIAO and a shelter. On Monday morning every place comes in a file. The day
brings referrals, and an answer to each. In the evening vacancies come at a fixed rate, as when the 115 looks for
places for the night. `python -m bench.france [--share N] [--write]` plays a share of it, from 0 to 1. Every
accepted message must arrive once.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from bench.bodies import places_file
from bench.command import console, keep, taken
from bench.errors import BenchFailed
from bench.ground import Ground, until
from bench.measure import HUB, POSTGRES, Measure
from bench.memory import largest_peak_mib
from bench.paper import Paper, number
from bench.records import Arrival, count_arrivals, read_arrivals
from bench.sending import Sent, arrivals_of, delivery_of, ready, send, send_file, send_said
from bench.territories import FRANCE, Territory
from bench.whole import latencies
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation import people
from simulation.siao_messages import referral

PLACES, REFERRALS = 600_000, 50_000
EVENING_RATE, EVENING_SECONDS = 300.0, 60
REFUSED_ONE_IN = 4
SEED = 1
FILES_AT_ONCE = 4
FIRST_ROW = 2
"""Row number, as the hub counts, of a file's first line after the header."""
WITHIN_SECONDS = 3600.0
HEADERS = ("Moment", "Messages", "Minutes", "Messages/s", "Hub µs", "PostgreSQL µs", "p50", "p99")


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of the country's day."""

    moments: Sequence[Measure]
    peak_mib: float
    """Highest peak memory of any process of the hub."""


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every accepted message arrived once; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="make france", description="Une journée du pays entier.")
    parser.add_argument("--share", type=float, default=1.0, help="la part du pays, de 0 à 1 (1)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(measured, share=given.share))
    if result is None:
        return 1
    day, about = result
    paper = Paper("Une journée du pays", HEADERS, list(map(_row, day.moments)), _notes(day), about)
    paper.show(console)
    if given.write:
        keep(paper, "france", asdict(day))
    return 0


async def measured(parts: Parts, folder: Path, share: float) -> Day:
    """Play morning, day and evening, one after the other. Raises BenchFailed if a delivery is lost or doubled."""
    with reserved_ports(2) as (port, stub_port), console.status("les 101 départements…") as status:
        listening = dict.fromkeys(FRANCE, stub_port)
        ground = Ground(parts, folder, port, stub_port, listening=listening, shelters_listen=True)
        await ground.prepare()
        arrivals = folder / "arrivees"
        with ground.stub(arrivals) as stub, ground.hub() as hub:
            await ready(ground)
            await ground.at_rest(hub)
            country = _Country(ground, hub, stub, arrivals)
            status.update("lundi, 6 h : toutes les places…")
            morning = await country.morning(round(PLACES * share / len(FRANCE)))
            status.update("la journée : orientations…")
            directed = await country.referrals(round(REFERRALS * share))
            status.update("… et leurs réponses…")
            answered = await country.answers()
            status.update("le soir : le 115 cherche…")
            evening = await country.evening(round(EVENING_RATE * EVENING_SECONDS * share))
            assert hub.pid
            peak = largest_peak_mib(hub.pid)
        _judge(country.expected, read_arrivals(arrivals))
    return Day([morning, directed, answered, evening], peak)


class _Country:
    """A running hub with the partners of the whole country, and the deliveries that they must get."""

    def __init__(self, ground: Ground, hub: Child, stub: Child, arrivals: Path) -> None:
        self._ground = ground
        self._meter = ground.meter(hub, stub)
        self._arrivals = arrivals
        self._owed: list[tuple[Territory, str]] = []
        """The delivery of each referral to the shelter of a territory."""
        self.expected: list[str] = []

    async def morning(self, places: int) -> Measure:
        """Send all places of each shelter, one file each; return throughput and cost."""
        room = asyncio.Semaphore(FILES_AT_ONCE)

        async def sent(territory: Territory) -> list[str]:
            async with room:
                message = await send_file(self._ground, places_file(places, territory), territory)
            rows = range(FIRST_ROW, FIRST_ROW + places)
            return [delivery_of(message, row, territory.siao) for row in rows]

        async def all_sent() -> list[str]:
            return [each for deliveries in await asyncio.gather(*map(sent, FRANCE)) for each in deliveries]

        return await self._measured("Lundi, 6 h : toutes les places", all_sent())

    async def referrals(self, count: int) -> Measure:
        """Send referrals, each from a SIAO to its territory's shelter; return throughput and cost."""
        who, today = list(islice(cycle(FRANCE), count)), datetime.now().astimezone().date()
        said = [(territory.siao_key, _referral(n, territory, today)) for n, territory in enumerate(who, 1)]

        async def sent() -> list[str]:
            messages = await self._said(said)
            self._owed = [(t, delivery_of(m, siao=t.shelter)) for t, m in zip(who, messages, strict=True)]
            return [delivery for _, delivery in self._owed]

        return await self._measured("La journée : orientations", sent())

    async def answers(self) -> Measure:
        """Send the shelters' answers to all referrals; return throughput and cost."""
        told = dict(_told(self._arrivals))
        said = [(t.key, _answer(n, told[delivery])) for n, (t, delivery) in enumerate(self._owed, 1)]

        async def sent() -> list[str]:
            messages = zip(await self._said(said), self._owed, strict=True)
            return [delivery_of(message, siao=territory.siao) for message, (territory, _) in messages]

        return await self._measured("La journée : réponses", sent())

    async def evening(self, count: int) -> Measure:
        """Send vacancies at a fixed rate; return throughput, cost and latencies."""
        rounds: list[Sent] = []

        async def at_its_rate() -> list[str]:
            places = count // len(FRANCE) + 1
            rounds.append(await send(self._ground, count, EVENING_RATE, FRANCE, places=places))
            return rounds[0].deliveries

        measure = await self._measured(f"Le soir : {EVENING_RATE:.0f} par seconde", at_its_rate())
        (sent,) = rounds
        more = latencies(sent, arrivals_of(self._arrivals, sent.deliveries))
        return replace(measure, seconds=sent.answered - sent.first, more=more)

    async def _measured(self, moment: str, sending: Coroutine[None, None, list[str]]) -> Measure:
        """Return throughput and cost of one part of the day, from the start of sending to the last delivery.
        `sending` returns the deliveries to wait for."""
        before, start = self._meter.read(), time.monotonic()
        expected = await sending
        self.expected += expected
        wanted = set(expected)

        async def all_here() -> bool:
            if count_arrivals(self._arrivals) < len(self.expected):
                return False  # reading all arrivals takes long, so it is not done before there are enough
            return wanted <= {arrival.delivery for arrival in read_arrivals(self._arrivals)}

        await until(all_here, f"{moment} : tout est arrivé", WITHIN_SECONDS, poll_s=1.0)
        last = max(each.moment for each in arrivals_of(self._arrivals, wanted))
        return Measure(moment, len(expected), last - start, self._meter.since(before))

    async def _said(self, said: Sequence[tuple[str, bytes]]) -> list[str]:
        """Send these messages, pairs of API key and body; return their ids."""
        file = self._ground.folder / "dits"
        file.write_bytes(b"".join(b"%b %b\n" % (key.encode(), body) for key, body in said))
        return [request.message for request in await send_said(self._ground, file, WITHIN_SECONDS)]


def _referral(number: int, territory: Territory, today: date) -> bytes:
    """Return a SIAO's referral of a made-up household to the territory's shelter."""
    household = people.household(SEED, number, (), today)
    return referral(number, household, "INSERTION", today, None, territory.finess)


def _answer(number: int, told: str) -> bytes:
    """Return a shelter's answer to a referral. Most are acceptances. `told`: the hub's id of the referral."""
    if number % REFUSED_ONE_IN:
        return json.dumps({"type": "orientation.acceptee", "orientation": told}).encode()
    why = {"auteur": "STRUCTURE", "motif": "PLACE_NON_DISPONIBLE"}
    return json.dumps({"type": "orientation.refusee", "orientation": told, **why}).encode()


def _told(arrivals: Path) -> Iterator[tuple[str, str]]:
    """Yield each delivery to a shelter with the hub's id of its referral."""
    for line in arrivals.with_name(f"{arrivals.name}.orientations").read_text().splitlines():
        delivery, told = line.split()
        yield delivery, told


def _judge(expected: Sequence[str], arrived: Sequence[Arrival]) -> None:
    """Raise BenchFailed unless every expected delivery arrived exactly once."""
    got = Counter(arrival.delivery for arrival in arrived)
    lost, twice = set(expected) - got.keys(), got.total() - len(got)
    if lost or twice:
        raise BenchFailed(f"{len(lost)} livraisons perdues, {twice} de trop, sur {len(expected)}")


def _row(moment: Measure) -> list[str]:
    figures = moment.figures
    return [
        moment.stage,
        number(moment.messages),
        number(moment.seconds / 60, 1),
        number(figures["par_s"]),
        number(figures[f"{HUB}_us"]),
        number(figures.get(f"{POSTGRES}_us", 0)),
        *(f"{number(figures[name])} ms" if name in figures else "" for name in ("p50_ms", "p99_ms")),
    ]


def _notes(day: Day) -> list[str]:
    said = sum(moment.messages for moment in day.moments)
    return [
        "Chaque moment dure du premier envoi à la dernière arrivée chez le partenaire ; le soir, du premier au dernier "
        "envoi. µs : calcul par message. p50, p99 : du moment d'envoi prévu à l'arrivée.",
        f"{number(said)} messages acceptés, tous arrivés une fois.",
        f"Le plus qu'un processus du hub ait jamais occupé : {number(day.peak_mib)} Mio.",
    ]


if __name__ == "__main__":
    sys.exit(main())
