"""Keys that cannot be read: one damaged key is its household's misfortune, another master key stops the hub."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from contracts.errors import Misconfigured
from contracts.ports import IntakeReport, Native
from ops.running.hub import Hub
from ops.tasks import deciding as tasks
from router.domain.roles import Role
from tests.integration import accidents, lasting
from tests.integration.large_files import in_hundreds
from tests.integration.messages import referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

OTHER_KEY = "22" * 32


async def damage_the_household_of(world: World, orientation: UUID | str) -> None:
    """Overwrite its household's key; no process has a copy."""
    assert world.hub is not None
    (menage,) = [known.menage for known in await world.subjects() if str(known.id) == str(orientation)]
    assert menage is not None
    await accidents.key_is_damaged(world, menage)
    world.hub.keyring.forget_cached()


async def test_a_delivery_whose_key_cannot_be_read_is_a_task_with_its_error_and_the_others_are_delivered(
    world: World,
) -> None:
    places = [await world.known_place(f"A-{n}") for n in (1, 2)]
    world.shelter.status = 503
    for number, place in enumerate(places, start=1):
        await world.accepted("siao-01", referral(place, number))
    await until(lambda: len({a.key for a in world.shelter.attempts}) == 2, "le centre est essayé")
    await world.stop()  # an attempt that has read the key before the damage would deliver after it
    first, second = await world.deliveries("centre")
    await damage_the_household_of(world, first.subject)
    world.shelter.status = 204
    await world.start()
    await world.settled()
    assert await world.etats("centre") == ["refusee", "livree"]
    assert [m["orientation"] for m in world.shelter.messages] == [str(second.subject)]
    (task,) = await tasks.waiting(world.database, ["centre"], limit=10)
    assert "InvalidContract" in task.error
    assert world.alive


async def test_of_messages_that_share_a_commit_only_that_of_a_household_whose_key_cannot_be_read_is_refused(
    world: World,
) -> None:
    damaged = await world.referred(1, "A-1")
    place = await world.known_place("A-2")
    await world.settled()
    await damage_the_household_of(world, damaged)
    again = {**referral(place, 2), "ficheGroupe": referral(place, 1)["ficheGroupe"]}
    first, refused, last = await asyncio.gather(
        *(taken_in(world, body) for body in (referral(place, 3), again, referral(place, 4)))
    )
    assert [report.etat for report in (first, refused, last)] == ["accepte", "refuse", "accepte"]
    assert "bug" in {entry.cause for entry in await world.quarantined("ouverte")}
    assert len(await world.events("siao-01", "proposee")) == 3


async def test_of_a_message_only_the_row_of_a_household_whose_key_cannot_be_read_is_refused(
    world: World,
) -> None:
    body = await rows_with_a_damaged_key(world, 3)
    report = await taken_in(world, body)
    assert (report.etat, report.acceptes) == ("partiel", 3)
    assert [(r.code, r.ligne) for r in report.rejets] == [("erreur_interne", 2)]
    assert len(await world.events("siao-01", "proposee")) == 1 + 3


async def test_of_a_large_message_too_and_the_rest_of_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(world, monkeypatch)
    status, answer = await world.send("siao-01", await rows_with_a_damaged_key(world, 101), "envoi-1")
    assert (status, answer["etat"]) == (202, "en_cours")

    async def fate() -> Any:
        _, told = await world.get("siao-01", f"/v1/messages/{answer['id']}")
        return told if told["etat"] != "en_cours" else None

    told = await until(fate, "le message est traité")
    assert (told["etat"], told["acceptes"]) == ("partiel", 101)
    assert [(r["code"], r["ligne"]) for r in told["rejets"]] == [("erreur_interne", 2)]


async def test_nothing_of_such_a_message_is_kept_where_the_partner_wants_all_or_nothing(world: World) -> None:
    body = await rows_with_a_damaged_key(world, 3)
    await world.apply(world.registry(siao_01={"tout_ou_rien": True}))
    before = await world.count("event")
    report = await taken_in(world, body)
    assert (report.etat, report.acceptes) == ("refuse", 0)
    assert [r.code for r in report.rejets] == ["erreur_interne", "tout_ou_rien"]
    assert await world.count("event") == before


async def rows_with_a_damaged_key(world: World, good: int) -> list[dict[str, Any]]:
    """So many good referrals, and in their second row one of a household whose key is damaged."""
    damaged = await world.referred(1, "A-1")
    place = await world.known_place("A-2")
    await world.settled()
    await damage_the_household_of(world, damaged)
    body = [referral(place, 10 + number) for number in range(good)]
    return [body[0], {**referral(place, 2), "ficheGroupe": referral(place, 1)["ficheGroupe"]}, *body[1:]]


async def taken_in(world: World, body: Any) -> IntakeReport:
    assert world.hub is not None
    native = Native(json.dumps(body).encode(), "application/json")
    siao = world.hub.registry.partners["siao-01"]
    return await world.hub.intake.receive(
        native, siao, "si_siao_json", "envoi" if isinstance(body, list) else None
    )


async def opened_with(world: World, key: str) -> None:
    """A hub with this master key starts, and ends."""
    hub = Hub(world.settings.model_copy(update={"master_key": SecretStr(key)}))
    try:
        await hub.__aenter__()
    finally:
        await hub.__aexit__()


async def test_a_hub_does_not_start_with_another_master_key_than_that_of_its_database(door: World) -> None:
    await opened_with(door, OTHER_KEY)
    await door.accepted("centre", vacancy())
    with pytest.raises(Misconfigured, match=r"clé maîtresse [0-9a-f]{16} inconnue"):
        await opened_with(door, OTHER_KEY)


async def test_a_hub_does_not_start_with_another_key_of_hmacs_than_that_of_its_database(door: World) -> None:
    await door.accepted("centre", vacancy())
    other = door.settings.model_copy(update={"hmac_key": SecretStr(OTHER_KEY)})
    with pytest.raises(Misconfigured, match="la clé des empreintes n'est pas celle de cette base"):
        await Hub(other, [Role.WORKER]).__aenter__()


async def test_a_hub_starts_though_one_of_its_keys_cannot_be_read(world: World) -> None:
    await damage_the_household_of(world, await world.referred())
    await world.stop()
    await world.start()
    assert world.alive
