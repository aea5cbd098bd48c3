"""Measures the search for duplicates among many households: how fast it reads them, how long a new household takes
until its pair is recorded, and its memory.

`python -m bench.veille [--menages N] [--write]`. The events are real and sealed, in PostgreSQL. The search itself
reads the last 20,000 households; the others are left as if it had read them.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, cast

from bench.command import console, keep, taken
from bench.doublons import SEED, Household, People, Someone
from bench.memory import peak_mib
from bench.paper import Figure, against_bounds, all_within, number
from bench.ready_households import SIAO, declared, keyring, own_tables
from contracts import uuids
from contracts.v1.menage import Menage, Personne
from deploy.local import Parts
from ops.duplicates import sql
from ops.duplicates.cards import NOTHING
from ops.duplicates.hashing import blocks_of, hashed
from ops.duplicates.watch import Duplicates
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from router.store import consequences, log
from router.store.consequences import Consequences
from router.store.database import Connection, Database

HOUSEHOLDS, CATCH_UP, NEW, AT_ONCE = 500_000, 20_000, 50, 500
A_NEW_ONE_SECONDS, MIB = 60.0, 500.0
"""Bounds: seconds from a new household to the record of its pair, and MiB of the process."""


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one run: how fast the search compares households, and which pairs it missed."""

    read_a_second: float
    """Households read and compared per second while the search catches up."""
    new_p50_s: float
    new_worst_s: float
    missed: int
    """Number of new households whose pair was not recorded, out of `NEW` that repeat a known one."""
    mib: float

    @property
    def figures(self) -> Sequence[Figure]:
        """The lines of the table of results."""
        return (
            ("Ménages lus et comparés par seconde, au rattrapage", self.read_a_second, None, 0),
            ("Un nouveau, jusqu'à sa question, p50, s", self.new_p50_s, None, 3),
            ("Un nouveau, jusqu'à sa question, au pire, s", self.new_worst_s, A_NEW_ONE_SECONDS, 3),
            (f"Nouveaux, sur {NEW}, dont la question manque", self.missed, 0, 0),
            ("Mémoire du processus, Mio", self.mib, MIB, 0),
        )

    @property
    def keeps_its_bounds(self) -> bool:
        """Whether every figure is within its bound."""
        return all_within(self.figures)


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every figure is within its bound, else 1."""
    parser = argparse.ArgumentParser(prog="bench.veille", description="La veille des doublons.")
    parser.add_argument("--menages", type=int, default=HOUSEHOLDS, help=f"ménages ({number(HOUSEHOLDS)})")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(_measured, given.menages))
    if result is None:
        return 1
    found, about = result
    paper = against_bounds("Veille des doublons", found.figures, f"{number(given.menages)} ménages.", about)
    paper.show(console)
    if given.write:
        keep(paper, "veille", asdict(found))
    return 0 if found.keeps_its_bounds else 1


async def _measured(households: int, parts: Parts, _: Path) -> Found:
    async with own_tables(parts) as database:
        return await _Bench(database).measured(households)


class _Bench:
    """A search for duplicates in this process, and a SIAO that describes households to it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people = People(Random(SEED))  # noqa: S311  a seeded run, not a secret
        self.keyring = keyring()
        self.watch = Duplicates(database, self.keyring, cast("Any", None), lambda: Registry({}))

    async def measured(self, households: int) -> Found:
        known: list[Household] = []
        unread = min(CATCH_UP, households // 2)
        for first in range(0, households, AT_ONCE):
            some = [self.people.household() for _ in range(min(AT_ONCE, households - first))]
            known += some[: max(0, NEW - len(known))]
            await self.describe(some, read=first < households - unread)
        begun = time.monotonic()
        await self.watch.look()
        speed = unread / (time.monotonic() - begun)
        noted, took = [await self.pairs()], []
        for household in known:
            begun = time.monotonic()
            await self.describe([household])
            await self.watch.look()
            took.append(time.monotonic() - begun)
            noted.append(await self.pairs())
        took.sort()
        missed = sum(after == before for before, after in pairwise(noted))
        return Found(speed, took[len(took) // 2], took[-1], missed, peak_mib(os.getpid()))

    async def pairs(self) -> int:
        """Return the number of recorded pairs that wait for a decision."""
        async with self.database.statement() as connection:
            return len(await sql.undecided(connection, None, 10 * HOUSEHOLDS))

    async def describe(self, households: Sequence[Household], *, read: bool = False) -> None:
        """Append and apply the descriptions of these households. With `read`, leave them as if the search had read
        them and found no pair."""
        menages = [_menage(who) for who, *_ in households]
        async with self.database.transaction() as connection:
            ciphers = await self.keyring.get_or_create(connection, [menage.id for menage in menages])
            entries = [declared(menage, ciphers[menage.id]) for menage in menages]
            made = Consequences(
                subjects=[_ready(entry) for entry in entries],
                events=log.proven(self.keyring.prover, entries),
            )
            await consequences.write(connection, self.database.channel, made)
            await connection.execute("DELETE FROM outbox")  # they are applied already
            if read:
                await self._leave_read(connection, menages, ciphers)

    async def _leave_read(self, connection: Connection, menages: Sequence[Menage], ciphers: Any) -> None:
        """Store the comparison cards and blocking keys of households whose descriptions were just appended, in that
        order."""
        said = {menage.id: NOTHING.with_news(menage) for menage in menages}
        cards = [each.sealed(ciphers[ident], ident) for ident, each in said.items()]
        await connection.execute(
            "INSERT INTO household_card (menage, siao, sealed, seen) "
            "SELECT m, $1, s, e.seq FROM unnest($2::uuid[], $3::bytea[]) AS c(m, s) JOIN event e ON e.subject = m",
            SIAO,
            list(said),
            cards,
        )
        writer = self.keyring.hmacs.writer
        blocks = [(block, ident) for ident, each in said.items() for block in hashed(writer, blocks_of(each))]
        await connection.execute(
            "INSERT INTO household_block (block, menage) SELECT * FROM unnest($1::bytea[], $2::uuid[])",
            [block for block, _ in blocks],
            [ident for _, ident in blocks],
        )


def _menage(who: Someone) -> Menage:
    sexe, composition = ("F", "20") if who.femme else ("M", "10")
    person = Personne(nom=who.nom, prenom=who.prenom, date_naissance=who.naissance, sexe=sexe)
    return Menage(id=uuids.random(), composition=composition, adultes=1, personnes=(person,))


def _ready(entry: log.Entry) -> MenagePret:
    a = entry.attributes
    return MenagePret(id=a.subject, etat=Etat.DECLARE, version=1, emetteur=SIAO, menage=a.subject)


if __name__ == "__main__":
    sys.exit(main())
