"""After a kill -9, who is started again on the same machine takes over what the dead process held, and no more."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from contracts.partner import ClasseLivraison
from contracts.unknown_keys import UnknownKeys
from router.domain.roles import Role
from router.process.leases import Lease
from router.process.os_process import identity_of
from router.store import heartbeat, lanes
from router.store.heartbeat import Beat, Process
from tests.integration import accidents
from tests.integration.registry import http
from tests.integration.test_lanes import owe, owed
from tests.integration.waiting import until
from tests.integration.world import World

FOR_LONG = 3600.0
SERVED = ("siao-01", "centre", "centre-boite")
SOON = timedelta(minutes=1)


async def test_what_a_dead_process_held_is_free_at_once_or_once_the_partner_can_be_asked(
    prepared: World,
) -> None:
    way_out = http(prepared.shelter.port, prepared.secret, question="http://127.0.0.1/recus/{cle}")
    asked = {"livraison": ClasseLivraison.INTERROGEABLE, "sortie": way_out}
    never = {"livraison": ClasseLivraison.AUCUNE}
    await prepared.write_registry(prepared.registry(siao_01=never, centre=asked))
    dead = await at_work(prepared, of_a_dead_process(), "relay:0", *SERVED, "bailleur")
    await accidents.claimed_by_somebody_unknown(prepared, "bailleur")
    alive = await at_work(prepared, identity_of(os.getpid()), "bulk", "centre-boite")
    await at_work(prepared, None, "audit", "centre-boite")
    await prepared.start(Role.DISPATCHER)

    async def freed() -> set[str]:
        return {lane.partner for lane in await prepared.lanes() if lane.due_in < SOON}

    await until(freed, "des voies sont libres")
    assert await freed() == {"centre", "centre-boite"}
    assert len(await prepared.lanes("centre-boite")) == 3
    assert sum(lane.due_in < SOON for lane in await prepared.lanes("centre-boite")) == 1
    assert {"bulk", "audit"} <= set(await prepared.leased())
    assert "relay:0" not in await prepared.leased()
    assert await Lease(prepared.database, "relay:0", uuid4(), FOR_LONG).take()
    async with prepared.database.statement() as connection:
        identities = await heartbeat.identities(connection, [Role.DISPATCHER])
        assert dead not in identities
        assert alive in identities


async def at_work(world: World, identity: str | None, lease: str, *partners: str) -> UUID:
    """A process that dispatches has a lease, and a lane to each of these partners, for an hour."""
    holder = uuid4()
    assert await Lease(world.database, lease, holder, FOR_LONG).take()
    said = Process(holder, "ici", 1, "1", datetime.now(UTC), identity)
    async with world.database.transaction() as connection:
        await heartbeat.beat(
            connection, Beat(said, [(Role.DISPATCHER, None)], UnknownKeys(), [], FOR_LONG, ())
        )
        await owe(connection, [owed(partner, uuid4()) for partner in partners])
        room = [(partner, 1, FOR_LONG) for partner in partners]
        assert len(await lanes.claim(connection, holder, room, total=10, limit=1)) == len(partners)
    return holder


def of_a_dead_process() -> str | None:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    identity = identity_of(process.pid)
    process.communicate()
    return identity
