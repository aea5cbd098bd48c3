"""A list of households that one SIAO keeps, and the judgement of its readers' copies. Pure.

Each copy is rebuilt from its reader's journal, by the answers to `GET /v1/liste` and by the deliveries. It
must equal the last accepted row about each household.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from simulation.cast import ABBEVILLE, AMIENS, BY_ID, PERONNE, READERS, SIAO_LISTE
from simulation.journal import Kind, Record
from simulation.observed import Observed

DECLARED, UPDATED, WITHDRAWN = (f"menage.pret-logement.{name}" for name in ("declare", "actualise", "retire"))
HOUSEHOLD = "menage-"
STEPS_AT_MOST = 8
HOUSEHOLDS_AT_MOST = 1000
"""Limit on the households on the list: a row is encoded by a day of the last thirty years."""
WHERE: tuple[tuple[str, ...], ...] = ((), (ABBEVILLE,), (AMIENS,), (PERONNE,), (ABBEVILLE, PERONNE))
"""Choices of communes in which a household may want to live; an empty one means anywhere."""
NAMED = 5
"""Limit on the faults named for one copy."""

Told = tuple[int, int]
"""A row of the SIAO: the household's number, and the row's position."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of a household on the list, with the communes in which it wants to live."""

    event: str
    communes: tuple[str, ...] = ()


def life(seed: int, number: int) -> tuple[Turn, ...]:
    """Return the changes of a household on the list, in order. Deterministic."""
    chance = Random(f"{seed}/{number}/liste")
    turns = [Turn(DECLARED, chance.choice(WHERE))]
    for _ in range(chance.randrange(STEPS_AT_MOST)):
        if turns[-1].event == WITHDRAWN:
            turns.append(Turn(DECLARED, chance.choice(WHERE)))
        elif chance.random() < 0.3:
            turns.append(Turn(WITHDRAWN))
        else:
            turns.append(Turn(UPDATED, chance.choice(WHERE)))
    return tuple(turns)


def day_of(told: Told, today: date) -> date:
    """Return the day of evaluation that encodes a row. Every reader may see this field."""
    number, position = told
    return today - timedelta(days=1 + number * STEPS_AT_MOST + position)


def told_on(day: date, today: date) -> Told:
    """Return the row that a day of evaluation encodes."""
    number, position = divmod((today - day).days - 1, STEPS_AT_MOST)
    return number, position


def row_of(told: Told) -> str:
    """Return the journal's name of a row."""
    return f"{HOUSEHOLD}{told[0]}:{told[1]}"


def may_see(reader: str, turn: Turn) -> bool:
    """Return whether a household with this row is in a reader's perimeter."""
    communes = BY_ID[reader].communes
    return not communes or not turn.communes or not set(communes).isdisjoint(turn.communes)


@dataclass(slots=True)
class Copy:
    """A reader's copy of the list, rebuilt from its journal."""

    rows: dict[int, Told] = field(default_factory=dict)
    point: int = 0
    numbers: list[int] = field(default_factory=list)
    """Numbers of all changes, in order of arrival."""
    faults: list[str] = field(default_factory=list)
    _households: dict[int, int] = field(default_factory=dict)

    def take(self, fiche: int, told: Told | None, numero: int) -> None:
        """Apply one line: the household's new row, or None if it leaves the list."""
        self.numbers.append(numero)
        self.rows.pop(fiche, None)
        if told is not None:
            self.rows[fiche] = told
            if self._households.setdefault(fiche, told[0]) != told[0]:
                self.faults.append(f"fiche {fiche} : deux ménages")


def read(records: Iterable[Record]) -> Copy:
    """Return the copy of the list that the answers to `GET /v1/liste` build."""
    copy = Copy()
    for record in records:
        if record["kind"] != Kind.LISTED:
            continue
        if not record["depuis"]:
            copy.rows.clear()
        elif record["depuis"] != copy.point:
            copy.faults.append(f"lue depuis {record['depuis']}, et non depuis {copy.point}")
        for numero, fiche, *told in record["lignes"]:
            if not record["depuis"] < numero <= record["point"]:
                copy.faults.append(f"n° {numero} : hors de ce qui était demandé")
            copy.take(fiche, (told[0], told[1]) if told else None, numero)
        copy.point = record["point"]
    return copy


def delivered(records: Iterable[Record], since: Record | None = None) -> Copy:
    """Return the copy of the list that the deliveries build, in the order of their numbers.

    `since`: the last reading of the whole list; earlier deliveries are ignored.
    """
    copy = Copy() if since is None else read([since])
    told = [record for record in records if record["kind"] == Kind.EFFECT and record["numero"] > copy.point]
    for record in sorted(told, key=lambda record: int(record["numero"])):
        here = record.get("here")
        copy.take(record["fiche"], (here[0], here[1]) if here else None, record["numero"])
    copy.point = max(copy.numbers, default=0)
    return copy


def _read_whole(records: Iterable[Record]) -> Record | None:
    whole = [record for record in records if record["kind"] == Kind.LISTED and not record["depuis"]]
    return whole[-1] if whole else None


def truth(observed: Observed, seed: int) -> Mapping[int, tuple[Told, Turn]]:
    """Return the list as it must be: by household, the last accepted row of the SIAO, and its content."""
    last: dict[int, int] = {}
    for ref, sent in observed.sent.items():
        if ref.startswith(HOUSEHOLD) and observed.accepted(sent):
            number, position = map(int, ref.removeprefix(HOUSEHOLD).split(":"))
            last[number] = max(position, last.get(number, 0))
    found = {number: ((number, position), life(seed, number)[position]) for number, position in last.items()}
    return {number: found[number] for number in found if found[number][1].event != WITHDRAWN}


def changes(observed: Observed) -> int:
    """Return the number of changes that were delivered to readers."""
    return sum(len(delivered(records).numbers) for records in observed.lists.values())


def troubles(observed: Observed, seed: int, *, restored: bool = False) -> Iterator[str]:
    """Yield, in French, the faults of each reader's copy: missing or surplus households, gaps in the numbers,
    households outside its perimeter.

    After a restoration, numbers are not judged, and a copy begins with the next whole list.
    """
    listed = truth(observed, seed)
    for reader in (SIAO_LISTE.id, *(part.id for part in READERS)):
        records = observed.lists[reader]
        expected = {told for told, turn in listed.values() if may_see(reader, turn)}
        copies = {"lue": read(records)} if reader == SIAO_LISTE.id else _both(records, restored)
        for name, copy in copies.items():
            faults = [*copy.faults, *_differences(set(copy.rows.values()), expected)]
            yield from (f"{reader}, liste {name} : {fault}" for fault in faults[:NAMED])
        yield from (f"{reader} : {fault}" for fault in _never_its_own(reader, records, seed))
        if reader != SIAO_LISTE.id and not restored:
            yield from (f"{reader} : {fault}" for fault in _gaps(copies["livrée"], copies["lue"].point))


def _both(records: Iterable[Record], restored: bool) -> Mapping[str, Copy]:
    known = list(records)
    return {"lue": read(known), "livrée": delivered(known, _read_whole(known) if restored else None)}


def _differences(copy: set[Told], expected: set[Told]) -> Iterator[str]:
    yield from (f"{row_of(told)} manque" for told in sorted(expected - copy))
    yield from (f"{row_of(told)} de trop" for told in sorted(copy - expected))


def _gaps(by_delivery: Copy, point: int) -> Iterator[str]:
    numbers = sorted(by_delivery.numbers)
    if numbers != list(range(1, point + 1)):
        missing = sorted(set(range(1, point + 1)) - set(numbers))
        yield f"{len(numbers)} changements livrés pour {point} numéros ; manquent {missing[:NAMED]}"


def _never_its_own(reader: str, records: Iterable[Record], seed: int) -> Iterator[str]:
    for record in records:
        lines = record["lignes"] if record["kind"] == Kind.LISTED else [(0, 0, *record.get("here", ()))]
        for number, position in (told for _, _, *told in lines if told):
            turns = life(seed, number)[position : position + 1]
            if not any(may_see(reader, turn) for turn in turns):
                yield f"{row_of((number, position))} n'est pas de son périmètre"
