"""The registry is taken up by a hub that runs; nothing is restarted."""

import asyncio
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts.errors import Misconfigured
from router.delivery.outlet import Outlet
from router.domain.partners import Registry
from router.store import registry as registry_store
from tests.integration import accidents, lasting
from tests.integration.messages import referral, vacancy
from tests.integration.registry import FINESS, hash_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world


async def status_with(world: World, key: str) -> int:
    return (await world.post(vacancy(), Authorization=f"Bearer {key}")).status


async def test_a_new_key_works_and_a_removed_one_stops_working_without_a_restart(world: World) -> None:
    assert await status_with(world, "cle-de-centre") == 202
    await world.apply(world.registry(centre={"cles_api": (hash_of("cle-neuve"),)}))
    assert await status_with(world, "cle-neuve") == 202
    assert await status_with(world, "cle-de-centre") == 401
    changes = [json.loads(line.detail)["modifies"] for line in await world.audited("partenaires.appliquer")]
    assert [who for who in changes if who] == [["centre"]]


async def test_a_partner_that_is_taken_out_keeps_no_connection_and_put_back_gets_what_waited_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, close = list[tuple[str, bool]](), Outlet.close
    assert world.hub is not None
    assert world.hub.dispatcher is not None

    async def note_and_close(self: Outlet) -> None:
        if any(self is each for each in in_use):  # those of an earlier test may be closed late
            closed.append((self.partner.id, self.outage.lasts))
        await close(self)

    place = await world.known_place()
    world.shelter.status = 401
    await world.accepted("siao-01", referral(place))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    in_use = [*world.hub.dispatcher.outlets]
    monkeypatch.setattr(Outlet, "close", note_and_close)
    everybody = world.registry()
    await world.apply(Registry.of(p for p in everybody.partners.values() if p.id != "centre"))
    assert await status_with(world, "cle-de-centre") == 401
    status, _ = await world.send("centre-boite", vacancy("B-1", structure="010000032"))
    assert status == 202
    await until(lambda: len(world.siao.messages) == 2, "les autres continuent")
    await until(lambda: closed, "ce qui menait au centre est fermé")
    assert closed == [("centre", False)], "sa panne n'est plus la nôtre"
    world.shelter.status = 204
    await world.apply(everybody)
    await until(lambda: world.shelter.messages, "le centre reçoit son orientation")
    assert world.alive


async def test_the_same_registry_once_more_is_no_change(prepared: World) -> None:
    audited = await prepared.count("audit")
    assert not await registry_store.apply(prepared.database, prepared.registry(), "test")
    assert await prepared.count("audit") == audited


async def test_of_two_registries_applied_at_once_one_is_in_force_whole_and_none_that_nobody_was_shown(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, compared = registry_store.compared, 0

    async def and_wait(*arguments: Any) -> Any:
        nonlocal compared
        found = await compare(*arguments)
        compared += 1
        if compared == 1:
            await until(other_came, "l'autre compare aussi, ou attend")
        return found

    async def other_came() -> bool:
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return compared > 1 or await prepared.sql(waiting) != []

    shown = prepared.registry()
    others = [
        Registry.of(p for p in shown.partners.values() if p.id != name) for name in ("centre", "bailleur")
    ]
    with monkeypatch.context() as at_once:
        at_once.setattr(registry_store, "compared", and_wait)
        await asyncio.gather(*(registry_store.apply(prepared.database, each, "test") for each in others))
    async with prepared.database.statement() as connection:
        assert (await registry_store.read(connection)).partners.keys() in [
            each.partners.keys() for each in others
        ]
    with pytest.raises(Misconfigured, match="relancez"):
        await registry_store.apply(prepared.database, shown, "test", shown)


async def test_an_entry_of_a_newer_version_is_taken_up_without_what_this_one_does_not_know(
    world: World,
) -> None:
    await accidents.entry_says_more(world, "centre", '{"nom": "Centre neuf", "nouveau": 1}')
    await world.apply(world.registry(siao_01={"nom": "SIAO"}, centre={"nom": "Centre neuf"}))
    assert await status_with(world, "cle-de-centre") == 202
    assert world.alive


async def test_an_entry_that_cannot_be_read_stays_what_it_was_and_stops_nobody(world: World) -> None:
    await accidents.entry_is_unreadable(world, "centre")
    with capture_logs() as logs:
        assert world.hub is not None
        await world.hub.refresh_registry()
    assert {line["partner"] for line in logs if line["event"] == "partner.unreadable"} == {"centre"}
    assert await status_with(world, "cle-de-centre") == 202
    await world.known_place("A-102")
    assert world.alive


async def test_a_new_entry_that_cannot_be_read_lets_no_key_live_on_that_was_taken_out(world: World) -> None:
    await accidents.new_entry_is_unreadable(world)
    await accidents.entry_says_more(world, "centre", '{"cles_api": []}')
    assert world.hub is not None
    await world.hub.refresh_registry()
    assert await status_with(world, "cle-de-centre") == 401
    await world.apply(world.registry())


async def test_a_hub_does_not_start_without_an_entry_that_it_cannot_read_and_a_new_registry_mends_it(
    prepared: World,
) -> None:
    await accidents.entry_is_unreadable(prepared, "centre")
    with pytest.raises(Misconfigured, match="« centre » ne peut être lue \\(famille"):
        await prepared.start()
    change = await registry_store.apply(prepared.database, prepared.registry(), "test")
    assert change.added == ("centre",)
    await prepared.start()
    assert await status_with(prepared, "cle-de-centre") == 202


async def test_an_entry_that_cannot_be_read_can_be_taken_out(prepared: World) -> None:
    await accidents.entry_is_unreadable(prepared, "centre")
    others = Registry.of(p for p in prepared.registry().partners.values() if p.id != "centre")
    assert (await registry_store.apply(prepared.database, others, "test")).removed == ("centre",)
    await prepared.start()
    assert await status_with(prepared, "cle-de-centre") == 401


async def test_the_audit_tells_a_change_field_by_field_without_a_secret_structure(world: World) -> None:
    await world.apply(world.registry(centre={"nom": "Centre neuf", "structures_protegees": (FINESS,)}))
    (audited,) = await world.audited("partenaire.changer")
    told = json.loads(audited.detail)
    assert (audited.object, told["nom"][1], told["structures_protegees"]) == (
        "centre",
        "Centre neuf",
        [0, "scellé"],
    )
    assert FINESS not in audited.detail


@pytest.mark.parametrize("keys", ["[]", '"illisible"'])
async def test_an_entry_that_cannot_be_read_keeps_no_key_that_was_taken_from_it(
    world: World, keys: str
) -> None:
    wrong = f'{{"famille": "inconnue", "cles_api": {keys}}}'
    await accidents.entry_says_more(world, "centre", wrong)
    assert world.hub is not None
    await world.hub.refresh_registry()
    assert await status_with(world, "cle-de-centre") == 401
