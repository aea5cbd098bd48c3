"""Faults of full disks: PostgreSQL, Kafka or a partner's file server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from deploy.local.disk import Disk
from simulation import moods
from simulation.chaos.ground import Ground
from simulation.moods import Humour, Mood

SETTLE_SECONDS = 2.0
"""Time after which a part whose disk was full has either ended or recovered."""


@contextmanager
def full(ground: Ground, chance: Random) -> Iterator[None]:
    """Fill the disks of PostgreSQL, Kafka and a partner in turn. Restart a part that ended."""
    name, where = WHERE[sum(ground.did[name] for name, _ in WHERE) % len(WHERE)]
    ground.did[name] += 1
    with where(ground, chance):
        yield


@contextmanager
def _postgres(ground: Ground, _: Random) -> Iterator[None]:
    with _filled(ground.postgres.disk):
        yield
    if ground.postgres.pid is None:
        ground.postgres.start()


@contextmanager
def _kafka(ground: Ground, _: Random) -> Iterator[None]:
    with _filled(ground.kafka.disk):
        yield
    for node in ground.nodes:
        if node.pid is None:
            node.launch()
    for node in ground.nodes:
        node.wait_until_it_answers([each.node_id for each in ground.nodes])


@contextmanager
def _partner(ground: Ground, chance: Random) -> Iterator[None]:
    config = ground.with_a_folder(chance)
    moods.write(config.mood, Humour(Mood.FULL))
    yield
    moods.write(config.mood, None)


@contextmanager
def _filled(disk: Disk | None) -> Iterator[None]:
    assert disk is not None
    disk.fill()
    try:
        yield
    finally:
        disk.free()
        time.sleep(SETTLE_SECONDS)


WHERE = (("disque-kafka", _kafka), ("disque-postgresql", _postgres), ("disque-partenaire", _partner))
"""Disks in the order in which they are filled, by their name in the report."""
