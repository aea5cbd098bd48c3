"""The base of social observation, with an SFTP folder: takes in whole sets of files, once their marker lies there.

`python -m simulation.observation CONFIG.json`.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from simulation import program
from simulation.config import Config
from simulation.drop_folder import LOOK_SECONDS, UNFINISHED
from simulation.inbox import Inbox
from simulation.journal import Record
from simulation.moods import Temper
from simulation.observed import DERIVED, SET
from simulation.sftp_server import DELIVERIES, ROOT, sftp_server

FILE, MARKER = "VPAXT", "CPAXT"
KEYS: Mapping[str, str] = {
    "SIA": "CODE_SIAO",
    "DMR": "CODE_DEMANDEUR",
    "DME": "CODE_DEMANDE",
    "ORI": "CODE_ORIENTATION",
    "PRC": "CODE_PARCOURS",
    "OFF": "CLE",
}
"""The files of a set, and the column that names a line of each."""
NEVER = frozenset({"DATE_NAISSANCE", "FLAG_FEMME_VIOLENCE", "NUMERO_IDENTIFICATION", "DESTINATION_SORTIE"})
"""Columns of other times: a set that has one is not taken in."""
KEY_CHARACTERS = 15


def understand(files: Mapping[str, bytes], name: str) -> Record:
    """What a set holds: its lines, by file. Raises ValueError or LookupError for one that makes no sense."""
    lines = {code: _lines(files[code], key) for code, key in KEYS.items()}
    if lines["SIA"] != 1:
        raise ValueError("un SIAO par jeu")
    return {"ref": f"{DERIVED}{SET}:{name}", "event": SET, "lines": lines}


def _lines(body: bytes, key: str) -> int:
    *rows, rest = body.decode("iso-8859-1").split("\r")
    header, *cells = [row.split("~") for row in rows]
    if rest or NEVER.intersection(header) or any(len(row) != len(header) for row in cells):
        raise ValueError("fichier mal formé")
    if key != "CODE_SIAO" and any(len(row[header.index(key)]) != KEY_CHARACTERS for row in cells):
        raise ValueError("clé mal formée")
    return len(cells)


def complete(deliveries: Path) -> Sequence[str]:
    """The names of the sets whose marker lies there, the oldest first: what follows the marker's own letters."""
    with os.scandir(deliveries) as entries:
        markers = [entry for entry in entries if _is_marker(entry.name)]
        return [
            entry.name.removeprefix(MARKER) for entry in sorted(markers, key=lambda e: e.stat().st_mtime_ns)
        ]


def _is_marker(name: str) -> bool:
    return name.startswith(MARKER) and not name.endswith(UNFINISHED)


async def take_sets(folder: Path, inbox: Inbox) -> None:
    """For ever: take in each set, then move it away, its marker first: what lies there without one is not whole."""
    deliveries, taken = folder / ROOT / DELIVERIES, folder / "recus"
    taken.mkdir(exist_ok=True)
    while True:
        for name in complete(deliveries):
            await _take(deliveries, taken, name, inbox)
        await asyncio.sleep(LOOK_SECONDS)


async def _take(deliveries: Path, taken: Path, name: str, inbox: Inbox) -> None:
    marker = deliveries / f"{MARKER}{name}"
    paths = {code: deliveries / f"{FILE}{code}{name}" for code in KEYS}

    def read(_: bytes) -> Record:
        return understand({code: path.read_bytes() for code, path in paths.items() if path.exists()}, name)

    await inbox.take_read(name, marker.read_bytes(), read)
    for path in (marker, *paths.values()):
        if path.exists():
            path.rename(taken / path.name)


async def _nothing(_effect: Record) -> None:
    """It only listens."""


async def main(config: Config) -> None:
    async with program.journal_of(config) as journal, asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks, recognises=config.recognises)
        async with sftp_server(config.folder, config.port, Temper(config.mood, config.temper)):
            await program.started(config)
            await take_sets(config.folder, inbox)


if __name__ == "__main__":
    program.run(main)
