"""Measures rows per second and peak memory of each file reader, on the largest files that partners' software
writes.

`python -m bench.readers [--write]`. Each file is read to its end by a process of its own, as in the hub. The time
is that process's CPU time; the memory includes the file itself.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.registry import ADAPTERS
from bench.command import console, keep, taken
from bench.large_files import FILES
from bench.memory import peak_mib
from bench.paper import Paper, mark, number
from bench.territories import AIN
from contracts.partner import Partner
from contracts.ports import Native
from deploy.local import Parts
from router.intake.decoders import MEMORY_BYTES
from router.intake.decoding import Incoming, read

HEADERS = (
    "Fichier",
    "Mio",
    "Lignes lues",
    "Refusées",
    "Lignes/s",
    "Mémoire, Mio",
    "≤ borne",
    "Cause du refus",
)
BOUND_MIB = MEMORY_BYTES / 2**20


@dataclass(frozen=True, slots=True)
class Found:
    """The cost of reading one file."""

    mib: float
    rows: int
    refused: int
    cpu_s: float
    peak_mib: float
    why: str
    """The first rejection, as its sender reads it; empty if there is none."""


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every reader stays within the bound of memory, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.readers", description="Débit et mémoire par lecteur."
    )
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(measured)
    if result is None:
        return 1
    found, about = result
    paper = Paper("Les lecteurs devant les plus gros fichiers", HEADERS, _rows(found), NOTES, about, WORDS)
    paper.show(console)
    if given.write:
        keep(paper, "lecteurs", {name: asdict(one) for name, one in found.items()})
    return 0 if all(one.peak_mib <= BOUND_MIB for one in found.values()) else 1


WORDS = frozenset({HEADERS[-1]})
NOTES = (
    f"Borne : ce qu'un processus lecteur peut prendre, {number(BOUND_MIB)} Mio ; le fichier entier y est compté.",
    "Lignes/s : par seconde de CPU du processus lecteur, lecture en contrats comprise ; rien n'est écrit en base.",
)


async def measured(_: Parts, folder: Path) -> Mapping[str, Found]:
    """Return the cost of reading each file, in a new process each."""
    found = {}
    for name, (dialect, make) in FILES.items():
        path = folder / "fichier"
        path.write_bytes(make())
        with multiprocessing.get_context("spawn").Pool(1) as reader:
            found[name] = reader.apply(_read, (path, dialect))
    return found


def _read(path: Path, dialect: str) -> Found:
    partner = Partner(
        id="lu",
        nom="lu",
        famille=ADAPTERS[dialect].DECLARATION.familles[0],
        territoire=AIN.code,
        structures=(AIN.finess,),
        dialectes=(dialect,),
    )
    message = Incoming(Native(path.read_bytes(), "application/octet-stream"), partner, dialect)
    begun = time.process_time()
    reading = read(message, None, dry_run=True)
    return Found(
        mib=len(message.native.body) / 2**20,
        rows=reading.rows,
        refused=reading.rows - reading.accepted,
        cpu_s=time.process_time() - begun,
        peak_mib=peak_mib(os.getpid()),
        why=next((rejet.message for rejet in reading.rejets), ""),
    )


def _rows(found: Mapping[str, Found]) -> list[list[str]]:
    return [
        [
            name,
            number(one.mib, 1),
            number(one.rows),
            number(one.refused),
            number(one.rows / one.cpu_s),
            number(one.peak_mib),
            mark(one.peak_mib <= BOUND_MIB),
            one.why,
        ]
        for name, one in found.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
