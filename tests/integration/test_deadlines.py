"""A referral that nobody answers: reminded, told, ended, each once, whoever sees to it and whatever stops it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from contracts.errors import BusUnavailable
from contracts.sftp import SortieSftp
from contracts.v1.echeance import Echeance
from router.leased.deadlines import Deadlines
from router.privacy.keyring import Keyring
from router.process import heartbeat
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import deadlines as store
from router.store import log, standing
from router.telemetry.metrics import REGISTRY
from tests.conformance.droppers import SftpDropper
from tests.integration import beside, clock, lasting
from tests.integration.messages import referral, vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.stages import stages
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
dropper, prepared, world = lasting.dropper, lasting.prepared, lasting.world

MINUTE = timedelta(minutes=1)
TONIGHT = {"id": 4711, "dispositif": "URGENCE"}


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process hears five times a second what is due."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.2)


@pytest_asyncio.fixture(loop_scope="module")
async def asked(world: World) -> AsyncIterator[World]:
    """A shelter that has got a referral for tonight, and two that see to deadlines at once."""
    place = await world.known_place()
    status, body = await world.send("siao-01", {**referral(place), "orientation": TONIGHT})
    assert status == 202, body
    await until(lambda: world.deadlines(Echeance.DECISION), "le centre a reçu, son délai court")
    prover, lease = Keyring.of(world.settings).prover, Lease(world.database, "another", uuid4(), 3.0)
    wake = WakeUp()
    another = Deadlines(world.database, prover, lease, world.registry, wake)
    async with beside.work(another.run()), beside.work(beside.beats(wake)):
        yield world


async def reaches(world: World, *expected: str) -> None:
    """The log comes to have exactly these, and all that follows from them has happened. What still runs waits for a
    moment to come."""

    async def there() -> bool:
        return len(await stages(world, Echeance.DECISION)) >= len(expected)

    await until(there, f"étapes {expected}")
    await world.settled()
    assert await stages(world, Echeance.DECISION) == list(expected)
    waits = [each.next_in for each in await world.deadlines(Echeance.DECISION)]
    assert all(wait is None or wait > timedelta(0) for wait in waits)


def answers_counted() -> float:
    """Of the shelter, in the figures of the service."""
    return REGISTRY.get_sample_value("siao_hub_loop_closure_seconds_count", {"partner": "centre"}) or 0.0


def told(messages: list[dict[str, Any]]) -> list[str]:
    """Stages of the answer's deadline that a partner has heard of."""
    alerts = [each.get("alerte", each) for each in messages if each["type"] == "alerte.echeance"]
    return [alert["etape"] for alert in alerts if alert["echeance"] == Echeance.DECISION]


async def test_a_silence_is_reminded_told_and_ended_each_once_and_a_late_answer_is_the_siaos_to_decide(
    asked: World,
) -> None:
    answered_before = answers_counted()
    await clock.subjects_are_older(asked, 16 * MINUTE)
    await reaches(asked, "MI_DELAI")
    await clock.subjects_are_older(asked, 9 * MINUTE)
    await reaches(asked, "MI_DELAI", "BIENTOT")
    assert told(asked.siao.messages) == [], "un rappel ne regarde que qui doit répondre"
    await clock.subjects_are_older(asked, 6 * MINUTE)
    await reaches(asked, "MI_DELAI", "BIENTOT", "ECHUE")
    assert told(asked.shelter.messages) == ["MI_DELAI", "BIENTOT", "ECHUE"]
    assert told(asked.siao.messages) == ["ECHUE"]
    assert [each.etat for each in await asked.subjects("orientation")] == ["SANS_REPONSE"]
    assert [each.etat for each in await asked.subjects("place")] == ["DISPONIBLE"]
    assert await asked.deadlines() == []
    assert answers_counted() == answered_before, "un silence n'est pas une réponse"

    (silent,) = await asked.subjects("orientation")
    late = {"type": "orientation.acceptee", "orientation": str(silent.id), "accueilLe": "2026-12-01"}
    assert (await asked.send("centre", late))[0] == 202
    await asked.settled()
    (anomaly,) = [each["alerte"] for each in asked.siao.messages if each["type"] == "alerte.anomalie"]
    assert (anomaly["motif"], anomaly["etat"]) == ("REPONSE_TARDIVE", "SANS_REPONSE")
    place = str((await asked.subjects("place"))[0].id)
    assert (await asked.send("siao-01", {**referral(place, 4712)}))[0] == 202
    await asked.settled()
    assert sorted(each.etat for each in await asked.subjects("orientation")) == ["PROPOSEE", "SANS_REPONSE"]


async def test_after_an_outage_of_hours_and_a_death_before_the_commit_the_silence_is_told_once(
    asked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths: list[int] = []
    append = log.append

    async def dying(*of: Any, **more: Any) -> Any:
        appended = await append(*of, **more)
        if of[2] and not deaths:
            deaths.append(len(of[2]))
            raise BusUnavailable("mort entre l'ajout et la validation")
        return appended

    await asked.stop()
    await clock.subjects_are_older(asked, 300 * MINUTE)
    monkeypatch.setattr(log, "append", dying)
    await asked.start()
    await reaches(asked, "ECHUE")
    assert told(asked.shelter.messages) == told(asked.siao.messages) == ["ECHUE"]
    assert deaths
    assert [each.etat for each in await asked.subjects("orientation")] == ["SANS_REPONSE"]


async def test_what_a_version_before_did_not_note_is_noted_when_a_worker_starts(world: World) -> None:
    await world.referred()
    await until(lambda: world.deadlines(Echeance.DECISION), "le centre a reçu, son délai court")
    noted = [(each.subject, each.kind) for each in await world.deadlines()]
    await world.stop()
    await clock.nobody_has_noted_deadlines(world)
    await world.start()

    async def again() -> bool:
        return [(each.subject, each.kind) for each in await world.deadlines()] == noted

    await until(again, "tout ce qui court est de nouveau noté")


async def referred_for_tonight(world: World, number: int, partner: str, structure: str) -> None:
    """The SIAO refers a household to a new place of a partner."""
    await world.accepted(partner, vacancy(f"N-{number}", structure=structure))
    await until(lambda: len(world.siao.messages) == number, "la vacance arrive au SIAO")
    place = world.siao.messages[-1]["place"]["identifiantExterne"]
    await world.accepted("siao-01", {**referral(place, number), "orientation": {**TONIGHT, "id": number}})


async def test_a_reminder_reaches_its_partner_by_sftp_and_in_its_mailbox(
    world: World, dropper: SftpDropper
) -> None:
    by_sftp = SortieSftp(**dropper.server.entry(), dossier="depot")
    await world.apply(world.registry(centre={"sortie": by_sftp}))
    await referred_for_tonight(world, 1, "centre", FINESS)
    await referred_for_tonight(world, 2, "centre-boite", AUTRE_FINESS)
    await world.collected("centre-boite", 1)

    async def both_run() -> bool:
        return len(await world.deadlines(Echeance.DECISION)) == 2

    await until(both_run, "les deux ont reçu, leur délai court")
    await clock.subjects_are_older(world, 16 * MINUTE)
    assert told(await world.collected("centre-boite", 1)) == ["MI_DELAI"]

    def laid_down() -> list[str]:
        return told([json.loads(path.read_bytes()) for path in dropper.folder.glob("*.json")])

    assert await until(laid_down, "le rappel est déposé par SFTP") == ["MI_DELAI"]
    assert told(world.siao.messages) == [], "un rappel ne regarde que qui doit répondre"


async def test_a_deadline_waits_for_the_large_file_of_whoever_is_awaited_and_of_a_siao_that_has_merged_since(
    prepared: World,
) -> None:
    for sender in ("operateur", "centre", "siao-01", "service", "ccas"):
        kind = Echeance.EVALUATION if sender in ("service", "ccas") else Echeance.ACCOMPAGNEMENT
        await overdue(prepared, "ACCEPTEE", kind)
        await sends_a_large_file(prepared, sender)
        assert await taken(prepared) == []
        await prepared.sql("DELETE FROM inbox")
        assert await taken(prepared) == [kind]

    asked = (await overdue(prepared, "ACCEPTEE", Echeance.ACCOMPAGNEMENT), "centre")
    await prepared.sql("INSERT INTO succession (siao, successeur) VALUES ('siao-a', 'siao-01')")
    await sends_a_large_file(prepared, "siao-a")
    assert await taken(prepared) == []
    async with prepared.database.statement() as connection:
        assert (await standing.read(connection, [asked])).waits == {asked}, "la porte aussi"
    await prepared.sql("DELETE FROM inbox")
    async with prepared.database.statement() as connection:
        assert (await standing.read(connection, [asked])).waits == set()
    assert await taken(prepared) == [Echeance.ACCOMPAGNEMENT]


async def sends_a_large_file(world: World, sender: str) -> None:
    """Let a large file of this partner be decoded since an hour ago."""
    await world.sql(
        "INSERT INTO inbox (id, partner, dialect, media_type, etat, raw, received_at)"
        " VALUES (gen_random_uuid(), $1, 'd', 'm', 'en_cours', 'b', now() - interval '1 hour')",
        sender,
    )


async def test_what_a_newer_version_alone_knows_is_left_to_it(prepared: World) -> None:
    await overdue(prepared, "ACCEPTEE", "D_UNE_AUTRE_VERSION")
    await overdue(prepared, "D_UNE_AUTRE", "DECISION")
    async with prepared.database.transaction() as connection:
        await store.drop_over(connection)
    assert await taken(prepared) == []
    assert await prepared.count("deadline") == 2


async def overdue(world: World, etat: str, kind: str) -> UUID:
    """A subject of which a deadline has passed a minute ago. An operator and two evaluators are awaited for it."""
    ident = uuid4()
    awaited = {"operateurs_attendus": ["operateur"], "evaluateur": "service"}
    awaited["evaluateurs_attendus"] = ["ccas", "service"]
    await world.sql(
        "INSERT INTO subject (id, nature, etat, version, donnees) VALUES ($1, 'orientation', $2, 1, CAST($3 AS jsonb))",
        ident,
        etat,
        json.dumps({"emetteur": "siao-01", "destinataire": "centre", **awaited}),
    )
    await world.sql(
        "INSERT INTO deadline (subject, kind, started_at, due_at, stage, next_at) VALUES"
        " ($1, $2, now() - interval '20 days', now() - interval '1 minute', 0, now() - interval '1 minute')",
        ident,
        kind,
    )
    return ident


async def taken(world: World) -> list[Echeance]:
    async with world.database.transaction() as connection:
        return [due.echeance for due in await store.take(connection, 10)]
