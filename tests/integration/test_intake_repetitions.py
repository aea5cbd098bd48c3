"""What is the same message again, and what is news."""

import asyncio
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from adapters.registry import ADAPTERS
from contracts.errors import Throttled
from contracts.ports import IntakeReport, Native
from router.intake import receive
from router.store import idempotency, quarantine
from tests.integration import clock, lasting
from tests.integration.messages import referral, vacancy
from tests.integration.quarantined import replayed
from tests.integration.registry import FINESS
from tests.integration.test_soap import PRESENTED
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

MINUTE = timedelta(minutes=1)
OF_ANOTHER = vacancy(structure="010000040")
"""Refused, for the shelter does not speak for that one; accepted once it does."""


async def test_the_same_key_with_the_same_body_gets_the_same_answer_and_has_one_effect(door: World) -> None:
    first = await door.send("centre", vacancy(), key="cle-1")
    again = await door.send("centre", vacancy(), key="cle-1")
    assert first[0] == 202
    assert again == first
    assert await door.count("event") == 1
    assert await door.count("inbox") == 1


async def test_the_same_key_with_another_body_is_a_conflict_and_takes_nothing_in(door: World) -> None:
    await door.accepted("centre", vacancy("A-101"), key="cle-1")
    reply = await door.post(vacancy("A-102"), Authorization="Bearer cle-de-centre", Idempotency_Key="cle-1")
    assert (reply.status, reply.media_type) == (409, "application/problem+json")
    assert reply.body["type"] == "urn:siao:probleme:cle-deja-utilisee"
    assert await door.count("event") == 1


async def picked_up(door: World, message: object, key: str | None = "cle-1") -> IntakeReport:
    """What is told of a message whose sender waits for no answer."""
    hub = door.hub
    assert hub is not None
    body = Native(json.dumps(message).encode(), "application/json")
    return await hub.intake.receive(
        body, hub.registry.partners["centre"], "hebergement_json", key, picked_up=True
    )


async def test_what_was_picked_up_under_a_key_of_another_content_is_kept_as_refused_and_said_so(
    door: World, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await picked_up(door, vacancy("A-101"))
    taken = await picked_up(door, vacancy("A-102"))
    assert (taken.etat, [rejet.code for rejet in taken.rejets]) == ("refuse", ["cle_deja_utilisee"])
    assert taken.message_id != first.message_id
    assert "message.refused" in capsys.readouterr().out
    ((cause, partner, number),) = [(g.cause, g.partner, g.nombre) for g in await groups(door)]
    assert (cause, partner, number) == ("cle_deja_utilisee", "centre", 1)
    assert {kept.id: bool(kept.raw) for kept in await door.messages()}[taken.message_id], (
        "ses octets sont gardés"
    )
    assert await door.count("event") == 1


async def test_what_is_picked_up_again_under_the_same_taken_key_is_kept_once(door: World) -> None:
    await picked_up(door, vacancy("A-101"))
    taken = await picked_up(door, vacancy("A-102"))
    again = await picked_up(door, vacancy("A-102"))
    assert (again.message_id, again.repetition) == (taken.message_id, True)
    assert await door.count("inbox") == 2
    assert await door.count("quarantine") == 1


async def test_a_large_file_under_a_taken_key_is_refused_as_a_whole(door: World) -> None:
    await picked_up(door, vacancy("A-101"))
    taken = await picked_up(door, [vacancy(f"B-{n}") for n in range(1100)])
    assert (taken.etat, [rejet.code for rejet in taken.rejets]) == ("refuse", ["cle_deja_utilisee"])


async def test_the_senders_own_id_of_an_event_is_a_key_of_what_is_picked_up_too(door: World) -> None:
    await picked_up(door, vacancy("A-101", idEvenement="ev-1"), None)
    taken = await picked_up(door, vacancy("A-102", idEvenement="ev-1"), None)
    assert [rejet.code for rejet in taken.rejets] == ["cle_deja_utilisee"]


async def test_keys_that_begin_anew_stop_their_senders_pickup_before_they_fill_the_database(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "KEYS_TAKEN_KEPT", 2)
    for name in ("A-101", "A-102", "A-103"):
        await picked_up(door, vacancy(name))
    with pytest.raises(Throttled):
        await picked_up(door, vacancy("A-104"))
    assert await door.count("inbox") == 3
    assert (await picked_up(door, vacancy("A-104"), "cle-2")).etat == "accepte", (
        "ce qui se relève encore est pris"
    )


@pytest.mark.parametrize("rows", [1, 1100])
async def test_what_holds_a_nir_is_kept_without_its_bytes_under_a_taken_key_too(
    door: World, rows: int
) -> None:
    await picked_up(door, vacancy("A-101"))
    message = [vacancy(f"B-{n}") for n in range(rows)]
    taken = await picked_up(door, [*message, vacancy(commentaire="1 85 05 78 006 084 91")])
    assert taken.etat == "refuse"
    assert "nir_interdit" in {rejet.code for rejet in taken.rejets}
    (raw,) = [kept.raw for kept in await door.messages() if kept.id == taken.message_id]
    assert not raw


async def test_what_is_taken_in_later_under_the_key_settles_nothing_of_what_was_refused_for_it(
    door: World,
) -> None:
    await picked_up(door, vacancy("A-101"))
    await picked_up(door, vacancy("A-102"))
    await clock.claims_run_out(door)
    assert (await picked_up(door, vacancy("A-103"))).etat == "accepte"
    assert [group.cause for group in await groups(door)] == ["cle_deja_utilisee"]


async def test_what_was_refused_for_its_key_is_replayed_under_one_of_its_own(world: World) -> None:
    await picked_up(world, vacancy("A-101"))
    await picked_up(world, vacancy("A-102"))
    assert await replayed(world, cause="cle_deja_utilisee") == {"accepté": 1}
    assert await world.count("event") == 2


async def groups(door: World) -> list[Any]:
    async with door.database.transaction() as connection:
        return list(await quarantine.grouped(connection, 10))


async def test_a_key_is_its_senders_own(door: World) -> None:
    _, of_the_centre = await door.send("centre", vacancy(), key="1")
    status, of_the_other = await door.send("centre-boite", vacancy(structure="010000032"), key="1")
    assert status == 202
    assert of_the_other["id"] != of_the_centre["id"]


async def test_the_senders_own_event_id_stands_in_for_the_key(world: World) -> None:
    place = await world.known_place()
    first = await world.send("siao-01", referral(place))
    again = await world.send("siao-01", referral(place))
    other = {**referral(place), "orientation": {"id": 9, "dispositif": "INSERTION"}}
    status, problem = await world.send("siao-01", other)
    assert first[0] == 202
    assert again == first
    assert (status, problem["type"]) == (409, "urn:siao:probleme:cle-deja-utilisee")
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    assert len(world.shelter.messages) == 1


async def test_an_identical_body_without_key_is_a_repetition_and_once_it_is_old_a_refreshment(
    world: World,
) -> None:
    first = await world.send("centre", vacancy())
    assert await world.send("centre", vacancy()) == first
    await clock.claims_run_out(world)
    status, refreshed = await world.send("centre", vacancy())
    assert status == 202
    assert refreshed["id"] != first[1]["id"]
    await until(lambda: len(world.siao.messages) == 2, "le SIAO apprend la vacance une seconde fois")
    assert await world.send("centre", vacancy()) == (202, refreshed)


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_a_body_is_a_repetition_for_ten_minutes_whatever_the_clock_of_the_gateway_says(
    door: World, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(minutes=minutes)

    monkeypatch.setattr("router.intake.drafting.datetime", Wrong)
    await door.accepted("centre", vacancy())
    (lasts,) = await door.claims()
    assert 9 * MINUTE <= lasts <= 11 * MINUTE


async def test_a_referral_without_key_or_id_is_refused_with_the_reason(world: World) -> None:
    place = await world.known_place()
    nameless = {name: value for name, value in referral(place).items() if name != "idMessage"}
    status, problem = await world.send("siao-01", nameless)
    assert status == 422
    assert [rejet["code"] for rejet in problem["rejets"]] == ["cle_absente"]
    assert "Idempotency-Key" in problem["rejets"][0]["message"]
    status, answer = await world.send("siao-01", nameless, key="cle-1")
    assert (status, answer["etat"]) == (202, "accepte")


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_identical_requests_at_once_have_one_effect_and_one_answer(
    door: World, key: str | None
) -> None:
    answers = await asyncio.gather(*(door.send("centre", vacancy(), key) for _ in range(8)))
    assert answers[0][0] == 202
    assert all(answer == answers[0] for answer in answers)
    assert await door.count("event") == 1
    assert await door.count("inbox") == 1


async def test_different_bodies_at_once_under_one_key_are_one_message_and_conflicts(door: World) -> None:
    requests = [door.send("centre", vacancy(f"A-{n}"), "cle-1") for n in range(5)]
    statuses = [status for status, _ in await asyncio.gather(*requests)]
    assert sorted(statuses) == [202, 409, 409, 409, 409]
    assert await door.count("event") == 1


async def test_a_refused_message_leaves_its_key_to_the_corrected_one(door: World) -> None:
    status, _ = await door.send("centre", vacancy(commune="99999"), key="cle-1")
    assert status == 422
    status, answer = await door.send("centre", vacancy(), key="cle-1")
    assert (status, answer["etat"]) == (202, "accepte")


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_a_refused_message_that_comes_again_and_again_gets_the_same_answer_and_is_kept_once(
    door: World, key: str | None
) -> None:
    first = await door.send("centre", OF_ANOTHER, key)
    assert first[0] == 422
    assert await asyncio.gather(*(door.send("centre", OF_ANOTHER, key) for _ in range(8))) == [first] * 8
    assert [await door.count(table) for table in ("inbox", "quarantine")] == [1, 1]
    before = ("base.migrer", "partenaires.appliquer")
    done = [line.action for line in await door.audited() if line.action not in before]
    assert done == ["message.refuse"]


async def test_a_message_that_trips_the_hub_again_and_again_gets_the_same_answer_and_is_kept_once(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(cast(Any, ADAPTERS), "hebergement_json", SimpleNamespace())
        first = await door.send("centre", OF_ANOTHER)
        assert await door.send("centre", OF_ANOTHER) == first
    assert first[0] == 500
    assert [await door.count(table) for table in ("inbox", "quarantine")] == [1, 1]
    assert (await door.send("centre", OF_ANOTHER))[0] == 422, "refusé pour une autre cause : à dire"


async def test_a_refusal_that_is_as_old_as_a_repetition_may_be_is_kept_anew(door: World) -> None:
    await door.send("centre", OF_ANOTHER, "cle-1")
    (lasts,) = await door.claims()
    assert lasts < 11 * MINUTE
    await clock.claims_run_out(door)
    await door.send("centre", OF_ANOTHER, "cle-1")
    assert await door.count("quarantine") == 2


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_a_refusal_keeps_nothing_from_being_accepted_once_the_registry_is_mended(
    door: World, key: str | None
) -> None:
    for _ in range(2):
        assert (await door.send("centre", OF_ANOTHER, key))[0] == 422
    await door.apply(door.registry(centre={"structures": (FINESS, OF_ANOTHER["structure"])}))
    accepted = await door.send("centre", OF_ANOTHER, key)
    assert (accepted[0], accepted[1]["etat"]) == (202, "accepte")
    assert await door.send("centre", OF_ANOTHER, key) == accepted


async def test_refused_and_accepted_messages_at_once_under_one_key_are_not_taken_for_each_other(
    door: World,
) -> None:
    bodies = [OF_ANOTHER, vacancy(), vacancy(commune="99999")] * 4
    answers = await asyncio.gather(*(door.send("centre", body, "cle-1") for body in bodies))
    assert [status for status, _ in answers] == [422, 202, 422] * 4
    told = [[rejet["champ"] for rejet in answer["rejets"]] for _, answer in answers]
    assert told == [["structure"], [], ["commune"]] * 4
    assert sorted(kept.etat for kept in await door.messages()) == ["accepte", "refuse", "refuse"]


async def test_a_file_whose_move_was_cut_has_one_effect_and_once_it_is_moved_it_may_come_again_later(
    door: World,
) -> None:
    hub = door.hub
    assert hub is not None
    partner = hub.registry.partners["centre"]
    body = json.dumps(vacancy()).encode()

    async def picked_up() -> IntakeReport:
        return await hub.intake.receive(
            Native(body, "application/json", "places.json", drop="places.json 1764000000"),
            partner,
            "hebergement_json",
        )

    first = await picked_up()
    again = await picked_up()
    assert (again.message_id, again.repetition) == (first.message_id, True)
    (lasts,) = await door.claims()
    assert lasts > timedelta(days=1)
    renamed = Native(body, "application/json", "copie.json", drop="copie.json 1764000009")
    copy = await hub.intake.receive(renamed, partner, "hebergement_json")
    assert (copy.message_id, copy.repetition) == (first.message_id, True), "le même contenu sous un autre nom"
    await hub.intake.moved_away(renamed, partner, "hebergement_json", first.message_id)
    assert (await picked_up()).repetition, "un processus gelé qui l'avait lu la prend encore pour la même"
    await clock.grow_older(door, "idempotency_key", 11 * MINUTE)
    assert not (await picked_up()).repetition
    assert await door.count("event") == 2


async def test_what_a_system_offers_again_after_months_has_no_second_effect(door: World) -> None:
    hub = door.hub
    assert hub is not None
    partner = hub.registry.partners["centre"]
    offered = Native(json.dumps(vacancy()).encode(), "application/json", cle="fiche 4711 2026-01-05T00:00")
    first = await hub.intake.receive(offered, partner, "hebergement_json")
    await clock.grow_older(door, "idempotency_key", 300 * 24 * 60 * MINUTE)
    again = await hub.intake.receive(offered, partner, "hebergement_json")
    assert (again.message_id, again.repetition) == (first.message_id, True)


async def test_the_removal_of_old_keys_passes_by_one_that_a_transaction_holds(door: World) -> None:
    held = (await door.accepted("centre", vacancy("A-101"), key="cle-1"))["id"]
    await door.accepted("centre", vacancy("A-102"), key="cle-2")
    await clock.grow_older(door, "idempotency_key", 300 * 24 * 60 * MINUTE)
    async with door.database.transaction() as holding:
        await idempotency.release_claims(holding, "centre", UUID(held))
        async with door.database.statement() as removing:
            await asyncio.wait_for(idempotency.sweep_keys(removing), DEADLINE_SECONDS)
        assert await door.count("idempotency_key") == 1
    assert await door.count("idempotency_key") == 0


async def test_an_event_that_its_sender_has_numbered_has_one_effect_alone_and_in_lists(door: World) -> None:
    one, two = vacancy("A-1", idEvenement="ev-1"), vacancy("A-2", idEvenement="ev-2")
    assert (await door.send("centre", one))[0] == 202
    for events, key in (
        ([one, two, two], "cle-1"),
        ([two, one], "cle-2"),
        (two, "cle-3"),
        (two, None),
        (one, None),
    ):
        status, answer = await door.send("centre", events, key)
        assert (status, answer["rejets"]) == (202, []), "une répétition n'est pas une faute"
    assert len(await door.events("centre")) == 2

    other = vacancy("A-9", idEvenement="ev-2")
    status, answer = await door.send("centre", [other, vacancy("A-3", idEvenement="ev-3")])
    assert (status, answer["etat"], answer["acceptes"]) == (202, "partiel", 1)
    assert [(r["ligne"], r["code"]) for r in answer["rejets"]] == [(1, "identifiant_deja_utilise")]
    assert (await door.send("centre", other, "cle-4"))[0] == 422
    assert (await door.send("centre", other))[0] == 409
    assert len(await door.events("centre")) == 3


def suites(candidacy: UUID, code: str) -> bytes:
    """Two records of a landlord under one id of the message; the code of the second is the given one."""
    about = f"<refCandidature>{candidacy}</refCandidature>"
    decided = f'{about}<dateCommission>2026-03-12</dateCommission><resultat code="{code}"/>'
    return (
        '<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00" idMessage="BLR-1">'
        f"<accuse>{about}</accuse><decision>{decided}</decision></suites>"
    ).encode()


async def test_a_message_taken_in_part_is_another_one_once_any_of_its_rows_is_changed(world: World) -> None:
    assert (await world.send("siao-01", PRESENTED))[0] == 202
    (candidacy,) = await until(lambda: world.subjects("candidature"), "la candidature est connue")
    await world.settled()
    first = await world.send("bailleur", suites(candidacy.id, "OUI"))
    assert (first[0], first[1]["etat"]) == (202, "partiel")
    assert await world.send("bailleur", suites(candidacy.id, "OUI")) == first
    for code in ("RNG", "CSP"):
        status, problem = await world.send("bailleur", suites(candidacy.id, code))
        assert (status, problem["type"]) == (409, "urn:siao:probleme:cle-deja-utilisee")
        assert "sous une clé neuve" in problem["detail"]
    assert len(await world.events("bailleur")) == 1


async def test_a_trial_under_a_key_that_stands_for_something_else_says_what_the_real_one_would_say(
    door: World,
) -> None:
    assert (await door.send("centre", vacancy("A-1"), "cle-1"))[0] == 202
    same = await door.send("centre", vacancy("A-1"), "cle-1", "?essai=true")
    assert (same[0], same[1]["etat"]) == (200, "valide")
    real, trial = [await door.send("centre", vacancy("A-2"), "cle-1", query) for query in ("", "?essai=true")]
    assert trial == real
    assert real[0] == 409
    await clock.claims_run_out(door)
    assert (await door.send("centre", vacancy("A-2"), "cle-1", "?essai=true"))[0] == 200


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_what_was_taken_in_gets_the_same_answer_though_it_would_be_refused_by_now(
    door: World, key: str | None
) -> None:
    both = {"structures": (FINESS, OF_ANOTHER["structure"])}
    await door.apply(door.registry(centre=both))
    first = await door.send("centre", [OF_ANOTHER, vacancy("A-2", commune="99999")], key)
    assert (first[0], first[1]["etat"]) == (202, "partiel")
    await door.apply(door.registry())
    assert await door.send("centre", [OF_ANOTHER, vacancy("A-2", commune="99999")], key) == first
    assert (await door.send("centre", OF_ANOTHER, "cle-2"))[0] == 422
    assert await door.count("quarantine") == 1
