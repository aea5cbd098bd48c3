"""Who may come in, and what is told to whoever may not."""

from router.domain.roles import Role
from router.settings import IntakeSettings
from tests.integration import accidents, lasting
from tests.integration.messages import vacancy
from tests.integration.registry import hash_of, key_of
from tests.integration.waiting import until
from tests.integration.world import Reply, World

pytestmark = lasting.MARK
door, prepared = lasting.door, lasting.prepared

CENTRE = {"Authorization": f"Bearer {key_of('centre')}"}
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE suites [<!ENTITY x "y">]><suites>&x;</suites>'


def is_problem(reply: Reply, status: int, kind: str) -> bool:
    """RFC 9457, in French, of this kind."""
    return (
        reply.status == status
        and reply.media_type == "application/problem+json"
        and reply.body["type"] == f"urn:siao:probleme:{kind}"
        and reply.body["status"] == status
    )


async def test_who_has_no_known_key_is_told_how_to_send_one(door: World) -> None:
    for headers in ({}, {"Authorization": "Bearer inconnue"}, {"X_API_Key": "inconnue"}):
        reply = await door.post(vacancy(), **headers)
        assert is_problem(reply, 401, "cle-api-invalide")
        assert reply.headers["WWW-Authenticate"]
    assert await door.count("inbox") == 0


async def test_two_keys_of_a_partner_are_valid_at_once(door: World) -> None:
    await door.apply(door.registry(centre={"cles_api": (hash_of("ancienne"), hash_of("nouvelle"))}))
    ids = set()
    for headers in ({"Authorization": "Bearer ancienne"}, {"X_API_Key": "nouvelle"}):
        reply = await door.post(vacancy(), **headers)
        assert reply.status == 202
        ids.add(reply.body["id"])
    assert len(ids) == 1, "deux clés, un même partenaire"
    assert (await door.post(vacancy(), **CENTRE)).status == 401


async def test_what_cannot_be_read_is_a_400_that_says_where_in_french(door: World) -> None:
    unreadable = [
        ("centre", b'{"type": "place.vacante",', "JSON mal formé (ligne 1"),
        ("centre", b"\xff\xfe\xfd", "UTF-8"),
        ("centre", b"", "vide"),
        ("bailleur", DOCTYPE, "DOCTYPE interdit"),
        ("bailleur", b"<suites><suite></suites>", "XML mal formé"),
    ]
    for partner, body, says in unreadable:
        reply = await door.post(body, Authorization=f"Bearer {key_of(partner)}")
        assert is_problem(reply, 400, "message-illisible")
        assert says in reply.body["detail"]
    causes = [entry.cause for entry in await door.quarantined()]
    assert causes == ["illisible"] * len(unreadable)


async def test_other_ways_to_knock_wrongly_are_problems_too(door: World) -> None:
    unknown_dialect = await door.post(vacancy(), SIAO_Dialecte="bailleur_xml", **CENTRE)
    assert is_problem(unknown_dialect, 400, "dialecte-inconnu")
    assert "hebergement_json" in unknown_dialect.body["detail"]
    assert is_problem(await door.post(vacancy(), "?essai=oui", **CENTRE), 400, "parametre-invalide")
    bad_key = await door.post(vacancy(), Idempotency_Key="avec espace", **CENTRE)
    assert is_problem(bad_key, 400, "cle-idempotence-invalide")
    assert (await door.post(vacancy(), path="/v1/autre", **CENTRE)).status == 404
    assert await door.count("inbox") == 0


async def test_a_character_that_utf8_cannot_carry_is_a_rejected_row_and_no_breakdown(door: World) -> None:
    body = b'[{"type": "place.vacante", "place": "A-\\ud800", "structure": "010000024", "commune": "01451",'
    body += b' "dispositif": "INSERTION", "capacite": 1, "adresse": "\\udfff\\u0000"}]'
    status, problem = await door.send("centre", body)
    assert status == 422, problem
    assert {rejet["ligne"] for rejet in problem["rejets"]} == {1}


async def test_the_health_of_the_hub_is_told_without_a_key(door: World) -> None:
    async with door.http.get(f"{door.base}/healthz") as response:
        assert response.status == 200
    async with door.http.get(f"{door.base}/readyz") as response:
        assert await response.json() == {"postgresql": "ok", "kafka": "ok"}


async def test_a_door_whose_kafka_is_away_is_ready_accepts_and_refuses_unread_what_is_above_its_cap(
    prepared: World,
) -> None:
    nowhere = prepared.settings.kafka.model_copy(update={"bootstrap": "127.0.0.1:1"})
    small = prepared.settings.http.model_copy(update={"max_body_bytes": 1000})
    prepared.settings = prepared.settings.model_copy(update={"kafka": nowhere, "http": small})
    await prepared.start(Role.GATEWAY)
    async with prepared.http.get(f"{prepared.base}/readyz") as response:
        assert response.status == 200
        assert await response.json() == {"postgresql": "ok", "kafka": "absent"}
    assert is_problem(await prepared.post(b" " * 1001, **CENTRE), 413, "message-trop-volumineux")
    assert (await prepared.send("centre", vacancy()))[0] == 202


async def test_a_stranger_to_a_path_below_messages_is_told_so_as_a_problem(door: World) -> None:
    unknown = "8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"
    for path, status in (("/v1/messages/pas-un-uuid", 400), (f"/v1/messages/{unknown}", 404)):
        async with door.http.get(door.base + path, headers=CENTRE) as response:
            assert response.status == status
            assert response.content_type == "application/problem+json"
        async with door.http.get(door.base + path) as response:
            assert response.status == 401
            assert response.content_type == "application/problem+json"
        async with door.http.get(door.base + path, headers={"X-API-Key": key_of("centre")}) as response:
            assert response.status == status


async def test_a_sender_into_a_full_backlog_which_no_gap_in_the_log_fills_is_asked_to_come_back_and_is_heard_then(
    prepared: World,
) -> None:
    world = prepared
    few = IntakeSettings(max_backlog=5)
    world.settings = world.settings.model_copy(update={"intake": few})
    await world.start(Role.GATEWAY)
    assert world.hub is not None
    await world.accepted("centre", vacancy("A-0"), "cle-0")
    await accidents.many_events_elsewhere(world)
    for number in (1, 2):
        await world.accepted("centre", vacancy(f"A-{number}"), f"cle-{number}")
        await world.hub.backlog.look()
    for number in range(3, few.max_backlog + 1):
        await world.accepted("centre", vacancy(f"A-{number}"), f"cle-{number}")

    async def full() -> bool:
        status, _ = await world.send("centre", vacancy("A-0"), "cle-0")  # which adds nothing
        assert status in (202, 503)
        return status == 503

    await until(full, "la porte dit non")
    reply = await world.post(vacancy("B-1"), Authorization=f"Bearer {key_of('centre')}")
    assert (reply.status, int(reply.headers["Retry-After"]) > 0) == (503, True)
    assert (await world.send("centre", vacancy("B-1"), query="?essai=true"))[0] == 200
    accepted = await world.count("event")
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == accepted, "tout ce qui fut accepté arrive")

    async def heard() -> bool:
        return (await world.send("centre", vacancy("B-1"), "cle-b"))[0] == 202

    await until(heard, "la porte est de nouveau ouverte")


async def test_a_trace_is_kept_and_what_is_none_is_not(door: World) -> None:
    right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await door.accepted("centre", vacancy("A-1"), traceparent=right)
    await door.accepted("centre", vacancy("A-2"), traceparent="Mme Fictif")
    assert [event.trace for event in await door.events("centre")] == [right, None]
