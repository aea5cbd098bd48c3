"""Read the audit's heads (signed hashes of its chain) and their time stamps from files outside the database.
This module loads no HTTP client, because `siao-hub status` uses it."""

from pathlib import Path

from contracts.errors import Misconfigured
from ops.outside.lines import last_line, lines_of
from router.domain.audit_heads import Head, Stamped


def read_heads(file: Path) -> list[Head]:
    """Return the heads in a file, oldest first; an empty list if there is no file. Raises Misconfigured for
    an unreadable file."""
    return [_parsed(file, line) for line in lines_of(file)]


def last_head(file: Path) -> Head | None:
    """Return the newest head in a file of heads; None if the file is missing or has no head. Raises
    Misconfigured for an unreadable file."""
    line = last_line(file)
    return _parsed(file, line) if line else None


def last_stamped(file: Path) -> Head | None:
    """Return the head that was time-stamped last, from the file of time stamps. Return None if the file is
    missing or empty. Raises Misconfigured for an unreadable file."""
    line = last_line(file)
    try:
        return Stamped.from_json(line).head if line else None
    except ValueError as exc:
        raise Misconfigured(f"horodatages de l'audit illisibles : {file}") from exc


def _parsed(file: Path, line: bytes) -> Head:
    try:
        return Head.from_json(line)
    except ValueError as exc:
        raise Misconfigured(f"têtes de l'audit illisibles : {file}") from exc
