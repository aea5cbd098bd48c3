"""Files of more than a thousand rows: answered at once, decoded afterwards, each row exactly once."""

import asyncio
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.errors import Misconfigured
from contracts.partner import SortieBoite
from router.domain.partners import Registry
from router.intake import bulk
from router.intake import receive as intake
from router.intake.bulk import Bulk
from router.roles import Role
from router.wakeup import WakeUp
from tests.integration import accidents
from tests.integration.halfway import accepting_rows, stopped_half_way
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.waiting import until
from tests.integration.world import World

ROWS = 2500
BAD = {"commune": "99999"}
BOITE = {"sortie": SortieBoite()}
"""The SIAO fetches its messages: thousands of webhooks would measure this process, not the hub."""


def file_of(rows: int) -> list[dict[str, Any]]:
    return [vacancy(f"A-{n}") for n in range(rows)]


async def sent(world: World, body: list[dict[str, Any]], key: str | None = "fichier-1") -> UUID:
    """The id of a file that was answered `en_cours`."""
    status, answer = await world.send("centre", body, key)
    assert (status, answer["etat"]) == (202, "en_cours"), answer
    return UUID(answer["id"])


async def decided(world: World, message: UUID) -> Any:
    """What the hub tells its sender once it is through."""

    async def fate() -> Any:
        status, body = await world.get("centre", f"/v1/messages/{message}")
        return body if status == 200 and body["etat"] != "en_cours" else None

    return await until(fate, "le fichier est traité")


def decoder(world: World, kind: type[Bulk] = Bulk) -> Any:
    """What decodes large files, in one process of several."""
    hub = world.hub
    assert hub is not None
    parts = (hub.database, hub.intake.keeper, hub.decoders, hub.keyring, hub.crosswalk)
    return kind(*parts, WakeUp(), hub.lease(str(uuid4())), lambda: hub.registry)


async def test_every_row_of_a_large_file_is_applied_exactly_once_across_a_stop(prepared: World) -> None:
    world = prepared
    await world.start()
    await world.apply(world.registry(siao_01=BOITE))
    message = await sent(world, file_of(ROWS))
    done = await stopped_half_way(world, message)
    assert done < ROWS, "arrêté au milieu"
    assert await world.leased() == [], "les baux sont rendus"
    assert await world.count("event") == done
    await world.start()
    fate = await decided(world, message)
    await world.settled()
    assert (fate["etat"], fate["acceptes"], fate["rejetes"]) == ("accepte", ROWS, 0)
    assert await world.count("subject") == ROWS
    assert await world.count("event") == ROWS
    laid_down = [each.subject for each in await world.deliveries() if each.etat == "deposee"]
    assert len(laid_down) == len(set(laid_down)) == ROWS
    assert await world.send("centre", file_of(ROWS), "fichier-1") == (
        202,
        {"id": str(message), "etat": "accepte", "acceptes": ROWS, "rejets": []},
    )


async def test_bad_rows_of_a_large_file_are_listed_and_the_others_applied(world: World) -> None:
    await world.apply(world.registry(siao_01=BOITE))
    body = file_of(1200)
    body[4] = vacancy("A-4", **BAD)
    body[1150] = vacancy("A-1150", **BAD)
    fate = await decided(world, await sent(world, body))
    await world.settled()
    assert (fate["etat"], fate["acceptes"], fate["rejetes"]) == ("partiel", 1198, 2)
    assert [(r["ligne"], r["champ"]) for r in fate["rejets"]] == [(5, "commune"), (1151, "commune")]
    assert await world.count("subject") == 1198


async def test_one_bad_row_of_a_large_file_leaves_nothing_where_the_partner_wants_all_or_nothing(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01=BOITE, centre={"tout_ou_rien": True}))
    body = file_of(2100)
    body[2050] = vacancy("A-2050", **BAD)
    message = await sent(world, body)
    fate = await decided(world, message)
    assert (fate["etat"], fate["acceptes"]) == ("refuse", 0)
    assert {rejet["code"] for rejet in fate["rejets"]} >= {"tout_ou_rien"}
    assert [r["champ"] for r in fate["rejets"] if r["ligne"] == 2051] == ["commune"]
    assert await world.count("event") == 0
    assert await world.backlog() == []
    assert await world.bus.records() == []

    fate = await decided(world, await sent(world, file_of(2100), "fichier-2"))
    await world.settled()
    assert (fate["etat"], fate["acceptes"]) == ("accepte", 2100)
    assert await world.count("subject") == 2100


async def test_a_large_file_that_is_refused_is_in_quarantine_and_leaves_its_key_to_the_corrected_one(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01=BOITE))
    message = await sent(world, [vacancy(f"A-{n}", **BAD) for n in range(1100)])
    assert (await decided(world, message))["etat"] == "refuse"
    (entry,) = [entry for entry in await world.quarantined() if entry.message_id == message]
    assert (entry.etat, entry.partner) == ("ouverte", "centre")
    corrected = await sent(world, file_of(1100), "fichier-1")
    assert corrected != message
    assert (await decided(world, corrected))["etat"] == "accepte"


async def test_a_large_file_waits_for_a_hub_that_reads_files_and_its_key_is_taken_meanwhile(
    prepared: World,
) -> None:
    await prepared.start(Role.GATEWAY)
    message = await sent(prepared, file_of(1001))
    assert await sent(prepared, file_of(1001)) == message
    status, _ = await prepared.send("centre", file_of(1002), "fichier-1")
    assert status == 409
    await prepared.stop()
    await prepared.start(Role.GATEWAY, Role.SOURCES)
    assert (await decided(prepared, message))["etat"] == "accepte"
    assert await prepared.count("event") == 1001


async def test_a_large_file_that_trips_the_hub_itself_ends_in_quarantine_and_the_next_one_goes_on(
    prepared: World,
) -> None:
    await prepared.start(Role.GATEWAY)
    message = await sent(prepared, file_of(1001))
    await accidents.dialect_is_gone(prepared)
    following = await sent(prepared, file_of(1002), "fichier-2")
    await prepared.stop()
    await prepared.start(Role.GATEWAY, Role.SOURCES)
    fate = await decided(prepared, message)
    assert (fate["etat"], [r["code"] for r in fate["rejets"]]) == ("refuse", ["erreur_interne"])
    assert (await decided(prepared, following))["etat"] == "accepte"
    (entry,) = await prepared.quarantined()
    assert (entry.cause, entry.message_id) == ("bug", message)
    assert prepared.alive


async def test_a_later_message_does_not_overtake_the_rows_of_a_large_file(prepared: World) -> None:
    await prepared.start(Role.GATEWAY)
    message = await sent(prepared, file_of(1001))
    later = {"type": "place.indisponible", "place": "A-0", "motif": "TRAVAUX"}
    assert (await prepared.send("centre", later))[0] == 202
    await prepared.stop()
    await prepared.start()
    await decided(prepared, message)
    await prepared.settled()
    (unavailable,) = await prepared.events(kind="indisponible")
    assert [place.etat for place in await prepared.subjects() if place.id == unavailable.subject] == [
        "INDISPONIBLE"
    ]


async def test_a_message_waits_for_the_large_one_before_it_whatever_the_clocks_of_their_gateways_say(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        ahead = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(hours=1))
        patched.setattr(intake, "datetime", ahead)
        large = await sent(door, file_of(1001))
    _, small = await door.send("centre", vacancy("A-0", capacite=2))
    await decoder(door)._next()
    assert [str(kept.id) for kept in await door.messages() if kept.held] == [small["id"]]
    assert (await decided(door, large))["etat"] == "accepte"


async def test_two_processes_that_decode_the_same_file_count_each_row_once(door: World) -> None:
    """As when one was frozen past its lease: its chunk meets the progress of its successor and is dropped."""
    message = await sent(door, file_of(ROWS))
    frozen, successor = decoder(door), decoder(door)
    await asyncio.gather(frozen._next(), successor._next())
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)
    assert await door.count("event") == ROWS


class Frozen(Bulk):
    """Stands still before its last step with a message, until it is thawed."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()

    async def _finish(self, *what: Any) -> None:
        await self._stand()
        await super()._finish(*what)

    async def _release(self, partner: str) -> None:
        await self._stand()
        await super()._release(partner)

    async def _stand(self) -> None:
        self.reached.set()
        await self.thawed.wait()


async def overtaken(world: World) -> None:
    """One process stands still before its last step; its successor takes it, and what it let go is applied; then
    the first is thawed."""
    frozen = decoder(world, Frozen)
    step = asyncio.create_task(frozen._next())
    await asyncio.wait_for(frozen.reached.wait(), timeout=10)
    await decoder(world)._next()
    assert await accidents.applied_elsewhere(world)
    frozen.thawed.set()
    await step


async def test_a_thawed_process_gives_no_tokens_to_the_rows_of_a_file_that_its_successor_closed(
    door: World,
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    message = await sent(door, file_of(1001))
    await overtaken(door)
    assert await door.backlog() == []
    assert len(await door.audited("message.accepte", about=message)) == 1


async def test_a_thawed_process_gives_no_token_to_a_message_that_its_successor_let_go(door: World) -> None:
    await sent(door, file_of(1001))
    assert (await door.send("centre", vacancy("A-0", capacite=2)))[0] == 202
    await decoder(door)._next()
    await accidents.applied_elsewhere(door)
    await overtaken(door)
    assert await door.backlog() == []


class Ended(Bulk):
    """Ends behind its first chunk of a message."""

    async def _keep(self, large: Any, chunk: Any, done: int) -> bool:
        return done == 0 and await super()._keep(large, chunk, done)


async def half_way(world: World) -> UUID:
    """A file of which a thousand rows are decoded."""
    message = await sent(world, file_of(ROWS))
    assert await decoder(world, Ended)._next()
    return message


async def lose_the_key_of(world: World, message: UUID) -> None:
    """Somebody whom it speaks of was forgotten."""
    assert world.hub is not None
    await accidents.key_is_lost(world, message)
    world.hub.keyring.forget_cached()


async def test_of_a_file_that_becomes_unreadable_half_way_the_accepted_rows_stay_accepted_and_are_told(
    door: World,
) -> None:
    message = await half_way(door)
    await lose_the_key_of(door, message)
    await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("partiel", 1000)
    assert "après 1000 ligne(s)" in fate["rejets"][0]["message"]
    assert len(await door.backlog()) == 1000
    _, again = await door.send("centre", file_of(ROWS), "fichier-1")
    assert (again["id"], again["acceptes"]) == (str(message), 1000), "renvoyé, rien n'en double"


async def test_of_a_file_that_becomes_unreadable_half_way_nothing_is_left_where_the_partner_wants_all_or_nothing(
    door: World,
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    message = await half_way(door)
    assert await door.count("event") == 1000
    await lose_the_key_of(door, message)
    await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("refuse", 0)
    assert await door.count("event") == 0


async def test_rows_that_another_process_is_just_accepting_are_not_refused_with_the_file(door: World) -> None:
    message = await sent(door, file_of(ROWS))
    await lose_the_key_of(door, message)
    async with accepting_rows(door, message, 1000) as other:
        closing = asyncio.create_task(decoder(door)._next())
        await until(lambda: door.waits_for(other), "il attend l'autre")
    await closing
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("partiel", 1000)


async def test_a_file_whose_partner_left_the_registry_waits_until_it_is_back_while_those_of_others_pass(
    door: World,
) -> None:
    everybody = door.registry()
    message = await half_way(door)
    assert (await door.send("centre", vacancy("A-0", capacite=2)))[0] == 202
    _, other = await door.send(
        "centre-boite", [vacancy(f"B-{n}", structure=AUTRE_FINESS) for n in range(1001)]
    )
    await door.apply(Registry.of(p for p in everybody.partners.values() if p.id != "centre"))
    assert await decoder(door)._next()
    assert not await decoder(door)._next(), "rien d'autre à faire"
    waiting, small = await door.messages("centre")
    assert (waiting.etat, waiting.accepted) == ("en_cours", 1000)
    assert (small.etat, small.accepted) == ("accepte", 1)
    passed = await door.message(other["id"])
    assert (passed.etat, passed.accepted) == ("accepte", 1001)

    await door.apply(everybody)
    assert await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)
    assert await decoder(door)._next()
    assert len(await door.backlog()) == ROWS + 1 + 1001
    assert (await door.queued())[-1] == small.id, "ce qui venait derrière suit"


def nameless(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "idMessage"}


@pytest.mark.parametrize(("key", "etat"), [(None, "partiel"), ("envoi-1", "accepte")])
async def test_a_referral_far_behind_in_a_large_message_needs_a_key_as_any_other(
    door: World, key: str | None, etat: str
) -> None:
    rows = [nameless(cancellation(n)) for n in range(1001)] + [nameless(referral(str(uuid4())))]
    _, answer = await door.send("siao-01", rows, key)
    await decoder(door)._next()
    kept = await door.message(answer["id"])
    assert kept.etat == etat
    told = [("cle_absente", 1002)] if key is None else []
    assert [(r["code"], r["ligne"]) for r in json.loads(kept.rejections)] == told
    assert await door.count("event") == kept.accepted == len(rows) - len(told)


async def test_a_large_file_is_not_closed_because_the_tables_are_those_of_another_version_for_a_while(
    door: World,
) -> None:
    message = await sent(door, file_of(1001))
    await accidents.table_is_renamed(door, "crosswalk", to="ailleurs")
    with pytest.raises(Misconfigured):
        await decoder(door)._next()
    await accidents.table_is_renamed(door, "ailleurs", to="crosswalk")
    await decoder(door)._next()
    assert (await decided(door, message))["acceptes"] == 1001


async def test_partners_take_turns_with_their_large_files_and_each_keeps_its_order(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE_CHUNKS", 1)
    first = await sent(door, file_of(ROWS))
    _, small = await door.send("centre", vacancy("A-0", capacite=2))
    _, other = await door.send(
        "centre-boite", [vacancy(f"B-{n}", structure=AUTRE_FINESS) for n in range(1500)], "autre"
    )
    _, third = await door.send("siao-01", [cancellation(n) for n in range(1001)], "troisieme")
    names = {str(first): "centre", small["id"]: "petit", other["id"]: "boite", third["id"]: "siao"}
    turns, one = [], decoder(door)
    while await one._next():
        undecided = [kept for kept in await door.messages() if kept.etat == "en_cours" or kept.held]
        turns.append({names[str(kept.id)]: kept.rows_done for kept in undecided})
    assert turns == [
        {"centre": 1000, "petit": 0, "boite": 0, "siao": 0},
        {"centre": 1000, "petit": 0, "boite": 1000, "siao": 0},
        {"centre": 1000, "petit": 0, "boite": 1000, "siao": 1000},
        {"centre": 2000, "petit": 0, "boite": 1000, "siao": 1000},
        {"centre": 2000, "petit": 0, "siao": 1000},
        {"centre": 2000, "petit": 0},
        {"petit": 0},
        {},
    ]
    assert await door.count("event") == ROWS + 1 + 1500 + 1001


async def test_small_messages_behind_a_large_file_are_let_go_in_the_order_of_their_202(door: World) -> None:
    await sent(door, file_of(1001))
    for capacite in range(2, 6):
        assert (await door.send("centre", vacancy("A-0", capacite=capacite)))[0] == 202
    one = decoder(door)
    while await one._next():
        pass
    _, *small = [kept.id for kept in await door.messages()]
    assert len(small) == 4
    assert [message for message in await door.queued() if message in small] == small
