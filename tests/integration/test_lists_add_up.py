"""A reader's list, read whole at any point, is the sum of the changes up to that point: nothing missing, nothing too
many, whoever wrote beside, whatever was rolled back or shown again as it was."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.envelope import Attributes
from contracts.sealed import clear_half, to_bytes
from contracts.v1.pret_logement import PretLogementDiffuse
from router.domain.proof import Prover
from router.settings import Settings
from router.store import consequences, lists, log
from router.store.consequences import Consequences
from router.store.database import Database
from router.store.lists import Changed
from tests.integration.migrated import migrated

READERS = ("ddets", "delegataire", "siao")
PROVER = Prover(b"\0" * 32)


Shown = tuple[UUID, bool, str | None]
"""A household as a list shows it: by which event, whether it has left, and its SIAO's label."""


class Crash(Exception):
    """The process dies before its transaction commits."""


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    await migrated(settings.database)
    opened = Database(settings.database)
    yield opened
    await opened.close()


def an_event(ident: UUID, menage: UUID) -> log.Entry:
    said = PretLogementDiffuse(menage=menage)
    attributes = Attributes(ident, said.TYPE, "siao", menage, datetime.now(UTC), "01", ident)
    return log.Entry(attributes, to_bytes(clear_half(said), ()))


class Writer:
    """A worker, which alone moves its households and dies now and then."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.database = database
        self.chance = chance
        self.households = [UUID(int=chance.getrandbits(128)) for _ in range(6)]
        self.described = {each: UUID(int=chance.getrandbits(128)) for each in self.households}
        self.committed: dict[tuple[str, UUID], list[Shown]] = defaultdict(list)

    def batch(self) -> list[Changed]:
        changes = []
        for _ in range(self.chance.randint(1, 8)):
            menage = self.chance.choice(self.households)
            event = self.described[menage]
            if self.chance.random() < 0.6:
                event = self.described[menage] = UUID(int=self.chance.getrandbits(128))
            readers = self.chance.sample(READERS, self.chance.randint(1, 3))
            gone = self.chance.random() < 0.3
            label = None if gone else self.chance.choice((None, "LABELLISEE", "DESIGNEE"))
            shown = [Changed(reader, menage, event, gone, None, label) for reader in readers]
            changes += shown * self.chance.choice((1, 1, 2))
        return changes

    async def write(self, batches: int) -> None:
        for _ in range(batches):
            changes, dies = self.batch(), self.chance.random() < 0.3
            entries = {c.event: an_event(c.event, c.menage) for c in changes}
            derived = log.proven(PROVER, entries.values())
            try:
                async with self.database.transaction() as connection:
                    made = Consequences(events=derived, listed=changes)
                    await consequences.write(connection, self.database.channel, made)
                    if dies:
                        raise Crash
            except Crash:
                continue
            for change in changes:
                told = self.committed[change.reader, change.menage]
                shown = (change.event, change.gone, change.label)
                if told[-1:] != [shown]:
                    told.append(shown)


@pytest.mark.parametrize("seed", range(8))
async def test_the_list_at_every_point_is_the_sum_of_its_changes(database: Database, seed: int) -> None:
    writers = [Writer(database, random.Random(f"{seed} {number}")) for number in range(3)]
    await asyncio.gather(*(writer.write(8) for writer in writers))
    committed = {key: told for writer in writers for key, told in writer.committed.items()}
    for reader in READERS:
        async with database.transaction() as connection:
            last = (await lists.point(connection, reader)).last
            copy: dict[UUID, tuple[UUID, str | None]] = {}
            told: dict[UUID, list[Shown]] = defaultdict(list)
            fiches: dict[UUID, int] = {}
            for number in range(1, last + 1):
                (row,) = await lists.page(connection, reader, number - 1, number, 10, whole=False)
                assert row.numero == number, "sans trou"
                assert fiches.setdefault(row.menage, row.fiche) == row.fiche, "une fiche garde son numéro"
                told[row.menage].append((row.event_id, row.gone, row.label))
                copy.pop(row.menage, None)
                if not row.gone:
                    copy[row.menage] = row.event_id, row.label
                whole = await lists.page(connection, reader, 0, number, 1000, whole=True)
                assert {each.menage: (each.event_id, each.label) for each in whole} == copy
            for since in range(0, last, 3):
                early = await lists.page(connection, reader, 0, since, 1000, whole=True)
                caught_up = {each.menage: (each.event_id, each.label) for each in early}
                for row in await lists.page(connection, reader, since, last, 1000, whole=False):
                    caught_up.pop(row.menage, None)
                    if not row.gone:
                        caught_up[row.menage] = row.event_id, row.label
                assert caught_up == copy, "ce qu'on a, et ce qui a changé depuis"
        assert told == {menage: said for (who, menage), said in committed.items() if who == reader}
        assert len(set(fiches.values())) == len(fiches)
