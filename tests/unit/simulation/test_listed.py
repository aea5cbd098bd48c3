"""Each reader's copy of a list of households, rebuilt from its own journal, is what the SIAO said last; the judge names
everything else."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from simulation.cast import DDETS_80, DELEGATAIRE, EST, SIAO_LISTE, VILLE
from simulation.chaos.readers import ELSEWHERE, moved
from simulation.journal import Kind
from simulation.listed import (
    DECLARED,
    HOUSEHOLDS_AT_MOST,
    STEPS_AT_MOST,
    WITHDRAWN,
    day_of,
    life,
    may_see,
    row_of,
    told_on,
    troubles,
)
from tests.unit.simulation.journaux import Journals

SEED, TODAY = 7, date(2026, 3, 2)
READERS = (DDETS_80, DELEGATAIRE, VILLE, EST)
NUMBER = next(n for n in range(1000) if not life(SEED, n)[0].communes and len(life(SEED, n)) == 1)
"""A household that wants to live anywhere, and stays as it was declared: every reader has it."""
HERE = next(n for n in range(1000) if life(SEED, n)[0].communes == VILLE.communes and len(life(SEED, n)) == 1)
"""One that two of them have, and the reader of everything."""


class Readers(Journals):
    """The journals of a SIAO that declares households, and of the readers of its list."""

    def declared(self, number: int) -> "Readers":
        ref = row_of((number, 0))
        self.sent(ref, by=SIAO_LISTE.id).answered(ref, by=SIAO_LISTE.id)
        return self

    def read(self, reader: str, point: int, *lines: list[int], since: int = 0) -> "Readers":
        record = {"kind": Kind.LISTED, "at": self.tick(), "depuis": since, "point": point, "lignes": lines}
        self.observed.add(reader, record)
        return self

    def told(self, reader: str, numero: int, fiche: int, *here: int) -> "Readers":
        said: dict[str, Any] = {"numero": numero, "fiche": fiche, **({"here": here} if here else {})}
        self.effect(f"hub:liste:{reader}/{fiche}:{numero}", to=reader, **said)
        return self


def all_is_well() -> Readers:
    journals = Readers().declared(NUMBER).read(SIAO_LISTE.id, 1, [1, 1, NUMBER, 0])
    for reader in READERS:
        journals.told(reader.id, 1, 1, NUMBER, 0).read(reader.id, 1, [1, 1, NUMBER, 0])
    return journals


def test_who_has_what_was_said_last_by_its_deliveries_and_by_its_readings_is_right() -> None:
    assert list(troubles(all_is_well().observed, SEED)) == []


def test_who_lost_its_copy_or_whom_a_household_left_and_rejoined_is_right_too() -> None:
    journals, city = all_is_well(), VILLE.id
    journals.told(city, 2, 1).told(city, 3, 1, NUMBER, 0)
    journals.read(city, 2, [2, 1], since=1).read(city, 3, [3, 1, NUMBER, 0])
    assert list(troubles(journals.observed, SEED)) == []


CITY = VILLE.id


@pytest.mark.parametrize(
    ("also", "says"),
    [
        (lambda j: j.declared(HERE), f"{SIAO_LISTE.id}, liste lue : {row_of((HERE, 0))} manque"),
        (lambda j: j.read(CITY, 2, [2, 1], since=1), f"{CITY}, liste lue : {row_of((NUMBER, 0))} manque"),
        (lambda j: j.told(CITY, 2, 2, HERE, 0), f"{CITY}, liste livrée : {row_of((HERE, 0))} de trop"),
        (lambda j: j.read(CITY, 1, [1, 1, NUMBER, 1]), f"{CITY}, liste lue : {row_of((NUMBER, 1))} de trop"),
        (lambda j: j.read(CITY, 3), f"{CITY} : 1 changements livrés pour 3 numéros ; manquent [2, 3]"),
        (lambda j: j.read(CITY, 2, since=2), f"{CITY}, liste lue : lue depuis 2, et non depuis 1"),
        (lambda j: j.read(CITY, 1, [2, 1, NUMBER, 0]), f"{CITY}, liste lue : n° 2 : hors de ce qui était demandé"),
        (lambda j: j.told(CITY, 2, 1, HERE, 0), f"{CITY}, liste livrée : fiche 1 : deux ménages"),
        (
            lambda j: j.told(DELEGATAIRE.id, 2, 2, HERE, 0).told(DELEGATAIRE.id, 3, 2),
            f"{DELEGATAIRE.id} : {row_of((HERE, 0))} n'est pas de son périmètre",
        ),
    ],
    ids=["missing", "left", "too many", "old", "a gap", "another number", "beyond", "one number", "not its own"],
)  # fmt: skip
def test_a_copy_that_is_not_the_list_is_named(also: Callable[[Readers], Readers], says: str) -> None:
    journals = all_is_well()
    also(journals)
    assert says in list(troubles(journals.observed, SEED))


def test_after_a_restoration_numbers_may_leap_and_the_list_is_judged_all_the_same() -> None:
    journals = all_is_well().read(CITY, 1_000_002, [1_000_001, 1, NUMBER, 0])
    assert list(troubles(journals.observed, SEED, restored=True)) == []
    journals.read(CITY, 1_000_003, [1_000_003, 1], since=1_000_002)
    assert len(list(troubles(journals.observed, SEED, restored=True))) == 1


def test_after_a_restoration_a_copy_is_judged_from_the_whole_list_that_its_reader_had_to_read() -> None:
    journals = all_is_well().told(CITY, 2, 2, HERE, 0)
    assert list(troubles(journals.observed, SEED, restored=True)) == [
        f"{CITY}, liste livrée : {row_of((HERE, 0))} de trop"
    ]
    journals.read(CITY, 1_000_002, [1_000_001, 1, NUMBER, 0])
    assert list(troubles(journals.observed, SEED, restored=True)) == []
    journals.told(CITY, 1_000_003, 1)
    assert list(troubles(journals.observed, SEED, restored=True)) == [
        f"{CITY}, liste livrée : {row_of((NUMBER, 0))} manque"
    ]


def test_a_life_begins_on_the_list_and_each_row_of_it_is_known_by_its_day() -> None:
    for number in range(200):
        turns = life(SEED, number)
        assert turns[0].event == DECLARED
        assert len(turns) <= STEPS_AT_MOST
        assert [told_on(day_of((number, n), TODAY), TODAY) for n in range(len(turns))] == [
            (number, n) for n in range(len(turns))
        ]
    assert TODAY.year - day_of((HOUSEHOLDS_AT_MOST, 0), TODAY).year < 30
    events = [[turn.event for turn in life(SEED, number)] for number in range(200)]
    assert any(said[-1] == WITHDRAWN for said in events), "some leave for good"
    assert any(WITHDRAWN in said[:-1] for said in events), "some come back"
    assert {may_see(CITY, turn) for n in range(200) for turn in life(SEED, n) if turn.event != WITHDRAWN} == {
        True,
        False,
    }


def test_a_reader_whose_perimeter_is_elsewhere_is_the_only_one_that_changes() -> None:
    registry = "".join(
        f'[[partenaire]]\nid = "{name}"\nnom = "x"\nperimetre = {{ communes = ["80021"] }}\n' for name in "ab"
    )
    assert (
        moved(registry, "b")
        == registry[::-1].replace('{ communes = ["80021"] }'[::-1], ELSEWHERE[::-1], 1)[::-1]
    )
