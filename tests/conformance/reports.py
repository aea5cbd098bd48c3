"""The hub's reports on a file, and the archives in a partner's folder."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.ports import IntakeReport

from .droppers import SftpDropper

MESSAGE = UUID("0192f0c1-0000-7000-8000-000000000001")

REPORT = IntakeReport(MESSAGE, "accepte", 2, recu_le=datetime(2026, 3, 1, 8, 30, tzinfo=UTC))


def archives(dropper: SftpDropper) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (dropper.folder / "archives").iterdir()}
