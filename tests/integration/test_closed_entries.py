"""What nobody will correct is closed, and who did it and why is kept."""

import json
from datetime import timedelta

from ops.replay.orders import CLOSED_AT_ONCE, close
from router.store import deliveries, jobs
from tests.integration import accidents, lasting
from tests.integration.messages import to_structure, vacancy
from tests.integration.quarantined import NOUVEAU_FINESS, replayed
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world


async def test_a_refused_message_that_nobody_will_correct_is_closed_and_who_did_it_and_why_is_kept(
    door: World,
) -> None:
    for number in (1, 2):
        await door.send("centre", vacancy(f"A-{number}", structure=NOUVEAU_FINESS))
    first, second = (each.id for each in await door.quarantined())
    assert await close(door.database, jobs.Filter(row=first), "test", "doublon") == 1
    states = {each.id: each.etat for each in await door.quarantined()}
    assert states == {first: "classee", second: "ouverte"}
    (audited,) = await door.audited("quarantaine.classer")
    assert (audited.actor, audited.object) == ("test", str(first))
    assert json.loads(audited.detail) == {"motif": "doublon"}
    assert await close(door.database, jobs.Filter(row=first), "test", "encore") == 0


async def test_what_came_after_the_look_of_whoever_closes_waits_for_a_decision_of_its_own(
    door: World,
) -> None:
    await door.send("centre", vacancy("A-1", structure=NOUVEAU_FINESS))
    (seen,) = await door.quarantined()
    async with door.database.transaction() as connection:
        at = await deliveries.moment(connection)
    await door.send("centre", vacancy("A-2", structure=NOUVEAU_FINESS))
    wanted = jobs.Filter(cause=seen.cause, partner="centre")
    assert await close(door.database, wanted, "test", "sans valeur", at) == 1
    states = {each.id == seen.id: each.etat for each in await door.quarantined()}
    assert states == {True: "classee", False: "ouverte"}


async def test_what_came_back_from_a_replay_after_the_look_of_whoever_closes_waits_for_a_decision_of_its_own(
    world: World,
) -> None:
    await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    (seen,) = await until(world.quarantined, "l'orientation est en quarantaine")
    async with world.database.transaction() as connection:
        at = await deliveries.moment(connection)
    await replayed(world, row=seen.id)
    await until(lambda: world.quarantined("ouverte"), "elle y revient")
    assert await close(world.database, jobs.Filter(row=seen.id), "test", "sans valeur", at) == 0
    assert await close(world.database, jobs.Filter(row=seen.id), "test", "vue de nouveau") == 1


async def test_all_that_a_filter_matches_is_closed_however_much(
    door: World,
) -> None:
    many = 2 * CLOSED_AT_ONCE + 1
    await accidents.many_refused_since(door, many, timedelta(days=1), cause="structure_etrangere")
    await door.send("siao-01", {"idMessage": "m-1"})
    cause = jobs.Filter(cause="structure_etrangere", partner="centre")
    assert await close(door.database, cause, "test", "tous renvoyés") == many
    assert len(await door.quarantined("ouverte")) == 1
