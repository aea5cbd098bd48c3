"""Runs one story with all processes of the hub at once, in the order of a seed, and judges its end."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contracts.partner import ClasseLivraison
from ops.running import scheduler
from router.applying import applier, locking
from router.delivery import dispatcher, sending
from router.domain import turns
from router.domain.partners import Registry
from router.intake import bulk, drafting
from router.privacy import keyring
from router.process import leases
from router.process.wakeup import WakeUp
from router.relay import shard
from router.settings import Settings
from router.store import hub_events
from router.store.database import BULK, LANES, OUTBOX
from tests.integration.interleaving import Scheduler
from tests.integration.interleaving_gates import RUNNING, TIME, Ground, Kind, Today, strands_known
from tests.integration.interleaving_lives import SMALL_ROWS, Lives
from tests.integration.interleaving_outside import BUS, PARTNERS, Journal, here
from tests.integration.interleaving_senders import CENTRE, SIAO, Senders
from tests.integration.interleaving_sql import Connections, Watcher
from tests.integration.interleaving_tables import empty
from tests.integration.interleaving_verdict import Verdict
from tests.integration.registry import changed, everybody, http

SHOWN_STEPS = 80
SECRET = Path("/secret")
CLASSES = (ClasseLivraison.DEDUPLIQUE, ClasseLivraison.AUCUNE, ClasseLivraison.INTERROGEABLE)
RESERVATIONS = (timedelta(hours=48), timedelta(minutes=1))
"""Length of reservations, in turn: in every other story a reservation ends."""


async def tell(settings: Settings, seed: int) -> list[str]:
    """Run the story of a seed, and return its steps. Raises AssertionError, with the seed and the last steps, if a
    promise is broken or the story does not end."""
    ground = Ground()
    async with empty(settings.database) as connection:
        order = Scheduler(seed, ground, Watcher(connection))
        registry = _registry(seed)
        journals = {name: Journal(registry.partners[name]) for name in (SIAO, CENTRE)}
        senders = Senders(registry, journals[SIAO])
        verdict = Verdict(connection, senders, journals)
        with strands_known(), _simulated(ground, Random(seed)), Connections(settings.database) as connections:
            lives = Lives(settings, registry, connections, journals, senders, RESERVATIONS[seed % 2])
            _begin(order, lives)
            try:
                await order.run(verdict.is_over)
                await verdict.give()
            except Exception as exc:
                steps = "\n".join(order.trace[-SHOWN_STEPS:])
                raise AssertionError(f"graine {seed}, {len(order.trace)} pas : {exc}\n{steps}") from exc
            finally:
                await order.end()
    return order.trace


def _registry(seed: int) -> Registry:
    """Return the registry of a seed. By turns the partners deduplicate, can do neither, or can be asked; by turns
    the shelter's files are all or nothing."""
    livraison = CLASSES[seed % len(CLASSES)]
    changes: dict[str, dict[str, Any]] = {
        SIAO: {"livraison": livraison},
        CENTRE: {"livraison": livraison, "tout_ou_rien": seed % 4 > 1},
    }
    return changed(everybody(http(1, SECRET), http(1, SECRET)), changes)


def _begin(order: Scheduler, lives: Lives) -> None:
    order.add("porte-0", (PARTNERS, OUTBOX), lives.gateway_and_relay)
    order.add("porte-1", (PARTNERS,), lives.gateway)
    order.add("ouvrier-0", (BUS, LANES), lives.worker_and_dispatcher)
    order.add("ouvrier-1", (BUS,), lives.worker)
    for number in range(2):
        order.add(f"fichiers-{number}", (BULK,), lives.bulk)
        order.add(f"relais-{number}", (OUTBOX,), lives.relay)
        order.add(f"livreur-{number}", (LANES,), lives.dispatcher)
    order.add("horloge", (TIME,), lives.clock)
    order.add("echeances", (TIME,), lives.deadlines)


@contextmanager
def _simulated(ground: Ground, chance: Random) -> Iterator[None]:
    """Simulate time and chance until the block ends: in processes, waits are gates, clocks are the ground's, and
    random ids and keys follow the seed."""
    sleep, wake = asyncio.sleep, WakeUp.set

    async def sleeping(seconds: float) -> None:
        process = RUNNING.get()
        await (process.stop(f"attend {seconds} s", Kind.OUTSIDE) if process and seconds else sleep(seconds))

    async def waiting(_: WakeUp, longest_s: float) -> bool:
        await here().stop("attend d'être réveillé", Kind.REST)
        return True

    def waking(self: WakeUp) -> None:
        wake(self)
        ground.call(here().name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleeping)
        patch.setattr(WakeUp, "wait", waiting)
        patch.setattr(WakeUp, "set", waking)
        patch.setattr(os, "urandom", chance.randbytes)
        patch.setattr(bulk, "CHUNK_ROWS", SMALL_ROWS)
        patch.setattr(turns, "SMALL_ROWS", 1)  # so a message of two rows counts as bulk
        for module in (applier, locking, drafting, hub_events):
            patch.setattr(module, "datetime", Today(ground))
        for module in (dispatcher, keyring, sending, leases, shard, scheduler):
            patch.setattr(module, "time", ground)
        yield
