"""To forget a household: destroy its keys, and those of every raw message that holds it.

What is sealed under them becomes unreadable at once, in the tables, on the bus and in every dump. The
erasure is journalled outside the database, to be applied again after a restore.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import structlog

from contracts.errors import Misconfigured, Permanent
from ops.forgetting import sql as together
from ops.forgetting.kin import Kin
from ops.retention.sql import still_open_for
from router.domain.subjects import AWAITED_OF
from router.store import crosswalk, keys
from router.store.audit import record
from router.store.database import KEYS, Connection, Database

logger = structlog.get_logger()


class Extent(StrEnum):
    """Who is forgotten, where a demand ties several households together: a person says whether they are one."""

    ALONE = "seul"
    TOGETHER = "ensemble"


class OtherIds(Permanent):
    """A demand ties the household to others that are not forgotten, and nobody has said whether they are one."""

    def __init__(self, kin: Kin) -> None:
        super().__init__("ce ménage a d'autres identifiants par ses demandes : dire --ensemble ou --seul")
        self.kin = kin


def chosen(kin: Kin, extent: Extent | None) -> Sequence[UUID]:
    """The households to forget. Raises OtherIds."""
    if kin.own is None:
        return ()
    if kin.others and extent is None:
        raise OtherIds(kin)
    return kin.households if extent is Extent.TOGETHER else (kin.own,)


async def forget(
    database: Database,
    journal: Path,
    ident: UUID,
    actor: str,
    *,
    force: bool = False,
    extent: Extent | None = None,
) -> int:
    """Forget a household, and what is tied to it by demands where that was said; returns the number of keys destroyed.

    Raises OtherIds where it was not said; Permanent while a referral or candidacy is open, or a message not decided,
    unless `force`; Misconfigured where it cannot be journalled.
    """
    async with database.transaction() as connection:
        menages = chosen(await together.kin(connection, ident), extent)
        still_open = await still_open_for(connection, menages, AWAITED_OF)
        if still_open and not force:
            raise Permanent(
                f"{still_open} orientation(s), candidature(s) ou message(s) de ce ménage attendent encore une réponse "
                "ou une décision : attendre leur issue, ou répéter avec --forcer"
            )
        destroyed = await erase(connection, journal, menages, actor)
        await database.notify(connection, KEYS)
    return destroyed


async def erase(connection: Connection, journal: Path, menages: Sequence[UUID], actor: str) -> int:
    """Destroy the keys of households in this transaction, each journalled and audited; returns how many."""
    _journal(journal, menages)
    total = 0
    for menage in menages:
        destroyed = await _destroy(connection, menage)
        beside = [str(each) for each in menages if each != menage]
        await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed, "avec": beside})
        total += destroyed
    return total


async def apply_again(database: Database, journal: Path, actor: str) -> int:
    """Repeat every journalled erasure (after a restore); returns the keys destroyed this time. Lines that cannot be
    read are counted in the log. Raises Misconfigured where the journal itself cannot be read."""
    total = 0
    menages = _journalled(journal)
    async with database.transaction() as connection:
        for menage in menages:
            destroyed = await _destroy(connection, menage)
            if destroyed:
                await record(connection, actor, "menage.oublier", str(menage), {"cles": destroyed})
            total += destroyed
        if total:
            await database.notify(connection, KEYS)
    return total


async def _destroy(connection: Connection, menage: UUID) -> int:
    holders = await keys.holders_of(connection, menage)
    await crosswalk.remove(connection, holders)
    return await keys.destroy(connection, holders)


def _journalled(path: Path) -> list[UUID]:
    if not path.exists():
        logger.warning("erasures.missing", journal=str(path.resolve()))
        return []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise Misconfigured(f"le journal des effacements {path} ne peut être lu ({exc.strerror})") from exc
    menages = [_menage_of(line) for line in lines]
    unreadable = [number for number, menage in enumerate(menages, start=1) if menage is None]
    if unreadable:
        logger.error("erasures.unreadable", journal=str(path), lines=len(unreadable), first=unreadable[0])
    return [menage for menage in menages if menage is not None]


def _menage_of(line: bytes) -> UUID | None:
    """None of a line that cannot be read. Behind one that was torn while it was written, nothing was destroyed."""
    try:
        return UUID(json.loads(line)["menage"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _journal(path: Path, menages: Sequence[UUID]) -> None:
    """Append a line for each and fsync before the keys go: an erasure that is journalled and not yet done is done
    later. It begins a line of its own, even behind one that a crash or a full disk has torn."""
    at = datetime.now(UTC).isoformat()
    lines = b"".join(json.dumps({"menage": str(each), "le": at}).encode() + b"\n" for each in menages)
    try:
        with path.open("a+b") as file:
            if file.tell() and not _ends_its_line(file):
                lines = b"\n" + lines
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as exc:
        raise Misconfigured(
            f"le journal des effacements {path} ne peut être écrit ({exc.strerror}) : sans lui, rien n'est oublié"
        ) from exc


def _ends_its_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
