"""Runs the sender against a hub, reads the answers, and compares them with the partner's arrivals."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from urllib.request import Request as HttpRequest
from urllib.request import urlopen
from uuid import UUID

from bench.bodies import PLACES
from bench.errors import BenchFailed
from bench.ground import DEADLINE_SECONDS, Ground, until
from bench.records import Arrival, Request, read_arrivals, read_requests
from bench.territories import AIN, Territory
from contracts.envelope import derived_id, row_id
from deploy.local.process import Child
from simulation.hub_process import module

_numbers = count(1)
_STATE = "SELECT etat FROM inbox WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Sent:
    """A run of the sender in which every message was answered 202."""

    requests: Sequence[Request]
    cpu_s: float
    territories: Sequence[Territory]
    """Territories whose shelters sent, in rotation."""

    @property
    def first(self) -> float:
        """The time at which the first message was to leave (monotonic clock)."""
        return min(request.moment for request in self.requests)

    @property
    def answered(self) -> float:
        """The time of the last answer (monotonic clock)."""
        return max(request.answered for request in self.requests)

    @property
    def deliveries(self) -> list[str]:
        """The ids of the deliveries that the SIAO must get, one for each message."""
        turns = cycle(territory.siao for territory in self.territories)
        return [
            delivery_of(request.message, siao=siao)
            for request, siao in zip(self.requests, turns, strict=False)
        ]


async def send(
    ground: Ground,
    messages: int,
    rate: float | None = None,
    territories: Sequence[Territory] = (AIN,),
    places: int = PLACES,
) -> Sent:
    """Send messages from the shelters of these territories, about the first `places` places of each. At `rate` per
    second, or as fast as answers come. Raises BenchFailed unless every message was accepted."""
    results = ground.folder / f"envoi-{next(_numbers)}-{ground.prefix}"
    numbers = ",".join(str(territory.number) for territory in territories)
    command = [
        *module("bench.load"),
        str(ground.port),
        numbers,
        str(messages),
        str(results),
        f"--places={places}",
    ]
    if rate is not None:
        command.append(f"--rate={rate}")
    within_s = DEADLINE_SECONDS + (messages / rate if rate else 0)
    return Sent(*await _sent(ground, command, results, within_s), territories)


async def send_said(
    ground: Ground, said: Path, within_s: float, rate: float | None = None
) -> Sequence[Request]:
    """Send the messages of a file, one a line, at `rate` per second if given. Raises BenchFailed unless every
    message was accepted within the time."""
    results = ground.folder / f"envoi-{next(_numbers)}-{ground.prefix}"
    command = [*module("bench.load"), str(ground.port), "-", "0", str(results), f"--said={said}"]
    if rate is not None:
        command.append(f"--rate={rate}")
    requests, _ = await _sent(ground, command, results, within_s)
    return requests


async def _sent(
    ground: Ground, command: Sequence[str], results: Path, within_s: float
) -> tuple[Sequence[Request], float]:
    await asyncio.to_thread(Child(ground.folder, ground.folder / "load.log").run, command, within_s)
    requests = read_requests(results)
    statuses = Counter(request.status for request in requests)
    if set(statuses) != {202}:
        raise BenchFailed(f"réponses inattendues (0 : sans réponse) : {dict(statuses)}")
    return requests, float(results.with_suffix(".cpu").read_text())


async def send_file(ground: Ground, body: bytes, territory: Territory = AIN) -> str:
    """Send one CSV file from the territory's shelter, and return the id of its message. Raises BenchFailed
    or HTTPError unless it is accepted."""
    headers = {
        "Authorization": f"Bearer {territory.key}",
        "Content-Type": "text/csv",
        "SIAO-Dialecte": "hebergement_csv",
        "Idempotency-Key": f"fichier-{next(_numbers)}",
    }
    request = HttpRequest(f"http://127.0.0.1:{ground.port}/v1/messages", body, headers)
    with await asyncio.to_thread(urlopen, request) as answer:
        if answer.status != 202:
            raise BenchFailed(f"fichier refusé : {answer.status}")
        return str(answer.headers["location"].rpartition("/")[2])


async def decoded(ground: Ground, message: str) -> str:
    """Wait until the hub has decoded a file, and return the state of its message. Raises BenchFailed at the
    deadline."""
    async with ground.sql() as connection:

        async def state() -> str:
            return str(await connection.fetchval(_STATE, message))

        async def decided() -> bool:
            return await state() != "en_cours"

        await until(decided, "le fichier est décodé")
        return await state()


async def ready(ground: Ground) -> None:
    """Wait until the gateway's `/readyz` answers 200. Raises BenchFailed at the deadline."""

    async def answers() -> bool:
        try:
            with await asyncio.to_thread(urlopen, f"http://127.0.0.1:{ground.port}/readyz") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    await until(answers, "le hub est prêt")


def delivery_of(message: str, row: int = 1, siao: str = AIN.siao) -> str:
    """Return the `webhook-id` of the delivery to a SIAO (or another partner) for one row of a message."""
    return str(derived_id(row_id(UUID(message), row), "livraison", siao))


def check(expected: Iterable[str], arrivals: Sequence[Arrival]) -> None:
    """Raise BenchFailed unless exactly the expected deliveries arrived, once each."""
    wanted, got = Counter(expected), Counter(arrival.delivery for arrival in arrivals)
    lost, more = wanted - got, got - wanted
    if lost or more:
        raise BenchFailed(f"{lost.total()} livraisons perdues, {more.total()} de trop, sur {wanted.total()}")


def arrivals_of(results: Path, deliveries: Iterable[str]) -> list[Arrival]:
    """Return the recorded arrivals of these deliveries, repetitions included."""
    wanted = set(deliveries)
    return [arrival for arrival in read_arrivals(results) if arrival.delivery in wanted]
