"""The sender of a message sees what became of it, row by row; nobody else does."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import told_of
from ops.tracing import sql as tracing
from router.store.database import Connection, Row
from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.seen import correspondent
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world


async def fate_of(world: World, partner: str, message: str) -> Any:
    status, body = await world.get(partner, f"/v1/messages/{message}")
    return body if status == 200 else None


async def test_a_sender_follows_its_rows_their_events_and_their_deliveries(world: World) -> None:
    _, answer = await world.send("centre", [vacancy("A-1"), vacancy("A-2", commune="99999"), vacancy("A-3")])

    async def delivered() -> Any:
        fate = await fate_of(world, "centre", answer["id"])
        done = [d for event in fate["evenements"] for d in event["livraisons"] if d["etat"] == "livree"]
        return fate if len(done) == 2 else None

    fate = await until(delivered, "les deux vacances sont livrées")
    assert (fate["id"], fate["etat"]) == (answer["id"], "partiel")
    assert (fate["acceptes"], fate["rejetes"]) == (2, 1)
    assert [(r["ligne"], r["champ"], r["code"]) for r in fate["rejets"]] == [
        (r["ligne"], r["champ"], r["code"]) for r in answer["rejets"]
    ]
    assert [(e["ligne"], e["type"], e["etat"]) for e in fate["evenements"]] == [
        (1, "fr.siao.offre.place.vacante.v1", "applique"),
        (3, "fr.siao.offre.place.vacante.v1", "applique"),
    ]
    for event in fate["evenements"]:
        (delivery,) = event["livraisons"]
        assert delivery["partenaire"] == "siao-01"
        assert delivery["essais"] == 1
        assert delivery["regle_le"] >= delivery["depuis"]


async def test_an_event_and_its_deliveries_are_read_at_one_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = UUID(await world.known_place())
    at_once = tracing.deliveries
    async with AsyncExitStack() as worker_waits:
        connection = await worker_waits.enter_async_context(world.database.transaction())
        await connection.execute("SELECT FROM subject WHERE id = $1 FOR UPDATE", place)
        _, answer = await world.send("centre", {"type": "place.fermee", "place": "A-101"})

        async def once_all_is_delivered(connection: Connection, events: Sequence[UUID]) -> Sequence[Row]:
            await worker_waits.aclose()
            await world.settled()
            return await at_once(connection, events)

        monkeypatch.setattr(tracing, "deliveries", once_all_is_delivered)
        (event,) = (await fate_of(world, "centre", answer["id"]))["evenements"]
    assert (event["etat"], event["livraisons"]) == ("accepte", [])
    monkeypatch.undo()
    (event,) = (await fate_of(world, "centre", answer["id"]))["evenements"]
    assert (event["etat"], len(event["livraisons"])) == ("applique", 1)


async def read_and_left(world: World) -> list[Any]:
    """Return two messages about a new referral: its receipt, and a departure that its rules refuse."""
    ours = await world.referred()
    read = {"type": "orientation.accusee", "orientation": ours}
    return [read, {"type": "sortie.declaree", "orientation": ours, "sortieLe": "2026-12-01"}]


async def test_an_event_that_was_taken_and_changed_nothing_says_why_and_so_does_its_message(
    world: World,
) -> None:
    read, left = await read_and_left(world)
    _, answer = await world.send("centre", [read, left])
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO est alerté")
    fate = await fate_of(world, "centre", answer["id"])
    assert (answer["acceptes"], fate["effet"]) == (2, "partiel")
    _, event = fate["evenements"]
    assert (event["etat"], event["raison"]) == ("anomalie", "TRANSITION_ILLEGALE")
    assert "on ne peut pas déclarer la sortie" in event["explication"]
    _, again = await world.send("centre", read)
    await world.settled()
    fate = await fate_of(world, "centre", again["id"])
    assert (fate["effet"], fate["evenements"][0]["raison"]) == ("aucun", "deja_connu")


async def test_the_effect_of_a_message_is_that_of_all_its_rows_also_of_those_that_are_not_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "EVENTS", 1)
    _, answer = await world.send("centre", await read_and_left(world))
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO est alerté")
    fate = await fate_of(world, "centre", answer["id"])
    assert (fate["effet"], len(fate["evenements"])) == ("partiel", 1)
    assert fate["evenements_par_etat"] == {"applique": 1, "anomalie": 1}


async def test_an_event_is_listed_with_all_its_deliveries_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "DELIVERIES", 2)
    _, answer = await world.send("centre", [vacancy("A-1"), vacancy("A-2"), vacancy("A-3")])
    await world.settled()
    fate = await fate_of(world, "centre", answer["id"])
    assert [len(event["livraisons"]) for event in fate["evenements"]] == [1]
    assert (fate["effet"], fate["evenements_par_etat"]) == ("complet", {"applique": 3})


async def test_a_message_that_only_repeats_earlier_events_is_told_so(world: World) -> None:
    one, two = vacancy("A-1", idEvenement="ev-1"), vacancy("A-2", idEvenement="ev-2")
    effects = []
    for key, events in enumerate((one, one, [one, two], [two, one])):
        _, answer = await world.send("centre", events, f"cle-{key}")
        await world.settled()
        effects.append((await fate_of(world, "centre", answer["id"]))["effet"])
    assert effects == ["complet", "deja_envoye", "complet", "deja_envoye"]


async def test_the_fate_of_a_refused_message_lists_its_rejections(world: World) -> None:
    await world.send("centre", vacancy(commune="99999"))
    (message,) = await world.messages()
    fate = await fate_of(world, "centre", str(message.id))
    assert (fate["etat"], fate["acceptes"], fate["evenements"]) == ("refuse", 0, [])
    assert [r["champ"] for r in fate["rejets"]] == ["commune"]


async def test_nobody_learns_the_fate_of_anothers_message(world: World) -> None:
    _, answer = await world.send("centre", vacancy())
    for stranger in ("siao-01", "centre-boite"):
        status, problem = await world.get(stranger, f"/v1/messages/{answer['id']}")
        assert (status, problem["type"]) == (404, "urn:siao:probleme:message-inconnu")
    status, _ = await world.get("centre", "/v1/messages/8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e")
    assert status == 404


async def test_why_a_delivery_waits_tells_its_sender_nothing_of_the_hubs_secrets_but_tells_the_team(
    prepared: World,
) -> None:
    world = prepared
    world.secret.chmod(0o644)  # the hub refuses a secret that others can read
    try:
        await world.start()
        _, answer = await world.send("centre", [vacancy("A-1")])

        async def tried() -> Any:
            fate = await fate_of(world, "centre", answer["id"])
            return next((d for e in fate["evenements"] for d in e["livraisons"] if d["erreur"]), None)

        async def cause() -> str | None:
            return (await correspondent(world, "siao-01")).cause

        delivery = await until(tried, "la livraison a échoué")
        known_to_the_team = await until(cause, "la cause est connue de l'équipe")
    finally:
        world.secret.chmod(0o600)
    assert delivery["etat"] == "en_attente"
    assert "son équipe doit corriger" in delivery["erreur"]
    assert str(world.secret.parent) not in delivery["erreur"]
    assert str(world.secret) in known_to_the_team
    assert told_of(known_to_the_team) == delivery["erreur"], (
        "ce que lit qui ne voit qu'une partie des partenaires"
    )
