"""What cannot be applied waits in quarantine, what follows it waits behind it, nobody else waits at all."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from adapters.registry import ADAPTERS
from contracts.errors import InvalidContract, Permanent
from contracts.partner import SortieBoite
from deploy.local.process import Child
from router import relay
from router.leases import Lease
from router.ops import replay
from router.ops.replay import (
    ACCEPTED,
    BACK_ON_THE_BUS,
    STILL_REFUSED,
    SUPERSEDED,
    Replays,
    ask,
    change,
    close,
    correct,
)
from router.roles import Role
from router.store import jobs, quarantine
from router.store.database import Row
from router.wakeup import WakeUp
from simulation.hub_process import module
from tests.integration import accidents
from tests.integration.messages import cancellation, to_structure, vacancy
from tests.integration.quarantined import is_over, job_of, nobody_notes, progress, replayed
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

NOUVEAU_FINESS = "010000040"
"""A shelter that nobody in the registry speaks for, at first."""


BOITE = {"sortie": SortieBoite()}
"""The SIAO fetches its messages, where there are many."""


async def corrected(world: World, row: UUID, message: Any) -> UUID:
    """The new message that a human's corrected version of a refused one became."""
    hub, body = world.hub, json.dumps(message).encode()
    assert hub is not None
    return await correct(world.database, hub.intake, hub.registry, row, body, "test", "FINESS faux")


async def observed(world: World, row: UUID) -> str:
    """State of a row once its replay has been looked at."""
    async with world.database.transaction() as connection:
        await quarantine.observe(connection)
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    return entry.etat


async def test_an_event_that_cannot_be_applied_holds_back_its_own_subject_and_no_other(world: World) -> None:
    _, stuck = await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(world.quarantined, "l'événement est en quarantaine")
    _, behind = await world.send("siao-01", cancellation(1))
    await until(world.parked, "l'annulation attend derrière")
    await world.send("siao-01", to_structure(FINESS, 2))
    await until(lambda: len(world.shelter.messages) == 1, "l'autre orientation arrive")

    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee"]
    _, fate = await world.get("siao-01", f"/v1/messages/{stuck['id']}")
    assert (fate["evenements"][0]["etat"], fate["evenements"][0]["raison"]) == ("quarantaine", "Unroutable")
    _, fate = await world.get("siao-01", f"/v1/messages/{behind['id']}")
    assert fate["evenements"][0]["etat"] == "accepte", "accepté, pas encore appliqué"
    (entry,) = await world.quarantined()
    assert (entry.etat, entry.cause) == ("ouverte", "Unroutable")


async def test_a_replay_brings_an_event_and_all_that_waited_behind_it_through_in_order(world: World) -> None:
    await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(world.quarantined, "l'événement est en quarantaine")
    await world.send("siao-01", cancellation(1))
    await until(world.parked, "l'annulation attend derrière")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    world.shelter.status = 503
    assert await replayed(world, cause="Unroutable") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    row = await entry(world)
    assert await observed(world, row) == "appliquee", "appliqué n'est pas livré"
    world.shelter.status = 204
    await until(lambda: len(world.shelter.messages) == 2, "les deux arrivent au centre")
    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee", "orientation.annulee"]
    await world.settled()
    assert await observed(world, row) == "resolue"
    (audited,) = await world.audited("quarantaine.rejouer")
    assert (audited.actor, audited.object) == ("test", str(row))


async def test_a_replay_that_fails_again_opens_the_row_again_and_lets_nothing_pass(world: World) -> None:
    await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(world.quarantined, "l'événement est en quarantaine")
    await world.send("siao-01", cancellation(1))
    await until(world.parked, "l'annulation attend derrière")
    await replayed(world, cause="Unroutable")
    await until(lambda: world.quarantined("ouverte"), "l'événement est de nouveau en quarantaine")
    (behind,) = await world.backlog()
    assert await world.parked() == [behind]
    assert world.shelter.attempts == []


async def test_a_refused_message_that_is_replayed_is_read_anew_beside_its_original(world: World) -> None:
    status, refused = await world.send("centre", vacancy(structure=NOUVEAU_FINESS))
    assert status == 422, refused
    (before,) = await world.quarantined()
    assert await replayed(world, row=before.id) == {STILL_REFUSED: 1}
    (after,) = await world.quarantined()
    assert (after.id, after.etat) == (before.id, "ouverte")

    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    assert await replayed(world, dry_run=True, row=before.id) == {ACCEPTED: 1}
    assert await world.events() == [], "un essai ne change rien"
    world.siao.status = 503
    assert await replayed(world, row=before.id) == {ACCEPTED: 1}
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    assert await observed(world, before.id) == "rejouee", "pas encore abouti"
    world.siao.status = 204
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue une fois la vacance livrée")
    assert len(world.siao.messages) == 1
    original, *_, anew = await world.messages()
    assert (original.id, original.etat) == (before.message_id, "refuse")
    assert anew.etat == "accepte"


async def test_a_replayed_message_is_not_resolved_before_it_is_applied(door: World) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS)))[0] == 422
    row = await entry(door)
    await corrected(door, row, vacancy())
    assert await observed(door, row) == "rejouee"


async def test_a_replayed_message_of_which_an_event_is_in_quarantine_is_resolved_once_that_is_through(
    world: World,
) -> None:
    good = to_structure(NOUVEAU_FINESS, 1)
    bad = {**good, "orientation": {**good["orientation"], "dispositif": "INCONNU"}}
    assert (await world.send("siao-01", bad))[0] == 422
    row = await entry(world)
    await corrected(world, row, good)
    await until(lambda: two_rows(world), "l'événement de la version corrigée est en quarantaine")
    assert await observed(world, row) == "rejouee"

    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    await replayed(world, cause="Unroutable")
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    assert await observed(world, row) == "resolue"


async def refused(world: World, count: int) -> None:
    """So many messages in quarantine that would be accepted by now."""
    for number in range(count):
        status, _ = await world.send("centre", vacancy(f"N-{number}", structure=NOUVEAU_FINESS))
        assert status == 422
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def test_a_job_goes_on_where_it_was_after_a_pause_and_after_the_end_of_its_process(
    world: World,
) -> None:
    await refused(world, 6)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=4.0)
    job = await ask(world.database, request)
    await until(lambda: progress(world, job), "le rejeu avance")
    assert await change(world.database, job, jobs.PAUSED, "test")
    await world.settled()
    paused = await progress(world, job)
    assert 1 <= paused < 6
    await world.stop()
    await world.start()
    assert await progress(world, job) == paused, "en pause, il n'avance pas"
    assert await change(world.database, job, jobs.WAITING, "test")

    async def goes_on() -> bool:
        return await progress(world, job) > paused

    await until(goes_on, "il reprend")
    await world.stop()
    await world.start()
    await until(lambda: is_over(world, job), "il finit")
    await until(lambda: len(world.siao.messages) == 6, "les six vacances arrivent")
    await world.settled()
    assert len(world.siao.messages) == 6
    assert await progress(world, job) == 6


async def test_a_job_whose_process_is_killed_between_what_it_does_and_what_it_notes_does_nothing_twice(
    prepared: World, tmp_path: Path
) -> None:
    await prepared.start(*(role for role in Role if role is not Role.SCHEDULER))
    await refused(prepared, 6)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=20.0)
    job = await ask(prepared.database, request)
    process = Child(tmp_path, tmp_path / "scheduler.log")
    command = [*module("router.cli", environment(prepared)), "run", "--role", "scheduler"]
    try:
        for _ in range(2):
            async with nobody_notes(prepared):
                process.spawn(command)
                await until(lambda: something_is_accepted(prepared), "une entrée est reprise")
                await until(prepared.blocked, "elle n'est pas encore notée")
                process.kill9()
            assert await progress(prepared, job) == 0
        process.spawn(command)
        await until(lambda: is_over(prepared, job), "il finit")
    finally:
        process.kill9()
    await until(lambda: len(prepared.siao.messages) == 6, "les six vacances arrivent")
    await prepared.settled()
    assert len(prepared.siao.messages) == 6
    assert await prepared.count("event") == 6
    assert await progress(prepared, job) == 6


async def something_is_accepted(world: World) -> bool:
    return "accepte" in {message.etat for message in await world.messages()}


def environment(world: World) -> dict[str, str]:
    """What makes another process one of the same hub."""
    settings = world.settings
    assert settings.master_key is not None
    return {
        "SIAO_HUB_MASTER_KEY": settings.master_key.get_secret_value(),
        "SIAO_HUB_ERASURES_FILE": str(settings.erasures_file),
        "SIAO_HUB_DATABASE__URL": settings.database.url,
        "SIAO_HUB_DATABASE__SCHEMA_NAME": settings.database.schema_name,
        "SIAO_HUB_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "SIAO_HUB_KAFKA__PREFIX": settings.kafka.prefix,
        "SIAO_HUB_LEASE_S": str(settings.lease_s),
    }


class Frozen(Replays):
    """Stands still between what it read and what it writes, until it is thawed."""

    def __init__(self, world: World) -> None:
        lease = Lease(world.database, "gelé", uuid4(), 60.0)
        super().__init__(world.database, cast(Any, None), cast(Any, None), world.registry, WakeUp(), lease)
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()

    async def _replay(self, job: Row, row: Row) -> tuple[str, UUID | None]:
        self.reached.set()
        await self.thawed.wait()
        return BACK_ON_THE_BUS, None


async def test_a_thawed_process_gives_no_token_back_to_an_event_that_its_successor_brought_through(
    world: World,
) -> None:
    for number in (1, 2):
        await world.send("siao-01", to_structure(NOUVEAU_FINESS, number))
    await until(lambda: two_rows(world), "les deux événements sont en quarantaine")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    await world.stop()
    request = jobs.Request(jobs.Filter(cause="Unroutable"), "test", "essai du test", per_second=0.1)
    await ask(world.database, request)
    frozen = Frozen(world)
    step = asyncio.create_task(frozen._step())
    await asyncio.wait_for(frozen.reached.wait(), timeout=10)
    await world.start()
    await until(lambda: world.quarantined("resolue"), "le successeur rejoue la première")
    await world.settled()
    frozen.thawed.set()
    await step
    assert await world.backlog() == []


async def two_rows(world: World) -> bool:
    return await world.count("quarantine") == 2


async def test_a_cancelled_job_takes_no_further_row(world: World) -> None:
    await refused(world, 5)
    request = jobs.Request(jobs.Filter(cause="structure_etrangere"), "test", "essai du test", per_second=2.0)
    job = await ask(world.database, request)
    await until(lambda: progress(world, job), "le rejeu avance")
    assert await change(world.database, job, jobs.CANCELLED, "test")
    done = await progress(world, job)
    assert await replayed(world, dry_run=True, partner="centre") == {ACCEPTED: 5 - done}
    assert not await change(world.database, job, jobs.WAITING, "test"), "annulé pour de bon"


async def test_a_corrected_version_is_taken_in_beside_the_original_and_who_did_it_and_why_is_kept(
    world: World,
) -> None:
    status, _ = await world.send("centre", vacancy(structure=NOUVEAU_FINESS))
    assert status == 422
    (stuck,) = await world.quarantined()
    with pytest.raises(InvalidContract, match="structure"):
        await corrected(world, stuck.id, vacancy(structure=NOUVEAU_FINESS))
    new = await corrected(world, stuck.id, vacancy())
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    assert stuck.message_id is not None
    assert (await world.message(stuck.message_id)).etat == "refuse"
    assert (await world.message(new)).etat == "accepte"
    (audited,) = await world.audited("quarantaine.corriger")
    assert audited.actor == "test"
    assert json.loads(audited.detail) == {"nouveau": str(new), "motif": "FINESS faux"}


async def test_an_event_that_the_bus_cannot_carry_goes_to_quarantine_and_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MAX_PAYLOAD_BYTES", 600)
    long = vacancy("A-9", compositions=["10"] * 100)
    status, answer = await world.send("centre", json.dumps(long, separators=(",", ":")).encode())
    assert status == 202, answer
    await world.known_place()
    (stuck,) = await world.quarantined()
    assert (stuck.etat, stuck.cause, stuck.partner) == ("ouverte", "InvalidContract", "centre")
    _, fate = await world.get("centre", f"/v1/messages/{answer['id']}")
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
    await until(world.quarantined, "l'événement est en quarantaine")
    row = await entry(world)
    assert await replayed(world, cause="InvalidContract") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.quarantined("ouverte"), "il y est de nouveau")
    await world.known_place("A-102")
    (stuck,) = await world.quarantined()
    assert (stuck.id, stuck.etat) == (row, "ouverte")
    assert world.alive


async def entry(world: World) -> UUID:
    """The only one of the quarantine."""
    (only,) = await world.quarantined()
    return only.id


async def mended(world: World) -> None:
    """The registry knows the new shelter: what was refused would be accepted by now."""
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def became(world: World, row: UUID) -> str:
    """The message that a replayed entry became."""
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    assert entry.etat in ("rejouee", "resolue")
    return str(entry.replayed_as)


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_what_its_sender_has_sent_again_waits_for_nobody_and_is_resolved_once_that_is_delivered(
    world: World, key: str | None
) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, key))[0] == 422
    row = await entry(world)
    if key is None:
        await mended(world)
    world.siao.status = 503
    status, again = await world.send("centre", message if key is None else vacancy(), key)
    assert status == 202
    assert await became(world, row) == again["id"]
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    assert await observed(world, row) == "rejouee", "pas encore livrée"
    world.siao.status = 204
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.settled()
    assert await observed(world, row) == "resolue"


async def test_what_its_sender_has_sent_again_is_open_again_when_that_is_refused_after_all(
    door: World,
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    row = await entry(door)
    rows = [vacancy(f"A-{n}", structure=NOUVEAU_FINESS) for n in range(1001)]
    status, again = await door.send("centre", rows, "cle-1")
    assert (status, await became(door, row)) == (202, again["id"])
    await door.stop()
    await door.start()
    await until(lambda: two_rows(door), "le fichier est refusé")
    assert await observed(door, row) == "ouverte"


async def test_what_is_sent_under_another_key_or_by_another_partner_decides_nothing(door: World) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    assert (await door.send("centre", vacancy(), "cle-2"))[0] == 202
    assert (await door.send("centre-boite", vacancy(), "cle-1"))[0] in (202, 422)
    assert [each.etat for each in await door.quarantined() if each.partner == "centre"] == ["ouverte"]


async def test_of_two_contents_refused_under_one_key_the_first_is_taken_in_and_both_are_resolved(
    world: World,
) -> None:
    for number in (1, 2):
        message = vacancy(structure=NOUVEAU_FINESS, capacite=number)
        assert (await world.send("centre", message, "cle-1"))[0] == 422
    await mended(world)
    assert await replayed(world, partner="centre") == {ACCEPTED: 1, SUPERSEDED: 1}
    await until(lambda: both_resolved_by_a_job(world), "les deux entrées sont résolues")
    assert await world.count("event") == 1


async def test_what_a_job_has_brought_through_is_resolved_while_the_job_goes_on(world: World) -> None:
    await refused(world, 3)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=0.3)
    job = await ask(world.database, request)
    await until(lambda: world.quarantined("resolue"), "la première entrée est résolue")
    assert (await job_of(world, job)).etat == jobs.RUNNING


async def test_a_column_that_a_later_version_adds_disturbs_nobody(prepared: World) -> None:
    async def everything_read() -> None:
        async with prepared.database.transaction() as connection:
            assert await jobs.current(connection)
            assert await jobs.show(connection)
            await quarantine.show(connection, uuid4())

    await ask(prepared.database, jobs.Request(jobs.Filter(), "test", "essai du test"))
    await everything_read()
    for table in ("replay_job", "quarantine"):
        await accidents.column_is_added(prepared, table)
    await everything_read()


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


async def test_all_that_a_filter_matches_is_closed_however_much(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "CLOSED_AT_ONCE", 2)
    for number in range(5):
        await door.send("centre", vacancy(f"A-{number}", structure=NOUVEAU_FINESS))
    await door.send("siao-01", {"idMessage": "m-1"})
    cause = jobs.Filter(cause="structure_etrangere", partner="centre")
    assert await close(door.database, cause, "test", "tous renvoyés") == 5
    assert len(await door.quarantined("ouverte")) == 1


async def test_a_closed_event_has_no_effect_and_what_waited_behind_it_follows_in_order(world: World) -> None:
    await world.apply(world.registry(siao_01={"sortie": None, "dialecte_sortant": None}))
    _, closed = await world.send("centre", vacancy(capacite=1))
    await until(world.quarantined, "la vacance est en quarantaine")
    for capacite in (2, 3):
        await world.send("centre", vacancy(capacite=capacite))
    await until(lambda: two_parked(world), "les deux suivantes attendent derrière elle")
    await world.apply(world.registry())
    await world.stop()
    await world.start(Role.GATEWAY)
    assert await close(world.database, jobs.Filter(row=await entry(world)), "test", "place fermée") == 1
    await world.send("centre", vacancy(capacite=4))
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == 3, "les autres arrivent")
    await world.settled()
    assert [message["place"]["capacite"] for message in world.siao.messages] == [2, 3, 4]
    assert [each.etat for each in await world.quarantined()] == ["classee"]
    _, fate = await world.get("centre", f"/v1/messages/{closed['id']}")
    assert (fate["evenements"][0]["etat"], fate["evenements"][0]["raison"]) == ("sans_effet", "classe")


async def test_what_the_bus_cannot_carry_is_closed_too_and_what_waited_behind_it_follows_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MAX_PAYLOAD_BYTES", 600)
    long = vacancy(compositions=["10"] * 100)
    assert (await world.send("centre", json.dumps(long, separators=(",", ":")).encode()))[0] == 202
    await until(world.quarantined, "la vacance est en quarantaine")
    for capacite in (2, 3):
        await world.send("centre", vacancy(capacite=capacite))
    await until(lambda: two_parked(world), "les deux suivantes attendent derrière elle")
    await world.stop()
    await world.start(Role.GATEWAY)
    assert await close(world.database, jobs.Filter(row=await entry(world)), "test", "trop longue") == 1
    await world.send("centre", vacancy(capacite=4))
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == 3, "les autres arrivent")
    assert [message["place"]["capacite"] for message in world.siao.messages] == [2, 3, 4]
    assert [each.etat for each in await world.quarantined()] == ["classee"]


async def two_parked(world: World) -> bool:
    return len(await world.parked()) == 2


async def both_resolved_by_a_job(world: World) -> bool:
    return sum(each.job_id is not None for each in await world.quarantined("resolue")) == 2


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_a_replay_takes_nothing_in_that_the_sender_has_sent_again_and_was_accepted(
    world: World, key: str | None
) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, key))[0] == 422
    await mended(world)
    status, again = await world.send("centre", message, key)
    assert status == 202
    await accidents.all_open_again(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    assert await world.count("event") == 1
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue : sa vacance est livrée")


async def test_a_message_that_the_hub_could_not_read_is_replayed_under_the_id_that_is_in_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = to_structure(FINESS, 1)
    with monkeypatch.context() as patched:
        patched.setitem(cast(Any, ADAPTERS), "si_siao_json", SimpleNamespace())
        assert (await world.send("siao-01", message))[0] == 500
    status, again = await world.send("siao-01", message)
    assert status == 202
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    assert len(await world.events("siao-01")) == 1


async def test_a_replay_of_a_large_file_takes_nothing_in_that_the_sender_has_sent_again(world: World) -> None:
    rows = [vacancy(f"A-{n}", structure=NOUVEAU_FINESS) for n in range(1001)]
    assert (await world.send("centre", rows, "fichier-1"))[0] == 202
    await until(world.quarantined, "le fichier est refusé")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}, siao_01=BOITE))
    status, again = await world.send("centre", rows, "fichier-1")
    assert status == 202
    await accidents.all_open_again(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    await until(lambda: a_file_is_read(world, 1001), "le fichier est lu")
    assert await world.count("event") == 1001


async def a_file_is_read(world: World, rows: int) -> bool:
    return rows in [message.accepted for message in await world.messages()]


async def test_what_a_replay_takes_in_is_a_repetition_when_the_sender_sends_it_again(world: World) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, "cle-1"))[0] == 422
    await mended(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    status, again = await world.send("centre", message, "cle-1")
    assert (status, again["id"]) == (202, await became(world, row))
    assert await world.count("event") == 1


async def test_nobody_corrects_a_message_of_which_the_sender_has_sent_another_version_since(
    door: World,
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    status, since = await door.send("centre", vacancy(capacite=2), "cle-1")
    assert status == 202
    row = await entry(door)
    with pytest.raises(Permanent, match="rien à corriger"):
        await corrected(door, row, vacancy())
    await accidents.all_open_again(door)
    with pytest.raises(Permanent, match=f"accepté depuis .* {since['id']}"):
        await corrected(door, row, vacancy())
    assert await door.count("event") == 1


@pytest.mark.parametrize(("key", "lasting"), [("cle-1", True), (None, False)])
async def test_what_was_corrected_holds_a_senders_key_for_long_and_the_bytes_of_one_without_key_shortly(
    door: World, key: str | None, lasting: bool
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), key))[0] == 422
    new = await corrected(door, await entry(door), vacancy())
    assert [lasts > timedelta(days=1) for lasts in await door.claims(new)] == [lasting]


@pytest.mark.parametrize("key", ["cle-1", None])
@pytest.mark.parametrize("before", [False, True], ids=["", "version-d-avant"])
async def test_two_people_who_correct_the_same_entry_at_once_send_one_message(
    door: World, key: str | None, before: bool
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), key))[0] == 422
    if before:
        await accidents.keys_of_refused_are_unknown(door)
    row = await entry(door)
    tries = (corrected(door, row, vacancy(capacite=n)) for n in (1, 2))
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert await door.count("event") == 1
    assert sum(isinstance(end, Permanent) for end in ended) == 1
