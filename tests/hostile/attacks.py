"""Everything that attacks a hub: clients of its gateway and console, servers that it calls, topics that it reads."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bench.ground import Ground, until
from connectors.kafka.bounds import BATCH_MAX_BYTES, RECORDS_MAX
from contracts.partner import Partner
from deploy.local.process import Child
from simulation.hub_process import module
from simulation.sftp_server import prepare
from tests.conformance.kafka_partner import Topic
from tests.hostile.answering import DROPS, HTTP, IDENTITY, NOISE, RUBBISH, SFTP
from tests.hostile.hurling import PATIENCE_SECONDS
from tests.hostile.partners import Sftp, hostile_partners, of_folders, of_topics

LAST_ANSWER_SECONDS = 120 + PATIENCE_SECONDS
"""Seconds after the end of the attack for which an attacker may still go on, and wait for an answer."""
NICENESS = 10
"""Niceness of the attackers' processes, so that the hub is tried rather than the machine."""
KAFKA = "hostile-kafka"
CODECS = ("gzip", "zstd", "snappy", "lz4")
_PAUSED = "SELECT count(*) FROM source_halt WHERE attempts > 1"


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of the trial."""

    pairs: int
    quiet_seconds: int
    noisy_seconds: int
    attackers: int
    seed: int


class Ports(NamedTuple):
    """Ports of all servers in the trial."""

    door: int
    stub: int
    http: int
    sftp: int
    rubbish: int
    identity: int
    console: int
    health: int


class Attack:
    """The attackers, in processes of their own, and what they have found so far."""

    def __init__(self, ground: Ground, plan: Plan, ports: Ports) -> None:
        self._ground, self._plan, self._ports = ground, plan, ports
        self._seeds = count(plan.seed * 1_000_000, 10_000)
        bootstrap = ground.parts.bootstrap
        self._topics = [Topic(bootstrap, f"{ground.prefix}-bombes-{number}") for number in range(plan.pairs)]
        self._left = iter(enumerate(self._topics))
        self.answers = Counter[int]()
        self.found = list[str]()

    async def partners(self) -> list[Partner]:
        """Return the hostile partners for the registry. Creates the topics and keys that their entries name."""
        prepare(self._ground.folder)
        for topic in self._topics:
            await topic.create()
        named = of_topics(self._ground.parts.bootstrap, [topic.name for topic in self._topics])
        sftp = Sftp(self._ports.sftp, self._ports.rubbish, self._ground.folder)
        return [*hostile_partners(self._ports.http, sftp), *of_folders(sftp), *named]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Run the hostile servers until the block ends."""
        child = Child(self._ground.folder, self._ground.folder / "hostile-serveur.log")
        ports = (self._ports.http, self._ports.sftp, self._ports.rubbish, self._ports.identity)
        arguments = map(str, (*ports, self._plan.seed, self._ground.folder))
        child.spawn(["/usr/bin/nice", f"-n{NICENESS}", *module("tests.hostile.answering"), *arguments])
        try:
            yield
        finally:
            child.stop()

    @asynccontextmanager
    async def under_way(self, seconds: float) -> AsyncIterator[None]:
        """Attack for `seconds` beside the block. When the block ends, wait for the attackers' last answers and
        collect their results."""
        await _fill(*next(self._left))
        seeds = [next(self._seeds) for _ in range(self._plan.attackers)]
        attackers = {each: self._attacker("hurling", self._ports.door, each, seconds) for each in seeds}
        visitor = next(self._seeds)
        attackers[visitor] = self._attacker("visiting", self._ports.console, visitor, seconds)
        noise = self._ground.folder / NOISE
        noise.touch()
        yield
        for each, attacker in attackers.items():
            await until(partial(_ended, attacker), "un attaquant a fini", seconds + LAST_ANSWER_SECONDS)
            said = json.loads(self._results(each).read_text(encoding="utf-8"))
            self.answers.update({int(status): number for status, number in said["reponses"].items()})
            self.found += said["trouvailles"]
        noise.unlink()

    async def answered(self) -> Mapping[str, int]:
        """Return the number of answers of each hostile server so far, and the number of topics that the hub has
        stopped reading."""
        told = {kind: self._ground.folder / kind for kind in (HTTP, SFTP, DROPS, RUBBISH, IDENTITY)}
        sizes = {kind: file.stat().st_size if file.exists() else 0 for kind, file in told.items()}
        async with self._ground.sql() as connection:
            return {**sizes, KAFKA: await connection.fetchval(_PAUSED)}

    def _attacker(self, kind: str, port: int, seed: int, seconds: float) -> Child:
        arguments = [str(port), str(seed), str(seconds), str(self._results(seed))]
        child = Child(self._ground.folder, self._ground.folder / f"hostile-{seed}.log")
        child.spawn(["/usr/bin/nice", f"-n{NICENESS}", *module(f"tests.hostile.{kind}"), *arguments])
        return child

    def _results(self, first_seed: int) -> Path:
        return self._ground.folder / f"hostile-{first_seed}.json"


async def _fill(number: int, topic: Topic) -> None:
    """Write records that are expensive to read, then a batch that the hub must not read: too large, or with too
    many records."""
    codec = CODECS[number % len(CODECS)]
    await topic.write_batch(codec, *[b'{"a":' * 12_000] * 20)
    await topic.write_batch(codec, b"[" * (BATCH_MAX_BYTES // 2))
    bomb = [b""] * (RECORDS_MAX + 1) if number % 2 else [bytes(BATCH_MAX_BYTES + 1)]
    await topic.write_batch(codec, *bomb)


async def _ended(child: Child) -> bool:
    return child.pid is None
