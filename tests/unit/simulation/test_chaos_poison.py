"""What is poured: one of each kind, each with the words that the hub must have for it."""

from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace

from router.applying.believing import MISPLACED, is_in_place, read
from simulation.chaos.ledger import CAUSES
from simulation.chaos.poison import FOREIGN, Poison, poisons, said_of

POISONS = poisons(Random(1), datetime(2026, 3, 2, tzinfo=UTC))


def record(poison: Poison):
    place = {"topic": "t", "partition": 0, "offset": 1, "timestamp": 2, "key": b"k"}
    return SimpleNamespace(value=poison.value, headers=tuple(poison.headers), **place)


def test_a_record_is_known_again_for_what_the_hub_has_to_say_of_it():
    assert [said_of(record(poison)) for poison in POISONS] == [poison.says for poison in POISONS]
    event = next(poison for poison in POISONS if poison.says == FOREIGN)
    ours = record(event)
    ours.key = dict(event.headers)["ce_subject"]
    assert said_of(ours) is None


def test_the_hub_has_those_words_for_it_and_takes_none():
    readable, broken = read([record(poison) for poison in POISONS])
    assert [is_in_place(*each, "siao", {"t": 1}) for each in readable] == [False] * len(readable)
    told = [row.detail["message"] for row in broken] + [MISPLACED] * len(readable)
    assert sorted(told) == sorted(poison.says for poison in POISONS if poison.says)
    assert {row.cause for row in broken} < set(CAUSES)
