"""A partner's side of its SFTP folders: it drops files, reads the hub's reports, and takes deliveries.

A file goes to another folder, then to the journal, then under its name to the hub's: no half file is seen,
and a crash loses none.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from simulation import moods
from simulation.config import Config
from simulation.inbox import Inbox
from simulation.journal import Journal, Kind, Record, Row
from simulation.moods import Mood
from simulation.sftp_server import DELIVERIES, DROP, REPORTS, ROOT
from simulation.turns import Turns, times

LOOK_SECONDS = 0.05
UNFINISHED = ".part"
REPORT = ".rapport.json"
ACCEPTED, REFUSED = 202, 422
"""Status codes by which the journal records a report."""

_File = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """Line for a file, in the partner's form (bytes or cells), with its journal row."""

    row: Row
    content: Any
    others: Sequence[Row] = ()
    """Journal rows of its other recipients."""


class DropFolder:
    """SFTP folders of one partner. `encode` makes a file from lines, the first of which is row `first_row`
    for the hub."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        encode: Callable[[Sequence[Any]], bytes],
        name: str,
        first_row: int,
    ) -> None:
        """Open the folders. `name`: a pattern such as `places-%06d.csv`, so that names sort in the order of
        writing."""
        self._drop = config.folder / ROOT / DROP
        self._drafts = config.folder / "brouillons"
        self._drafts.mkdir(exist_ok=True)
        self._journal = journal
        self._encode = encode
        self._name = name
        self._first_row = first_row
        self._manner = config.manner
        self._turns = Turns(Random(f"{config.temper}/{name}"))
        self._lines: list[Line] = []
        self._held: set[str] = set()
        sent = [record for record in journal.past if record["kind"] == Kind.ABOUT_TO_SEND]
        self._sent = {record["ref"] for record in sent}
        answered = {record["key"] for record in journal.past if record["kind"] == Kind.ANSWERED}
        self._unreported = {key for r in sent if (key := r["key"]) not in answered and self._is_mine(key)}
        self._number = sum(1 for key in {record["key"] for record in sent} if self._is_mine(key))

    def put(self, line: Line) -> None:
        """Put a line into the next file, unless an earlier run of the program sent it."""
        if line.row.ref not in self._sent:
            self._lines.append(line)

    async def run(self, every_s: float) -> None:
        """Drop the lines at hand as a file every `every_s`, and read the hub's reports, until cancelled."""
        self._finish_drafts()
        deposits = 0.0
        try:
            async with asyncio.TaskGroup() as files:
                while True:
                    await asyncio.sleep(LOOK_SECONDS)
                    deposits += LOOK_SECONDS
                    if deposits >= every_s and (lines := self._due()):
                        deposits = 0.0
                        files.create_task(self._send(lines))
                    await self._read_reports()
        finally:
            await self._turns.close()

    def _due(self) -> list[Line]:
        """Take the lines that may leave now: no earlier file about their subject is under way."""
        due = [line for line in self._lines if line.row.subject not in self._held]
        self._lines = [line for line in self._lines if line.row.subject in self._held]
        self._held.update(line.row.subject for line in due)
        return due

    async def _send(self, lines: Sequence[Line]) -> None:
        """Drop lines as a file when it is their turn. A copy has another name and the same bytes."""
        manner = moods.sort_of(self._manner)
        async with self._turns.turn(manner):
            for _ in range(times(manner)):
                await self._deposit(lines)
        self._held.difference_update(line.row.subject for line in lines)
        if manner is Mood.TWICE:
            self._turns.later(partial(self._deposit, lines))

    async def _deposit(self, lines: Sequence[Line]) -> None:
        self._number += 1
        name = self._name % self._number
        draft = self._drafts / name
        _write(draft, self._encode([line.content for line in lines]))
        rows = [
            replace(row, row=self._first_row + n, by_file=True)
            for n, line in enumerate(lines)
            for row in (line.row, *line.others)
        ]
        await self._journal.about_to_send(name, rows)
        self._unreported.add(name)
        draft.rename(self._drop / name)

    def _finish_drafts(self) -> None:
        """Drop the files that were in the journal when the program died, and delete the others."""
        for draft in self._drafts.iterdir():
            if draft.name in self._unreported:
                draft.rename(self._drop / draft.name)
            elif self._is_mine(draft.name):
                draft.unlink()

    async def _read_reports(self) -> None:
        for name in sorted(self._unreported):
            path = self._drop / REPORTS / f"{name}{REPORT}"
            if not path.exists():
                continue
            report = json.loads(path.read_bytes())
            status = REFUSED if report["etat"] in ("refuse", "trop_volumineux", "conflit") else ACCEPTED
            await self._journal.answered(name, status, report.get("message"), report["rejets"])
            self._unreported.discard(name)

    def _is_mine(self, name: str) -> bool:
        return name.startswith(self._name.partition("%")[0])


async def take_deliveries(
    folder: Path,
    inbox: Inbox,
    understand: Callable[[bytes], Record],
    *,
    leave: bool = False,
    rows: Callable[[bytes], Iterable[tuple[str, bytes]]] | None = None,
) -> None:
    """Read the hub's deliveries from the partner's folder, oldest first, until cancelled.

    The file's name is the delivery's key. A file is moved away once it is in the journal, or stays with
    `leave`. `rows` splits a file of many events, each with its key.
    """
    deliveries, taken = folder / ROOT / DELIVERIES, folder / "recus"
    taken.mkdir(exist_ok=True)
    left = {file for file, path in _complete(deliveries, frozenset()) if leave and inbox.known(path.name)}
    while True:
        for file, path in _complete(deliveries, left):
            body = path.read_bytes()
            for key, one in ((path.name, body),) if rows is None else rows(body):
                await inbox.take_read(key, one, understand)
            if leave:
                left.add(file)
            else:
                path.rename(taken / path.name)
        await asyncio.sleep(LOOK_SECONDS)


def _complete(folder: Path, but: Set[_File]) -> list[tuple[_File, Path]]:
    """Return the complete files of a folder, oldest first, except those in `but`."""
    with os.scandir(folder) as entries:
        files = [(e, (e.name, e.inode())) for e in entries if not e.name.endswith(UNFINISHED)]
        found = [(e.stat().st_mtime_ns, file, e.path) for e, file in files if file not in but]
    return [(file, Path(path)) for _, file, path in sorted(found)]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
