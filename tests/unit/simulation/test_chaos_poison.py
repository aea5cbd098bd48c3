"""What is poured: one of each kind, each with the words that the hub must have for it."""

from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from uuid import UUID

import pytest

from contracts.errors import InvalidContract
from contracts.sealed import from_bytes
from router.store.quarantine import FailedEvent
from router.workers import split
from simulation.chaos.ledger import CAUSE, WHATEVER
from simulation.chaos.poison import EMPTY, UNREADABLE, Poison, no_event, poisons

POISONS = poisons(Random(1), datetime(2026, 3, 2, tzinfo=UTC))


def record(poison: Poison):
    place = {"topic": "t", "partition": 0, "offset": 1, "timestamp": 2}
    return SimpleNamespace(value=poison.value, headers=tuple(poison.headers), **place)


def test_a_record_is_known_again_for_what_the_hub_has_to_say_of_it():
    told = [no_event(record(poison)) for poison in POISONS]
    assert told.count(EMPTY) == told.count(UNREADABLE) == 1
    assert [poison.says for poison in POISONS if poison.event is None] == [t for t in told if t]


def test_the_hub_reads_as_events_those_that_have_an_id_and_no_other():
    readable, broken = split([record(poison) for poison in POISONS])
    assert {str(event.attributes.id) for event in readable} == {p.event for p in POISONS if p.event}
    assert sorted(_said(row) for row in broken) == sorted((CAUSE, p.says) for p in POISONS if not p.event)


def test_one_reads_as_an_event_until_its_sealed_parts_are_looked_at():
    (poison,) = (poison for poison in POISONS if poison.says == WHATEVER)
    assert poison.value is not None
    (readable,), broken = split([record(poison)])
    assert broken == []
    with pytest.raises((InvalidContract, AttributeError)):
        readable.event()
    sound = poison.value.replace(b'"titulaire": 5', b'"titulaire": "%s"' % str(UUID(int=1)).encode())
    assert len(from_bytes(sound)[1]) == 1


def _said(row: FailedEvent) -> tuple[str, str]:
    return row.cause, row.detail["message"]
