"""What lies in a partner's folder: its oldest files, whatever else a server says lies there."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import asyncssh
import structlog
from asyncssh import SFTPAttrs, SFTPClient, SFTPName

from contracts.ports import Native

OFFERED_AT_ONCE = 5_000
"""Files that one look offers; the others come with the next looks, once these have left the folder."""
READ_AT_MOST = 200_000
"""Entries that are read of a listing. Beyond them the oldest of those read are offered, and the log says so."""
NAME_MAX_CHARACTERS = 255
"""No file system has longer names; what a server calls a file by one is left alone."""

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What a listing said of a file. `mtime` is in seconds since the epoch, by the partner's clock; 0 where the
    server does not say."""

    size: int
    mtime: int

    def drop(self, name: str, body: bytes) -> str | None:
        """What tells this drop from every other: name, date and content; the same file of another day has its
        own. None without a date."""
        if not self.mtime:
            return None
        digest = hashlib.sha256(f"{name}\0{self.mtime}\0".encode("utf-8", "surrogateescape"))
        digest.update(body)
        return digest.hexdigest()

    def is_of(self, name: str, native: Native) -> bool:
        """Whether size and date are still those of a file that was read."""
        return self.size == len(native.body) and self.drop(name, native.body) == native.drop


def look_at(attrs: SFTPAttrs) -> Look:
    """What these attributes say."""
    return Look(attrs.size or 0, attrs.mtime or 0)


async def oldest(client: SFTPClient, folder: str) -> dict[str, Look]:
    """The `OFFERED_AT_ONCE` oldest files of a folder that may be complete by their names, oldest first. Its memory does
    not grow with the folder; the loop runs between the replies of the server."""
    kept: list[tuple[str, Look]] = []
    read = 0
    listing = cast(AsyncGenerator[SFTPName, None], client.scandir(folder))
    async with aclosing(listing) as entries:
        async for entry in entries:
            read += 1
            if read > READ_AT_MOST:
                _log.warning("source.folder_too_long", read=READ_AT_MOST)
                break
            if _is_dropped(entry):
                kept.append((str(entry.filename), look_at(entry.attrs)))
            if len(kept) >= 2 * OFFERED_AT_ONCE:
                kept = sorted(kept, key=_age)[:OFFERED_AT_ONCE]
    return dict(sorted(kept, key=_age)[:OFFERED_AT_ONCE])


def _age(file: tuple[str, Look]) -> tuple[int, str]:
    """What files are sorted by, the oldest first."""
    name, seen = file
    return seen.mtime, name


def _is_dropped(entry: SFTPName) -> bool:
    name = str(entry.filename)
    return (
        entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
        and len(name) <= NAME_MAX_CHARACTERS
        and not name.startswith(".")
        and "/" not in name
        and not name.lower().endswith(UNFINISHED_SUFFIXES)
    )
