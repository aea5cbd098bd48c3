"""Files dropped on an SFTP server as careless partners do it: twice under two names, in two halves, or with
new content under an old name."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simulation import centre_csv
from simulation.cast import CENTRE_CSV, PLACES, SIAO, flow
from simulation.config import Config
from simulation.drop_folder import ACCEPTED, REFUSED, REPORT, UNFINISHED
from simulation.journal import Kind, Record, Row, read
from simulation.observed import Observed
from simulation.places import Place
from simulation.sftp_server import ARCHIVES, DROP, REPORTS, ROOT

JOURNAL = "journal-depots.jsonl"
FIRST_ROW = 2
FIRST_NUMBER = 50_000
"""First number of the places in these files, above all others."""
RECENT_SECONDS = 300.0
"""Largest age of a file to copy: half the time for which the hub recognises a repetition."""
STABLE_SECONDS = 2.0
"""Time without a change after which the hub takes in a dropped file."""
REFUSALS = ("refuse", "trop_volumineux", "conflit")


@dataclass(frozen=True, slots=True)
class Renewal:
    """Dropped file whose name was used before, and the message id in the earlier one's report."""

    key: str
    name: str
    former: str | None


class Drops:
    """Files that the fault run drops on a shelter's server, and the hub's reports on them."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.journal, self._offset = config.folder / JOURNAL, 0
        self._drop = config.folder / ROOT / DROP
        self._number = FIRST_NUMBER
        self._waiting: list[Renewal] = []
        self._abandoned: list[Path] = []

    def archived(self, older_than_s: float = 0.0) -> list[Path]:
        """Return the dropped files taken in less than five minutes ago, and more than `older_than_s`."""
        now = time.time()
        found = [path for path in (self._drop / ARCHIVES).iterdir() if path.suffix == ".csv"]
        return sorted(path for path in found if older_than_s < now - path.stat().st_mtime < RECENT_SECONDS)

    def put(self, name: str, content: bytes) -> None:
        """Drop a complete file at once, by a rename."""
        draft = self._drop / f"{name}{UNFINISHED}"
        draft.write_bytes(content)
        draft.rename(self._drop / name)

    def begin(self, name: str, content: bytes) -> None:
        """Write the first bytes of a file under its final name."""
        (self._drop / name).write_bytes(content)

    def append(self, name: str, content: bytes) -> None:
        """Append bytes to a file, or to a new one if the hub has moved it away."""
        with (self._drop / name).open("ab") as file:
            file.write(content)

    def rename(self, name: str, final: str) -> None:
        """Give a complete file its final name."""
        (self._drop / name).rename(self._drop / final)

    def abandon(self, name: str, places: int) -> None:
        """Drop an incomplete file that nobody will finish and no journal names."""
        lines = [centre_csv.vacancy(self._new_place(), self._config.today) for _ in range(places)]
        content = _file(lines)
        self.begin(name, content[: len(content) - 2])
        self._abandoned.append(self._drop / name)

    def troubles(self) -> Iterator[str]:
        """Yield, in French, each incomplete file that the hub has taken in."""
        yield from (
            f"fichier jamais achevé, et pris : {path.name}" for path in self._abandoned if not path.exists()
        )

    def fresh(self, name: str, places: int = 1) -> bytes:
        """Return the content of a file of new places, now in the journal as about to leave."""
        lines = []
        former = self._reported(name).get("message")
        renewal = Renewal(f"{name}#{self._number}", name, former)
        for line in range(places):
            place = self._new_place()
            ref, between = f"{place.code}:place.vacante", flow(CENTRE_CSV, SIAO, PLACES)
            row = Row(ref, between, place.code, 1, row=FIRST_ROW + line, by_file=True)
            self._write({"kind": Kind.ABOUT_TO_SEND, "key": renewal.key, **asdict(row)})
            lines.append(centre_csv.vacancy(place, self._config.today))
        self._waiting.append(renewal)
        return _file(lines)

    def _new_place(self) -> Place:
        self._number += 1
        code = f"TIL-{self._number}"
        address = f"1 rue de l'Essai, chambre {code}"
        return replace(self._config.places[0], code=code, number=self._number, adresse=address)

    def collect(self) -> None:
        """Write the hub's new reports to the journal."""
        for renewal in list(self._waiting):
            report = self._reported(renewal.name)
            if report.get("message") in (None, renewal.former):
                continue
            status = REFUSED if report["etat"] in REFUSALS else ACCEPTED
            said = {"status": status, "message": report["message"], "rejections": report["rejets"]}
            self._write({"kind": Kind.ANSWERED, "key": renewal.key, **said})
            self._waiting.remove(renewal)

    def read_into(self, observed: Observed) -> int:
        """Add the new journal lines to `observed`; return their number."""
        if not self.journal.exists():
            return 0
        records, self._offset = read(self.journal, self._offset)
        for record in records:
            observed.add(self._config.id, record)
        return len(records)

    def _reported(self, name: str) -> Record:
        path = self._drop / REPORTS / f"{name}{REPORT}"
        found: Record = json.loads(path.read_bytes()) if path.exists() else {}
        return found

    def _write(self, record: Record) -> None:
        with self.journal.open("ab") as file:
            file.write(json.dumps({"at": time.time_ns(), **record}).encode() + b"\n")
            file.flush()
            os.fdatasync(file.fileno())


def _file(lines: Sequence[centre_csv.Cells]) -> bytes:
    return centre_csv.encoder(centre_csv.PLACE_COLUMNS)(lines)
