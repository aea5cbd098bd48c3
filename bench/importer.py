"""Measures the import of a retired application with 200,000 generated households into a simulated SIAO.

`python -m bench.importer [--households N] [--kills N] [--write]`. The command is killed (`kill -9`) three times on
its way, and started again. The SIAO must get each household once, the invalid rows must be named, and memory must
stay bounded.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from bench.command import console, keep, taken
from bench.errors import BenchFailed
from bench.ground import UNBOUNDED, Ground, until
from bench.memory import peak_mib
from bench.paper import Paper, mark, number
from bench.records import count_arrivals, read_arrivals
from bench.sending import ready
from bench.territories import AIN
from contracts.partner import Famille, Partner
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from router.domain.partners import Registry
from router.store import registry as registry_store
from router.store.database import Database
from simulation.hub_process import module

RETIRED = "ancien-115"
HEADER = (
    *("HG_FicheNuméro", "HG_Date", "HG_HB_ID", "HG_FamCompo", "HG_Nom", "HG_Prénom", "HG_DateNéLe"),
    *("HG_Type_Demande", "Adultes", "HG_Commentaires"),
)
WRONG_EVERY, OLD_EVERY = 1_000, 50
"""One in so many rows has a word that no profile knows, and one in so many is past its retention period."""
BOUND_MIB, BOUND_SECONDS = 400.0, 600.0
SENDING_SECONDS = 3_600.0
KILLED_AFTER_SECONDS = 15.0
"""Time after which the command is killed for the first time; before each further kill it runs so much longer."""
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Imported:
    """The figures of one import."""

    households: int
    wanted: int
    """Number of rows that the SIAO had to get."""
    arrived: int
    """Number of different deliveries that the SIAO got."""
    doubled: int
    wrong: int
    """Number of rows in the file that no profile can read."""
    refused: int
    kills: int
    seconds: float
    memory_mib: float
    """Highest peak memory of the import command."""

    @property
    def sound(self) -> bool:
        """Whether each household arrived once, each invalid row was refused, and memory and time stayed within
        their bounds."""
        complete = (self.arrived, self.doubled, self.refused) == (self.wanted, 0, self.wrong)
        return complete and self.memory_mib <= BOUND_MIB and self.seconds <= BOUND_SECONDS


def export(file: Path, households: int) -> tuple[int, int]:
    """Write the retired application's export file. Return the number of rows to import, and the number of invalid
    rows."""
    kinds = Counter(_kind(n) for n in range(households))
    with file.open("w", encoding="cp1252", newline="\r\n") as written:
        written.write("\t".join(HEADER) + "\n")
        written.writelines("\t".join(row) + "\n" for row in _rows(households))
    return kinds["bonne"], kinds["fausse"]


def _kind(n: int) -> str:
    return "fausse" if n % WRONG_EVERY == 7 else "vieille" if n % OLD_EVERY == 9 else "bonne"


def _rows(households: int) -> Iterator[tuple[str, ...]]:
    today = date.today()  # noqa: DTZ011 - a partner's own day
    for n in range(households):
        seen = date(2015, 1, 1) if _kind(n) == "vieille" else today - timedelta(days=n % 600)
        composition = "Bande" if _kind(n) == "fausse" else "Homme seul"
        said = (f"F-{n}", f"{seen:%d/%m/%Y}", f"M-{n}", composition, f"Nom{n}", "Jean")
        yield (*said, "12/03/1984", "Insertion", "1", "appelle le soir")


def main() -> int:
    """Run the benchmark and return the exit status: 0 when each household arrived once within the bounds, else 1."""
    parser = argparse.ArgumentParser(prog="bench.importer", description="Reprise d'une ancienne application.")
    parser.add_argument("--households", type=int, default=200_000, help="ménages (200 000)")
    parser.add_argument("--kills", type=int, default=3, help="morts de la commande (3)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(measured, households=given.households, kills=given.kills))
    if result is None:
        return 1
    found, about = result
    rows = [
        ("ménages à reprendre", number(found.wanted), ""),
        ("arrivés au SIAO", number(found.arrived), mark(found.arrived == found.wanted)),
        ("arrivés deux fois", number(found.doubled), mark(not found.doubled)),
        ("lignes refusées, nommées", number(found.refused), mark(found.refused == found.wrong)),
        ("secondes, morts comprises", number(found.seconds), mark(found.seconds <= BOUND_SECONDS)),
        ("mémoire de la commande, Mio", number(found.memory_mib), mark(found.memory_mib <= BOUND_MIB)),
    ]
    notes = (f"{number(found.households)} lignes, commande tuée {found.kills} fois, hub en un processus.",)
    paper = Paper("Reprise d'une ancienne application", ("Mesure", "Valeur", "Tenu"), rows, notes, about)
    paper.show(console)
    if given.write:
        keep(paper, "importer", {"reprise": asdict(found)})
    return 0 if found.sound else 1


async def measured(parts: Parts, folder: Path, households: int, kills: int) -> Imported:
    """Import a generated file once, killing the command `kills` times, and return the figures."""
    file = folder / "export.txt"
    wanted, wrong = export(file, households)
    with reserved_ports(2) as (port, stub_port):
        ground = Ground(parts, folder, port, stub_port)
        await ground.prepare()
        await _with_the_retired(ground)
        arrivals = folder / "arrivees"
        with ground.stub(arrivals), ground.hub():
            await ready(ground)
            began = time.monotonic()
            refused, memory_mib = await _imported(ground, file, kills)

            async def arrived() -> bool:
                return count_arrivals(arrivals) >= wanted

            await until(arrived, "tout est arrivé", SENDING_SECONDS, 0.5)
            seconds = time.monotonic() - began
        keys = [each.delivery for each in read_arrivals(arrivals)]
        await ground.remove()
    doubled = len(keys) - len(set(keys))
    return Imported(households, wanted, len(set(keys)), doubled, wrong, refused, kills, seconds, memory_mib)


async def _with_the_retired(ground: Ground) -> None:
    """Add the retired application to the registry, as a partner."""
    database = Database(ground.database)
    retired = Partner(
        id=RETIRED,
        nom="Ancien logiciel du 115",
        famille=Famille.VEILLE_SOCIALE,
        territoire=AIN.code,
        dialectes=("veille_sociale_tableau",),
        limites=UNBOUNDED,
    )
    try:
        async with database.transaction() as connection:
            known = await registry_store.read(connection)
        await registry_store.apply(database, Registry.of([*known.partners.values(), retired]), "banc")
    finally:
        await database.close()


async def _imported(ground: Ground, file: Path, kills: int) -> tuple[int, float]:
    """Run the import command to its end, killing and restarting it `kills` times. Return the number of refused
    rows, and its highest peak memory in MiB. Raises BenchFailed if the last run printed no result."""
    log, peaks = ground.folder / "importer.log", [0.0]
    for turn in range(kills + 1):
        log.unlink(missing_ok=True)
        child = Child(ground.folder, log)
        asked = (
            "importer",
            str(file),
            "--partenaire",
            RETIRED,
            "--contact",
            "HG_Date",
            "--motif",
            "banc",
            "--json",
        )
        child.spawn([*module("ops.commands", ground.environment), *asked])
        dies_at = time.monotonic() + KILLED_AFTER_SECONDS * (turn + 1) if turn < kills else None
        while child.pid is not None and (dies_at is None or time.monotonic() < dies_at):
            with suppress(OSError, StopIteration):  # the command has just ended
                peaks.append(peak_mib(child.pid))
            await asyncio.sleep(LOOK_SECONDS)
        child.kill9()
    said = log.read_text(encoding="utf-8")
    if "{" not in said:
        raise BenchFailed(f"l'import s'est arrêté : {said[-400:]}")
    return int(json.loads(said[said.index("{\n") :])["refusees"]), max(peaks)


if __name__ == "__main__":
    sys.exit(main())
