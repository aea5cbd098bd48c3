"""Program of the simulated social observation, which gets sets of files by SFTP.

`python -m simulation.observation CONFIG.json`.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

from simulation import program
from simulation.config import Config
from simulation.drop_folder import LOOK_SECONDS, UNFINISHED
from simulation.inbox import CHANGED, Inbox
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
"""The files of a set by code, each with the column that identifies its lines."""
NEVER = frozenset({"DATE_NAISSANCE", "FLAG_FEMME_VIOLENCE", "NUMERO_IDENTIFICATION", "DESTINATION_SORTIE"})
"""Columns that the format no longer has."""
KEY_CHARACTERS = 15
STEPS: Mapping[str, Mapping[str, str]] = {
    "DME": {"DATE_TRANSMISSION_DEMANDE": "demande"},
    "ORI": {
        "DATE_ORIENTATION": "orientation",
        "FLAG_DEMANDE_ACCEPTEE": "acceptation",
        "FLAG_REFUS_PAR_STRUCTURE": "refus",
        "FLAG_REFUS_PAR_DEMANDEUR": "refus",
    },
    "PRC": {"DATE_ENTREE": "entree", "DATE_SORTIE": "sortie"},
}
"""The step of a pathway that a line stands for, by its file's code and its filled column; `f` counts as
empty."""
SILENT = frozenset({"", "f"})
_NOT_THE_SET = re.compile(rf"^{FILE}({'|'.join(KEYS)})|^{MARKER}|\.\w+{re.escape(UNFINISHED)}$")
"""Pattern of what differs between the file names of one set."""


def understand(files: Mapping[str, bytes], name: str) -> Record:
    """Return the journal line for a set: the steps of its lines, with their keys. Raises ValueError or
    LookupError."""
    lines = {code: list(_lines(files[code], key)) for code, key in KEYS.items()}
    if len(lines["SIA"]) != 1:
        raise ValueError("un SIAO par jeu")
    steps = [f"{_step(line, STEPS[code])}:{line[KEYS[code]]}" for code in STEPS for line in lines[code]]
    return {"ref": f"{DERIVED}{SET}:{name}", "event": SET, "steps": steps, "bytes": _digests(files)}


def _lines(body: bytes, key: str) -> Iterator[Mapping[str, str]]:
    *rows, rest = body.decode("iso-8859-1").split("\r")
    header, *cells = [row.split("~") for row in rows]
    if rest or NEVER.intersection(header):
        raise ValueError("fichier mal formé")
    for row in cells:
        line = dict(zip(header, row, strict=True))
        if key != "CODE_SIAO" and len(line[key]) != KEY_CHARACTERS:
            raise ValueError("clé mal formée")
        yield line


def _step(line: Mapping[str, str], columns: Mapping[str, str]) -> str:
    (step,) = {step for column, step in columns.items() if line[column] not in SILENT}
    return step


def _digests(files: Mapping[str, bytes]) -> Mapping[str, str]:
    return {code: hashlib.sha256(body).hexdigest() for code, body in files.items()}


def begun(deliveries: Path) -> Set[str]:
    """Return the names of the sets with at least one file in the folder, even an incomplete one."""
    return {_NOT_THE_SET.sub("", name) for name in os.listdir(deliveries)}


def complete(deliveries: Path) -> Sequence[str]:
    """Return the names of the sets whose marker file is in the folder, oldest first."""
    with os.scandir(deliveries) as entries:
        markers = [entry for entry in entries if _is_marker(entry.name)]
        return [
            entry.name.removeprefix(MARKER) for entry in sorted(markers, key=lambda e: e.stat().st_mtime_ns)
        ]


def _is_marker(name: str) -> bool:
    return name.startswith(MARKER) and not name.endswith(UNFINISHED)


async def take_sets(folder: Path, inbox: Inbox) -> None:
    """Take in each complete set, without end, then move its files away."""
    deliveries, taken = folder / ROOT / DELIVERIES, folder / "recus"
    taken.mkdir(exist_ok=True)
    while True:
        for name in complete(deliveries):
            await _take(deliveries, taken, name, inbox)
        await asyncio.sleep(LOOK_SECONDS)


async def _take(deliveries: Path, taken: Path, name: str, inbox: Inbox) -> None:
    """Take in one set, and move its files away, the marker first. A repeated set must equal the first one."""
    marker = deliveries / f"{MARKER}{name}"
    paths = {code: deliveries / f"{FILE}{code}{name}" for code in KEYS}

    files = {code: path.read_bytes() for code, path in paths.items() if path.exists()}
    known = inbox.known(name)
    if known is not None and not _digests(files).items() <= known["bytes"].items():
        await inbox.decline(name, known["ref"], CHANGED)
    else:
        await inbox.take_read(name, marker.read_bytes(), lambda _: understand(files, name))
    for path in (marker, *paths.values()):
        if path.exists():
            path.rename(taken / path.name)


async def _nothing(_effect: Record) -> None:
    """Do nothing: this partner answers no delivery."""


async def main(config: Config) -> None:
    async with program.journal_of(config) as journal, asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks, recognises=config.recognises)
        async with sftp_server(config.folder, config.port, Temper(config.mood, config.temper)):
            await program.started(config)
            await take_sets(config.folder, inbox)


if __name__ == "__main__":
    program.run(main)
