"""Reservations of places, and their ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.v1.place import PlaceLiberee
from router.domain.deadlines import running
from router.domain.rulebooks.place import Etat
from router.domain.subjects import Place
from router.leased.deadlines import Deadlines
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import consequences
from router.store.consequences import Consequences
from tests.integration import beside
from tests.integration.world import World


async def ran_out(world: World, manager: str, *hours_ago: int) -> set[UUID]:
    """Add reserved places of a manager whose reservations ended so many hours ago; return their ids."""
    places = [
        Place(
            id=uuid4(),
            etat=Etat.RESERVEE,
            version=3,
            gestionnaire=manager,
            etat_depuis=datetime.now(UTC) - timedelta(days=6),
            expire_le=datetime.now(UTC) - timedelta(hours=hours),
        )
        for hours in hours_ago
    ]
    async with world.database.transaction() as connection:
        runs = {
            (place.id, kind): deadline for place in places for kind, deadline in running(place, "01").items()
        }
        await consequences.write(connection, str, Consequences(subjects=[*places], deadlines=runs))
    return {place.id for place in places}


async def released(world: World) -> set[UUID]:
    """Return the places whose reservations the hub has ended."""
    return {event.subject for event in await world.events(kind=PlaceLiberee.TYPE)}


async def place_of(world: World, referral: str) -> Any:
    """Return the place that is reserved for a referral."""
    (held,) = [each for each in await world.subjects("place") if referral in each.donnees]
    return held


@asynccontextmanager
async def released_in_time(world: World) -> AsyncIterator[None]:
    """Run the duty that ends reservations, until the block ends, while no worker applies events."""
    prover, lease = Keyring.of(world.settings).prover, Lease(world.database, "deadlines", uuid4(), 3.0)
    wake = WakeUp()
    deadlines = Deadlines(world.database, prover, lease, world.registry, wake)
    async with beside.work(deadlines.run()), beside.work(beside.beats(wake)):
        yield
