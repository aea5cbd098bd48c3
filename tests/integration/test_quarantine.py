"""What cannot be applied waits in quarantine, what follows it waits behind it, nobody else waits at all."""

from typing import Any
from uuid import UUID

from router.replay import Replay
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

NOUVEAU_FINESS = "010000040"
"""A shelter that nobody in the registry speaks for, at first."""


def to_structure(structure: str, number: int) -> dict[str, Any]:
    """A referral whose place the structure will choose."""
    message = referral("", number)
    del message["place"]
    message["orientation"]["structure"] = structure
    return message


async def replayed(world: World, **what: Any) -> list[tuple[UUID, str]]:
    """What came of `siao-hub quarantine replay`."""
    chosen: dict[str, Any] = {"row": None, "cause": None, "partner": None, **what}
    return await Replay(world.settings, world.database, "test").run(**chosen)


async def test_an_event_that_cannot_be_applied_holds_back_its_own_subject_and_no_other(world: World) -> None:
    _, stuck = await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(lambda: world.sql("SELECT 1 FROM quarantine"), "l'événement est en quarantaine")
    _, behind = await world.send("siao-01", cancellation(1))
    await until(lambda: world.sql("SELECT 1 FROM outbox WHERE shard = -1"), "l'annulation attend derrière")
    await world.send("siao-01", to_structure(FINESS, 2))
    await until(lambda: len(world.shelter.messages) == 1, "l'autre orientation arrive")

    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee"]
    _, fate = await world.get("siao-01", f"/v1/messages/{stuck['id']}")
    assert (fate["evenements"][0]["etat"], fate["evenements"][0]["raison"]) == ("quarantaine", "Unroutable")
    _, fate = await world.get("siao-01", f"/v1/messages/{behind['id']}")
    assert fate["evenements"][0]["etat"] == "accepte", "accepté, pas encore appliqué"
    (row,) = await world.sql("SELECT etat, cause, event_id FROM quarantine")
    assert (row["etat"], row["cause"]) == ("ouverte", "Unroutable")


async def test_a_replay_brings_an_event_and_all_that_waited_behind_it_through_in_order(world: World) -> None:
    await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(lambda: world.sql("SELECT 1 FROM quarantine"), "l'événement est en quarantaine")
    await world.send("siao-01", cancellation(1))
    await until(lambda: world.sql("SELECT 1 FROM outbox WHERE shard = -1"), "l'annulation attend derrière")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    (done,) = await replayed(world, cause="Unroutable")
    assert done[1] == "rendu au bus"
    await until(lambda: len(world.shelter.messages) == 2, "les deux arrivent au centre")
    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee", "orientation.annulee"]
    await world.settled()
    assert [tuple(r) for r in await world.sql("SELECT id, etat FROM quarantine")] == [(done[0], "resolue")]
    (audited,) = await world.sql("SELECT actor, object FROM audit WHERE action = 'quarantaine.rejouer'")
    assert tuple(audited) == ("test", str(done[0]))


async def test_a_replay_that_fails_again_opens_the_row_again_and_lets_nothing_pass(world: World) -> None:
    await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(lambda: world.sql("SELECT 1 FROM quarantine"), "l'événement est en quarantaine")
    await world.send("siao-01", cancellation(1))
    await until(lambda: world.sql("SELECT 1 FROM outbox WHERE shard = -1"), "l'annulation attend derrière")
    await replayed(world, cause="Unroutable")
    failed_again = "SELECT 1 FROM quarantine WHERE etat = 'ouverte'"
    await until(lambda: world.sql(failed_again), "l'événement est de nouveau en quarantaine")
    assert [row["shard"] for row in await world.sql("SELECT shard FROM outbox")] == [-1]
    assert world.shelter.attempts == []


async def test_a_refused_message_that_is_replayed_is_read_anew_beside_its_original(world: World) -> None:
    status, refused = await world.send("centre", vacancy(structure=NOUVEAU_FINESS))
    assert status == 422, refused
    (row,) = await world.sql("SELECT id, message_id FROM quarantine")
    assert await replayed(world, row=row["id"]) == [(row["id"], "toujours refusé")]
    assert [tuple(r) for r in await world.sql("SELECT id, etat FROM quarantine")] == [(row["id"], "ouverte")]

    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    ((_, outcome),) = await replayed(world, row=row["id"])
    assert outcome.startswith("accepté")
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    assert [r["etat"] for r in await world.sql("SELECT etat FROM quarantine WHERE id = $1", row["id"])] == [
        "resolue"
    ]
    states = await world.sql("SELECT id, etat FROM inbox ORDER BY received_at")
    assert (states[0]["id"], states[0]["etat"]) == (row["message_id"], "refuse")
    assert states[-1]["etat"] == "accepte"


async def test_an_event_that_the_bus_cannot_carry_goes_to_quarantine_and_holds_nobody_up(
    world: World,
) -> None:
    crowd = to_structure(FINESS, 1)
    people = [{"nom": f"Fictif-{n:090d}", "prenom": "Camille", "sexe": "F"} for n in range(6000)]
    crowd["ficheGroupe"] |= {"composition": 80, "nbAdultes": 6000, "personnes": people}
    status, answer = await world.send("siao-01", crowd)
    assert status == 202, answer
    await world.known_place()
    (row,) = await world.sql("SELECT etat, cause, partner, subject FROM quarantine")
    assert (row["etat"], row["cause"], row["partner"]) == ("ouverte", "InvalidContract", "siao-01")
    _, fate = await world.get("siao-01", f"/v1/messages/{answer['id']}")
    assert fate["evenements"][0]["etat"] == "quarantaine"


async def test_an_event_of_an_unknown_type_may_be_replayed_and_the_bus_goes_on(world: World) -> None:
    await world.known_place()
    (record,) = await world.bus.records()
    headers = {**dict(record.headers), "ce_type": b"fr.siao.inconnu.place.volante.v1"}
    headers |= {
        "ce_id": b"8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e",
        "ce_subject": b"00000000-0000-4000-8000-0000000000ff",
    }
    await world.bus.publish("offre", record.value, list(headers.items()), record.key)
    await until(lambda: world.sql("SELECT 1 FROM quarantine"), "l'événement est en quarantaine")
    ((row, _),) = await replayed(world, cause="InvalidContract")
    again = "SELECT 1 FROM quarantine WHERE etat = 'ouverte'"
    await until(lambda: world.sql(again), "il y est de nouveau")
    await world.known_place("A-102")
    assert [tuple(r) for r in await world.sql("SELECT id, etat FROM quarantine")] == [(row, "ouverte")]
    assert world.alive
