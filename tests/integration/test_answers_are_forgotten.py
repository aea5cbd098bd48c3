"""What a partner answers may name whomever it likes: it is kept under a household's key, or not at all."""

from typing import Any
from uuid import UUID

import pytest

from contracts.errors import Permanent
from ops.unsealing import showing as unsealing
from ops.unsealing import sql as sealed_bytes
from router.delivery.rendering import unseal_reply
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from tests.integration import lasting
from tests.integration.messages import NOM, cancellation, vacancy
from tests.integration.statements import heard
from tests.integration.test_forgetting import forgotten, menage_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

NOTE = {"note": f"{NOM} est déjà partie"}


async def answered(world: World, partner: str, kind: str) -> UUID:
    """The delivery of an event of this type, once its partner has answered to it."""

    async def settled() -> Any:
        events = {event.id for event in await world.events(kind=kind)}
        return [
            each.id
            for each in await world.deliveries(partner)
            if each.event_id in events and each.etat == "livree"
        ]

    (delivery,) = await until(settled, f"« {partner} » répond à {kind}")
    return UUID(str(delivery))


async def said(world: World, delivery: UUID) -> str:
    """What somebody reads of an answer who says why."""
    keyring = Keyring.of(world.settings)
    return (await unsealing.reply(world.database, keyring, delivery, "cli:astreinte", "essai")).text


async def kept(world: World, delivery: UUID) -> str:
    """What the hub's own key opens of an answer."""
    async with world.database.transaction() as connection:
        row = await sealed_bytes.reply(connection, delivery)
        ciphers = await Keyring.of(world.settings).get(connection, [HUB_HOLDER])
    assert row is not None
    return unseal_reply(ciphers[HUB_HOLDER], delivery, row.reply).body.decode()


async def test_an_answer_is_forgotten_with_the_household_of_its_subject_also_to_an_event_with_nothing_sealed(
    world: World,
) -> None:
    world.shelter.status, world.shelter.reply = 200, NOTE
    await world.referred()
    assert (await world.send("siao-01", cancellation(4711)))[0] == 202
    kinds = ("orientation.proposee", "orientation.annulee")
    deliveries = [await answered(world, "centre", kind) for kind in kinds]
    for delivery in deliveries:
        assert NOM in await said(world, delivery)
    await world.settled()
    await forgotten(world, await menage_of(world))
    for delivery in deliveries:
        with pytest.raises(Permanent, match="plus lisible"):
            await said(world, delivery)
    assert HUB_HOLDER in await world.keys(), "nulle autre clé ne l'ouvre"


async def test_an_answer_to_what_names_no_household_keeps_its_shape_and_no_value(world: World) -> None:
    world.siao.status, world.siao.reply = 200, NOTE
    for place, more in (("A-1", {}), ("A-2", {"adresse": "4 rue Neuve"})):
        await world.accepted("centre", vacancy(place, **more))
    await until(lambda: len(world.siao.messages) == 2, "les deux places arrivent")
    await world.settled()
    for delivery in await world.deliveries("siao-01"):
        told = await said(world, delivery.id)
        assert "seule la forme est gardée" in told
        assert '"note"' in told
        assert NOM not in told
        assert NOM not in await kept(world, delivery.id)
    assert NOM.encode() not in await world.everything()


async def test_the_key_of_a_household_comes_with_what_is_to_be_sent_and_costs_no_question_more(
    prepared: World,
) -> None:
    with heard() as listening:
        await prepared.start()
        await prepared.referred()
        await prepared.settled()
        assert prepared.hub is not None
        prepared.hub.keyring._cache.pop(await menage_of(prepared), None)
        prepared.shelter.status, prepared.shelter.reply = 200, NOTE
        before = len(listening.transactions)
        assert (await prepared.send("siao-01", cancellation(4711)))[0] == 202
        delivery = await answered(prepared, "centre", "orientation.annulee")
        spoken = [each for transaction in listening.transactions[before:] for each in transaction]
    assert NOM in await said(prepared, delivery)
    of_keys = [
        each for each in spoken if "holder_key" in each and "WITH fresh" not in each
    ]  # those are of messages
    with_the_delivery = ("UPDATE lane", "INTO lane")  # who claims its lane, dispatcher or worker
    assert [each for each in of_keys if not any(part in each for part in with_the_delivery)] == []
