"""The bus may repeat, rewind or know more than the database: every accepted event is applied exactly once."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord

from contracts.envelope import Event, from_headers, to_headers
from router.applying import applier
from router.domain.subjects import Subject
from router.store import subjects
from router.store.log import Entry
from tests.integration import accidents, lasting
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


def of_type(records: Sequence[ConsumerRecord], ending: str) -> ConsumerRecord:
    """The first record of a type."""
    return next(r for r in records if dict(r.headers)["ce_type"].endswith(ending.encode()))


async def caught_up(world: World) -> None:
    """Wait until the workers have acknowledged all that is on the bus, and all that follows is done."""
    await world.bus.wait_until_read()
    await world.settled()


async def test_a_record_that_comes_twice_changes_nothing_nor_do_topics_read_again_from_their_start(
    world: World,
) -> None:
    """A record that is no event stays in quarantine once."""
    ours = await world.referred()
    await world.accepted("centre", {"type": "orientation.acceptee", "orientation": ours})
    await until(lambda: world.siao.of_type("orientation.acceptee"), "la réponse arrive au SIAO")
    await caught_up(world)
    before = await world.state()
    attempts = len(world.siao.attempts), len(world.shelter.attempts)
    for record in await world.bus.records():
        await world.bus.publish_again(record)
    await caught_up(world)
    assert await world.state() == before
    assert (len(world.siao.attempts), len(world.shelter.attempts)) == attempts

    record, *_ = await world.bus.records()
    await world.bus.publish("offre", None, record.headers, record.key)
    await caught_up(world)
    assert len(await world.quarantined()) == 1
    before = await world.state()
    await world.stop()
    await world.bus.rewind()
    await world.start()
    await caught_up(world)
    assert await world.state() == before
    assert (len(world.siao.attempts), len(world.shelter.attempts)) == attempts


async def test_an_event_that_only_the_bus_remembers_is_taken_in_again_and_noted(world: World) -> None:
    await world.known_place()
    await world.settled()
    (record,) = await world.bus.records()
    event = from_headers(record.headers).id
    await accidents.log_is_lost(world)
    await world.bus.publish_again(record)
    await until(lambda: len(world.siao.messages) == 2, "la vacance arrive de nouveau au SIAO")
    await world.settled()
    assert world.siao.keys[0] == world.siao.keys[1], "sous la même clé : le partenaire la reconnaît"
    (noted,) = [outcome for outcome in await world.outcomes() if outcome.event_id == event]
    assert (noted.kind, noted.reason) == ("repris_du_bus", "inconnu_du_journal")
    (kept,) = await world.events()
    assert (kept.id, kept.payload) == (event, record.value)
    assert [place.etat for place in await world.subjects()] == ["DISPONIBLE"]


async def test_an_event_taken_in_again_keeps_what_the_rules_say_of_it(world: World) -> None:
    await world.known_place()
    (record,) = await world.bus.records()
    stranger = from_headers(record.headers)._replace(id=uuid4(), source="centre-boite")
    await world.publish(stranger, record.value)
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO apprend l'anomalie")
    told = [outcome.kind for outcome in await world.outcomes() if outcome.event_id == stranger.id]
    assert "anomalie" in told


async def test_records_that_are_no_events_or_fit_no_table_go_to_quarantine_and_their_neighbours_are_applied(
    world: World,
) -> None:
    await world.known_place()
    await world.settled()
    (record,) = await world.bus.records()
    good = to_headers(from_headers(record.headers))
    without_territory = [h for h in good if h[0] != "ce_territoire"]
    broken: list[tuple[bytes | None, Any]] = [
        (None, good),
        (record.value, [*without_territory, ("ce_territoire", None)]),
        (record.value, [h for h in good if h[0] != "ce_source"] + [("ce_source", b"\xff\xfe")]),
        (record.value, [h for h in good if h[0] != "ce_id"] + [("ce_id", b"pas-un-uuid")]),
        (record.value, []),
    ]
    for value, headers in broken:
        await world.bus.publish("offre", value, headers, record.key, record.partition)
    unspeakable = from_headers(record.headers)._replace(id=uuid4(), territoire="0\x001")
    await world.publish(unspeakable, record.value)
    await world.known_place("A-2")
    await caught_up(world)
    known = await world.quarantined()
    entries = [entry for entry in known if entry.cause == "InvalidContract"]
    assert len(entries) == len(broken)
    assert {entry.event_id for entry in entries} == {None}
    assert all(f'"{world.bus.topic("offre")}"' in entry.detail for entry in entries)
    assert sorted(entry.raw is None for entry in entries) == [False] * 4 + [True]
    (unheld,) = [entry for entry in known if entry not in entries]
    assert unheld.raw == record.value


async def test_a_record_that_our_own_code_stumbles_over_costs_no_other_record_of_its_poll(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await world.known_place()
    await world.settled()
    read = applier.event_of

    def stumbling(entry: Entry) -> Event:
        if entry.attributes.territoire == "99":
            raise ArithmeticError("une faute de chez nous")
        return read(entry)

    monkeypatch.setattr(applier, "event_of", stumbling)
    (record,) = await world.bus.records()
    wrong = from_headers(record.headers)._replace(id=uuid4(), subject=uuid4(), territoire="99")
    for attributes in (wrong, from_headers(record.headers)._replace(id=uuid4())):
        await world.publish(attributes, record.value)
    await caught_up(world)
    (entry,) = await world.quarantined()
    assert (entry.cause, entry.event_id) == ("bug", wrong.id)
    await until(lambda: len(world.siao.messages) == 2, "le voisin est appliqué")
    assert world.siao.messages[1]["place"]["identifiantExterne"] == place


async def test_a_batch_that_our_own_code_cannot_apply_is_halved_until_only_the_offender_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject_of = subjects.subject_of
    await world.accepted("centre", vacancy("A-1"))
    await until(lambda: world.siao.messages, "la première est appliquée")
    (first,) = await world.events()

    def stumbling(row: Any) -> Subject:
        if row.id == first.subject:
            raise ArithmeticError("une faute de chez nous")
        return subject_of(row)

    monkeypatch.setattr(subjects, "subject_of", stumbling)
    await world.accepted("centre", [vacancy(f"A-{number}", capacite=2) for number in range(1, 6)])
    await until(lambda: len(world.siao.messages) == 5, "les quatre autres arrivent")
    await world.settled()
    (entry,) = await world.quarantined()
    assert (entry.cause, entry.subject) == ("bug", first.subject)
