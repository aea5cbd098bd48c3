"""A feed that goes silent: the SIAO is told once, the hub's team sees it, and both hear once that it is over."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from contracts.rythme import Fermeture, Jour, Rythme
from ops.silences.watch import Silences
from ops.status.findings import Code
from ops.status.verdict import verdict
from ops.status.vitals import vitals
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from router.store.audit import record
from tests.integration import accidents, clock, lasting
from tests.integration.messages import vacancy
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world
DAY = timedelta(days=1)
EVERY_DAY = Rythme(jours=tuple(Jour), avant=(time(1),), feries=True)


async def looked_at(world: World) -> None:
    """Two processes look for silences at once, one of them again; then all that follows has happened."""
    assert world.hub is not None
    prover, lease = Keyring.of(world.settings).prover, Lease(world.database, "another", uuid4(), 3.0)
    registry = world.hub.registry
    one, other = (Silences(world.database, prover, lease, lambda: registry) for _ in range(2))
    await asyncio.gather(one.look(), other.look())
    await one.look()
    await world.settled()


def told(world: World) -> list[Mapping[str, Any]]:
    """What the SIAO was told of silences."""
    return [each["alerte"] for each in world.siao.messages if each["type"] == "alerte.silence"]


async def silent(world: World) -> list[str]:
    """Whose silence the hub's team is shown."""
    facts = await vitals(world.database, world.settings)
    return [found.about for found in verdict(facts, datetime.now(UTC)).findings if found.code is Code.SILENCE]


async def test_a_feed_that_goes_silent_is_told_to_the_siao_once_and_so_is_its_end(world: World) -> None:
    await world.known_place("A-101")
    await world.apply(world.registry(centre={"rythme": EVERY_DAY}))
    await looked_at(world)
    assert told(world) == [], "il vient de parler"

    await clock.grow_older(world, "subject", 7 * DAY)  # before the inbox: the hub looks by itself, too
    await clock.grow_older(world, "inbox", 7 * DAY)
    await looked_at(world)
    assert [(each["partenaire"], each["placesPerimees"]) for each in told(world)] == [("centre", 1)]
    assert await silent(world) == ["centre"]

    assert (await world.send("centre", vacancy("A-102")))[0] == 202
    await looked_at(world)
    began, ended = told(world)
    assert "finLe" not in began
    assert (ended["depuis"], "finLe" in ended) == (began["depuis"], True)
    assert await silent(world) == []


async def test_a_silence_ends_by_a_message_and_by_no_change_of_the_registry(world: World) -> None:
    await world.apply(world.registry(centre={"rythme": EVERY_DAY}, bailleur={"rythme": EVERY_DAY}))
    await world.known_place("A-101")
    await clock.grow_older(world, "inbox", 7 * DAY)
    await accidents.partner_was_applied(world, "bailleur", 7 * DAY)
    await looked_at(world)
    assert {each["partenaire"] for each in told(world)} == {"centre", "bailleur"}
    today = datetime.now(UTC).date()
    closed = (Fermeture(du=today - 10 * DAY, au=today + 3 * DAY),)
    renamed = {"rythme": EVERY_DAY, "nom": "Bailleur renommé"}
    await world.apply(world.registry(centre={"rythme": EVERY_DAY, "fermetures": closed}, bailleur=renamed))
    await looked_at(world)
    assert len(told(world)) == 2, "personne n'a rien dit"
    assert await silent(world) == ["bailleur"], "un centre fermé n'est plus attendu"

    await world.apply(world.registry(centre={"rythme": EVERY_DAY}, bailleur={"rythme": EVERY_DAY}))
    await looked_at(world)
    assert len(told(world)) == 2, "le même silence"
    assert set(await silent(world)) == {"centre", "bailleur"}
    assert (await world.send("centre", vacancy("A-102")))[0] == 202
    await looked_at(world)
    (ended,) = [each for each in told(world) if "finLe" in each]
    assert ended["partenaire"] == "centre"
    assert ended["finLe"] > ended["depuis"]


async def test_a_rhythm_is_learnt_from_what_a_partner_did_for_weeks_and_not_from_its_silence(
    world: World,
) -> None:
    await world.apply(world.registry(bailleur={"rythme": None}))
    await clock.has_spoken_every_day(world, "bailleur", days=31, until=3 * DAY)
    await clock.grow_older(world, "rhythm", DAY)
    await looked_at(world)
    assert [each["partenaire"] for each in told(world)] == ["bailleur"]

    await clock.pass_time(world, 30 * DAY)
    await looked_at(world)
    assert len(told(world)) == 1, "un mois plus tard, le même silence"
    assert await silent(world) == ["bailleur"]


async def test_after_a_restore_nobody_is_told_silent_for_messages_that_only_the_bus_still_has(
    world: World,
) -> None:
    await world.apply(world.registry(centre={"rythme": EVERY_DAY}))
    await world.known_place("A-101")
    async with world.database.transaction() as connection:
        await record(connection, "test", "base.reprendre", "bus", {})
    await clock.grow_older(world, "inbox", 7 * DAY)  # after the recovery: the hub looks by itself, too
    await looked_at(world)
    assert (told(world), await silent(world)) == ([], [])
    await clock.grow_older(world, "audit", 7 * DAY)
    await looked_at(world)
    assert [each["partenaire"] for each in told(world)] == ["centre"]
