"""Measures a million pending events, deliveries and messages: memory of each role, sequential scans, restart after
a kill -9.

`python -m bench.million [--rows N] [--write]`. The measure runs with a thousand rows, then with a million. A large
file comes in, its events are pending, the worker applies some of them, deliveries become due, the dispatcher sends
some.
"""

import argparse
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bench.command import console, keep, taken
from bench.door import CONNECTIONS, LARGEST_BYTES, largest_bodies
from bench.filling import leave_unanalysed
from bench.ground import Ground
from bench.paper import Paper, mark, number
from bench.passage import LEFT, STEADY_SECONDS, Passage, Peaks, at_rest, passage
from bench.pickup import FILES, largest_files
from bench.removal import OLD_EVENTS, Removal, removal
from bench.start import Start, start_after_a_kill
from bench.territories import AIN, Territory
from connectors.byte_budget import FILE_MAX_BYTES
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from router.domain.roles import AT_WORK

SMALL, FILE_ROWS, MILLION = 1_001, 200_000, 1_000_000
"""Rows of the small run, rows of the large file, and pending rows of the large run. The sources decode files of
more than 1,000 rows, after the 202."""
BOUND_MIB = 512
OTHER = Territory(2)
HEADERS = ("Mio par rôle", "Au repos", "Arriéré de mille", "D'un million", f"≤ {BOUND_MIB}")


@dataclass(frozen=True, slots=True)
class Found:
    """All figures of the benchmark."""

    rest: Peaks
    small: Passage
    large: Passage
    start: Start
    removal: Removal
    door_mib: float
    """Peak memory of the gateway while it gets the largest bodies."""
    door_answers: dict[str, int]
    pickup_mib: float
    """Peak memory of the sources while they fetch the largest files."""


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every role stays within the bound of memory; 1
    otherwise."""
    parser = argparse.ArgumentParser(
        prog="make million", description="Un million de lignes : mémoire et démarrage."
    )
    parser.add_argument(
        "--rows", type=int, default=MILLION, help="événements et livraisons en attente (1000000)"
    )
    parser.add_argument("--file", type=int, default=FILE_ROWS, help="lignes du gros fichier (200000)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(measured, rows=given.rows, file=given.file))
    if result is None:
        return 1
    found, about = result
    paper = Paper("Un million de lignes", HEADERS, _rows(found), _notes(found, given.file), about)
    paper.show(console)
    if given.write:
        keep(paper, "million", asdict(found))
    return 0 if max(*found.large.peaks.values(), found.door_mib, found.pickup_mib) <= BOUND_MIB else 1


async def measured(parts: Parts, folder: Path, rows: int, file: int) -> Found:
    """Measure the hub at rest, with a thousand rows, under the largest bodies, with the largest files, with `rows`
    rows, after a kill -9, and during a removal."""
    with (
        reserved_ports(4) as (port, stub_port, *folder_ports),
        console.status("au repos, puis mille…") as status,
    ):
        ground = Ground(parts, folder, port, stub_port)
        await ground.prepare()
        rest = await at_rest(ground)
        small = await passage(ground, SMALL, SMALL)
        status.update(f"{CONNECTIONS} connexions, les plus grands corps…")
        door_mib, door_answers = await largest_bodies(ground)
        await ground.remove()

        status.update(f"{FILES} fichiers des plus grands dans deux dossiers…")
        ground = Ground(parts, folder, port, stub_port, listening={AIN: stub_port, OTHER: stub_port})
        await ground.prepare()
        dropping = [folder / "depot-01", folder / "depot-02"]
        folders = dict(zip((AIN, OTHER), zip(dropping, folder_ports, strict=True), strict=True))
        pickup_mib = await largest_files(ground, folders)
        await ground.remove()

        status.update(f"{number(rows)} lignes…")
        ground = Ground(parts, folder, port, stub_port, listening={AIN: stub_port, OTHER: stub_port})
        await ground.prepare()
        await leave_unanalysed(ground)
        large = await passage(ground, file, rows)
        status.update("kill -9, puis démarrage…")
        start = await start_after_a_kill(ground, OTHER)
        status.update(f"{number(OLD_EVENTS)} événements d'il y a 200 jours…")
        swept = await removal(ground, min(OLD_EVENTS, rows))
    return Found(rest, small, large, start, swept, door_mib, door_answers, pickup_mib)


def _rows(found: Found) -> list[list[str]]:
    return [
        [
            role,
            *(number(peaks[role]) for peaks in (found.rest, found.small.peaks, found.large.peaks)),
            mark(found.large.peaks[role] <= BOUND_MIB),
        ]
        for role in AT_WORK
    ]


def _notes(found: Found, file: int) -> list[str]:
    start, large, swept = found.start, found.large, found.removal
    answers = ", ".join(f"{count} × {status}" for status, count in found.door_answers.items())
    rows = ", ".join(f"{table} {number(count)}" for table, count in large.rows.items())
    scans = ", ".join(f"{table} {number(count)}" for table, count in large.scanned.items() if count)
    moments = (start.ready_s, start.first_delivery_s, start.new_message_s)
    ready_s, first_s, new_s = (f"{number(moment, 1)} s" for moment in moments)
    return [
        f"Le plus que chaque processus ait jamais occupé (VmHWM), {STEADY_SECONDS:.0f} s au travail devant l'arriéré ; "
        f"au repos : VmRSS. Un fichier de {number(file)} lignes est passé par gateway et sources.",
        f"{CONNECTIONS} connexions × {LARGEST_BYTES // 2**20} Mio en même temps : gateway "
        f"{number(found.door_mib)} Mio, réponses (0 : coupée) {answers}.",
        f"2 × {FILES} fichiers de {FILE_MAX_BYTES // 2**20} Mio déposés en même temps par deux partenaires : sources "
        f"{number(found.pickup_mib)} Mio.",
        f"Arriéré au-delà de intake.max_backlog : 503, Retry-After {large.retry_after_s} s.",
        f"Après kill -9 : /readyz {ready_s}, première livraison {first_s}, un nouveau message derrière "
        f"{number(LEFT)} autres {new_s}, son sort (GET) {number(start.fate_ms)} ms.",
        f"Ménage de rétention sur ces tables, sans rien à retirer : {number(large.retention_s, 1)} s.",
        f"Avec {number(swept.rows)} lignes à retirer : {number(swept.rows / swept.seconds)} lignes/s ; des "
        f"{number(swept.answers)} messages acceptés pendant ce temps, le plus lent a attendu "
        f"{number(1000 * swept.longest_s)} ms.",
        f"Lignes lues par parcours complet d'une table, au travail, sans aucune statistique : {scans or 'aucune'}.",
        f"Lignes : {rows}.",
    ]


if __name__ == "__main__":
    sys.exit(main())
