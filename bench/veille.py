"""Measure the watch for duplicates among many households: how fast it reads them, how long a new one takes to be asked
about, and the memory that it needs.

`python -m bench.veille [--menages N] [--write]`. Real sealed events in PostgreSQL, read by the watch itself.
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID

from bench.command import console, keep, taken
from bench.doublons import SEED, Household, People
from bench.memory import peak_mib
from bench.paper import Paper, mark, number
from contracts import uuids
from contracts.envelope import Attributes
from contracts.sealed import take_apart, to_bytes
from contracts.v1.menage import Menage, Personne
from contracts.v1.pret_logement import PretLogementDeclare
from deploy.local import Parts
from ops.duplicates import sql
from ops.duplicates.watch import Duplicates
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from router.privacy.keyring import Keyring
from router.privacy.masters import MasterKeys
from router.privacy.sealing import seal_parts
from router.settings import DatabaseSettings
from router.store import consequences, log
from router.store.consequences import Consequences
from router.store.database import Database
from router.store.migrations import upgrade

HOUSEHOLDS, NEW, AT_ONCE = 500_000, 50, 500
A_NEW_ONE_SECONDS, MIB = 60.0, 500.0
"""Bounds of a new household until its pair is noted, and of the memory of the process."""


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one run."""

    read_a_second: float
    """Households read and compared in a second, while the watch catches up."""
    new_p50_s: float
    new_worst_s: float
    missed: int
    """New households, of `NEW` that repeat a known one, of which no pair was noted."""
    mib: float

    @property
    def figures(self) -> Sequence[tuple[str, float, float | None, int]]:
        """Lines of the paper: name, figure, upper bound if there is one, decimals."""
        return (
            ("Ménages lus et comparés par seconde, au rattrapage", self.read_a_second, None, 0),
            ("Un nouveau, jusqu'à sa question, p50, s", self.new_p50_s, None, 3),
            ("Un nouveau, jusqu'à sa question, au pire, s", self.new_worst_s, A_NEW_ONE_SECONDS, 3),
            (f"Nouveaux, sur {NEW}, dont la question manque", self.missed, 0, 0),
            ("Mémoire du processus, Mio", self.mib, MIB, 0),
        )

    @property
    def keeps_its_bounds(self) -> bool:
        """Return whether every figure is within its bound."""
        return all(most is None or value <= most for _, value, most, _ in self.figures)


def main() -> int:
    """Measure, and return the exit status: 0 when every figure is within its bound."""
    parser = argparse.ArgumentParser(prog="bench.veille", description="La veille des doublons.")
    parser.add_argument("--menages", type=int, default=HOUSEHOLDS)
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(_measured, given.menages))
    if result is None:
        return 1
    found, about = result
    paper = Paper(
        title="Veille des doublons",
        headers=("Mesure", "", "au plus", "tenu"),
        rows=[
            (
                name,
                number(value, places),
                "" if most is None else number(most),
                "" if most is None else mark(value <= most),
            )
            for name, value, most, places in found.figures
        ],
        notes=(f"{number(given.menages)} ménages.",),
        machine=about,
        words=frozenset({"tenu"}),
    )
    paper.show(console)
    if given.write:
        keep(paper, "veille", asdict(found))
    return 0 if found.keeps_its_bounds else 1


async def _measured(households: int, parts: Parts, _: Path) -> Found:
    settings = DatabaseSettings(url=parts.database_url, schema_name=f"bench_{secrets.token_hex(4)}")
    await asyncio.to_thread(upgrade, settings)
    database = Database(settings)
    try:
        return await _Bench(database).measured(households)
    finally:
        async with database.transaction() as connection:
            drop = f"DROP SCHEMA {settings.schema_name}, {settings.keys_schema} CASCADE"
            await connection.execute(drop)
        await database.close()


class _Bench:
    """Watch of one process, and a SIAO that describes households to it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people = People(Random(SEED))  # noqa: S311  a seeded run, not a secret
        self.keyring = Keyring(MasterKeys(lambda: (b"\1" * 32,)), lambda: [b"\3" * 32])
        self.watch = Duplicates(database, self.keyring, cast("Any", None), lambda: Registry({}))

    async def measured(self, households: int) -> Found:
        known: list[Household] = []
        for first in range(0, households, AT_ONCE):
            some = [self.people.household() for _ in range(min(AT_ONCE, households - first))]
            known += some[: max(0, NEW - len(known))]
            await self.describe(some)
        begun = time.monotonic()
        await self.watch.look()
        speed = households / (time.monotonic() - begun)
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
        """Count the pairs that wait for a decision."""
        async with self.database.statement() as connection:
            return len(await sql.undecided(connection, None, 10 * HOUSEHOLDS))

    async def describe(self, households: Sequence[Household]) -> None:
        """Append and apply the descriptions of these households."""
        idents = [uuids.random() for _ in households]
        async with self.database.transaction() as connection:
            ciphers = await self.keyring.get_or_create(connection, idents)
            entries = list(self._entries(households, idents, ciphers))
            follows = Consequences(
                states=[_ready(entry) for entry in entries], derived=log.proven(self.keyring.prover, entries)
            )
            await consequences.write(connection, follows, self.database.channel)
            await connection.execute("DELETE FROM outbox")  # applied at once

    def _entries(
        self, households: Sequence[Household], idents: Sequence[UUID], ciphers: Any
    ) -> Iterator[log.Entry]:
        for (who, *_), ident in zip(households, idents, strict=True):
            person = Personne(
                nom=who.nom, prenom=who.prenom, date_naissance=who.naissance, sexe="F" if who.femme else "M"
            )
            menage = Menage(id=ident, composition="20" if who.femme else "10", adultes=1, personnes=(person,))
            said = PretLogementDeclare(menage=menage, departement="01", evaluee_le=date(2026, 3, 1))
            event = uuids.random()
            attributes = Attributes(event, said.TYPE, "siao-01", ident, datetime.now(UTC), "01", event)
            apart = take_apart(said)
            parts = seal_parts(ciphers[ident], event, ident, apart.secrets)
            yield log.Entry(attributes, to_bytes(apart.clair, parts))


def _ready(entry: log.Entry) -> MenagePret:
    a = entry.attributes
    return MenagePret(id=a.subject, etat=Etat.DECLARE, version=1, emetteur="siao-01", menage=a.subject)


if __name__ == "__main__":
    sys.exit(main())
