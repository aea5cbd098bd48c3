"""Measures the lists of households ready for housing: how long a change takes to reach every reader, the share of
the transaction that puts the change on every list, and the cost of reading a whole list.

`python -m bench.listes [--menages N] [--lecteurs N] [--write]`. There is one SIAO, with readers of its whole
territory and real sealed events. A change is sent to a running hub, and awaited at the last reader. Then, without a
running hub, the transaction alone is measured. The list is read as `GET /v1/liste` reads it.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.command import console, keep, taken
from bench.ground import Ground
from bench.list_changes import CHANGES, RATE, reader, waits
from bench.memory import peak_mib
from bench.paper import against_bounds, all_within, number
from bench.ready_households import SIAO, TERRITOIRE, declared, keyring
from contracts import uuids
from contracts.envelope import derived_id
from contracts.v1.menage import Menage, Personne
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from router.delivery.lists import ReaderLists
from router.delivery.rendering import KeysAndIds
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from router.privacy.crosswalk import Crosswalk
from router.store import consequences, log
from router.store import database as database_module
from router.store.consequences import Consequences
from router.store.database import Database
from router.store.deliveries import Owed
from router.store.lists import Changed, Cursor

HOUSEHOLDS, READERS = 100_000, 20
AT_ONCE, PAGE = 500, 1000
A_SECOND, A_LIST_SECONDS, A_LIST_MIB = 1.0, 30.0, 400.0
"""Bounds: seconds for a change at the 99th percentile, seconds for a whole list, MiB of the process that reads the
list."""


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one run: how long a change of the list takes, and its SQL statements."""

    reach_p50_s: float
    reach_p99_s: float
    """Seconds from the intended sending of a change to its arrival at the last reader, 99th percentile."""
    change_p50_s: float
    change_p99_s: float
    """Seconds of the transaction that applies a change, 99th percentile."""
    statements_a_change: float
    """Number of SQL statements for one change, BEGIN and COMMIT included."""
    list_s: float
    list_cpu_s: float
    """CPU seconds of this process for reading the whole list, without PostgreSQL's."""
    list_rows: int
    list_mib: float
    """Peak memory of this process, including the filling of the tables."""


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every figure is within its bound, else 1."""
    parser = argparse.ArgumentParser(prog="bench.listes", description="Les listes de ménages prêts.")
    parser.add_argument("--menages", type=int, default=HOUSEHOLDS, help=f"ménages ({number(HOUSEHOLDS)})")
    parser.add_argument("--lecteurs", type=int, default=READERS, help=f"lecteurs ({READERS})")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(_measured, given.menages, given.lecteurs))
    if result is None:
        return 1
    found, about = result
    figures = [
        ("Un changement, de l'envoi au dernier lecteur, p50, s", found.reach_p50_s, None, 3),
        ("Un changement, de l'envoi au dernier lecteur, p99, s", found.reach_p99_s, A_SECOND, 3),
        ("dont la transaction, p50, s", found.change_p50_s, None, 3),
        ("dont la transaction, p99, s", found.change_p99_s, None, 3),
        ("Instructions SQL par changement", found.statements_a_change, None, 1),
        ("Une liste entière, s", found.list_s, A_LIST_SECONDS, 1),
        ("dont processeur du hub, s", found.list_cpu_s, None, 1),
        ("Ménages lus", found.list_rows, None, 0),
        ("Mémoire du processus, Mio", found.list_mib, A_LIST_MIB, 0),
    ]
    note = (
        f"{number(given.menages)} ménages, {given.lecteurs} lecteurs ; {CHANGES} changements envoyés, {RATE:.0f} par "
        "seconde, et attendus chez le dernier lecteur, par HTTP ; puis autant de transactions, hub arrêté."
    )
    paper = against_bounds("Listes des ménages prêts au logement", figures, note, about)
    paper.show(console)
    if given.write:
        keep(paper, "listes", asdict(found))
    return 0 if all_within(figures) else 1


async def _measured(households: int, readers: int, parts: Parts, folder: Path) -> Found:
    names = [f"lecteur-{n:03}" for n in range(readers)]
    with reserved_ports(2) as (port, stub_port):
        ground = Ground(parts, folder, port, stub_port)
        await ground.prepare([reader(name, stub_port) for name in names])
        database = Database(ground.database)
        try:
            return await _Bench(ground, database, names).measured(households)
        finally:
            await database.close()
            await ground.remove()


class _Bench:
    """The lists of several readers, filled and changed by the code that the worker runs."""

    def __init__(self, ground: Ground, database: Database, readers: Sequence[str]) -> None:
        self.ground = ground
        self.database = database
        self.readers = tuple(readers)
        self.keyring = keyring()
        self.asked: list[object] = []
        """Statements of this process."""
        prepare = database_module._prepare  # the only place that sees BEGIN

        async def prepare_and_note(connection: Any) -> None:
            await prepare(connection)
            connection.add_query_logger(lambda _: self.asked.append(None))

        database_module._prepare = prepare_and_note

    async def measured(self, households: int) -> Found:
        idents = [uuids.random() for _ in range(households)]
        for first in range(0, households, AT_ONCE):
            await self.write(idents[first : first + AT_ONCE], told=False)
        async with self.ground.sql() as connection:
            await connection.execute("TRUNCATE outbox")  # they are applied already
            await connection.execute("ANALYZE")
        reached = await waits(self.ground, self.readers)
        before = len(self.asked)
        took = []
        for ident in idents[:CHANGES]:
            begun = time.monotonic()
            await self.write([ident], told=True)
            took.append(time.monotonic() - begun)
        took.sort()
        a_change = (len(self.asked) - before) / CHANGES
        begun, cpu = time.monotonic(), time.process_time()
        rows = await self.read_whole()
        return Found(
            reach_p50_s=reached[len(reached) // 2],
            reach_p99_s=reached[int(len(reached) * 0.99)],
            change_p50_s=took[len(took) // 2],
            change_p99_s=took[int(len(took) * 0.99)],
            statements_a_change=a_change,
            list_s=time.monotonic() - begun,
            list_cpu_s=time.process_time() - cpu,
            list_rows=rows,
            list_mib=peak_mib(os.getpid()),
        )

    async def write(self, idents: Sequence[UUID], *, told: bool) -> None:
        """Append and apply the declarations of these households, and put them on every list. With `told`, also make
        one delivery for each reader."""
        async with self.database.transaction() as connection:
            ciphers = await self.keyring.get_or_create(connection, idents)
            entries = [declared(_household(ident), ciphers[ident]) for ident in idents]
            changes = list(self._changes(entries, told=told))
            made = Consequences(
                subjects=[self._ready(entry) for entry in entries],
                events=log.proven(self.keyring.prover, entries),
                listed=changes,
                deliveries=[
                    Owed(c.delivery, c.reader, c.menage, c.event, Etat.DECLARE) for c in changes if c.delivery
                ],
            )
            await consequences.write(connection, self.database.channel, made)

    def _ready(self, entry: log.Entry) -> MenagePret:
        a = entry.attributes
        return MenagePret(
            id=a.subject,
            etat=Etat.DECLARE,
            version=1,
            emetteur=SIAO,
            menage=a.subject,
            departement=TERRITOIRE,
            lecteurs=self.readers,
            decrit_par=a.id,
            decrit_le=a.time,
        )

    def _changes(self, entries: Sequence[log.Entry], *, told: bool) -> Iterator[Changed]:
        for entry in entries:
            a = entry.attributes
            for name in (SIAO, *self.readers):  # the list of its own SIAO has the household too
                delivery = derived_id(a.id, "livraison", name) if told and name != SIAO else None
                yield Changed(name, a.subject, a.id, False, delivery)

    async def read_whole(self) -> int:
        """Read the whole list of one reader page by page, and return its number of rows. No page is kept in memory."""
        who = reader(self.readers[0], self.ground.stub_port)
        lists = ReaderLists(self.database, KeysAndIds(self.keyring, Crosswalk(self.keyring)))
        rows, point = 0, None
        after: int | None = 0
        while after is not None:
            page = await lists.page(who, Cursor(0, point, after), PAGE)
            assert page is not None, "nothing went back"
            rows, point, after = rows + len(page["lignes"]), page["point"], page["suivant"]
        return rows


def _household(ident: UUID) -> Menage:
    someone = Personne(nom="Exemple", prenom="Camille", date_naissance=date(1980, 5, 4))
    return Menage(id=ident, composition="10", adultes=1, personnes=(someone,))


if __name__ == "__main__":
    sys.exit(main())
