"""Find the oldest files of a partner's folder, whatever else the server lists in it."""

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
"""Largest number of files that one look at the folder offers. The other files follow once these have left the
folder."""
READ_AT_MOST = 200_000
"""Largest number of entries read of a folder's listing. If the listing is longer, only the entries read are
compared by age, and the log says so."""
NAME_MAX_CHARACTERS = 255
"""Longest file name. No file system has longer names; a file listed under a longer name is ignored."""

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """Facts that a listing gives about a file. `mtime` is in seconds since the epoch, by the partner's clock;
    0 if the server does not give it."""

    size: int
    mtime: int

    def drop(self, name: str, body: bytes) -> str | None:
        """Return the identity of this file, made of name, date and content, so that an equal file of another
        day differs. Return None for a file without a date."""
        if not self.mtime:
            return None
        digest = hashlib.sha256(f"{name}\0{self.mtime}\0".encode("utf-8", "surrogateescape"))
        digest.update(body)
        return digest.hexdigest()

    def is_of(self, name: str, native: Native) -> bool:
        """Tell whether the file `name` is still the one that was read as `native`: its size and date have not
        changed."""
        return self.size == len(native.body) and self.drop(name, native.body) == native.drop


def look_at(attrs: SFTPAttrs) -> Look:
    """Return the size and date of a file in these SFTP attributes."""
    return Look(attrs.size or 0, attrs.mtime or 0)


async def oldest(client: SFTPClient, folder: str) -> dict[str, Look]:
    """Return the oldest files of a folder by name, oldest first, `OFFERED_AT_ONCE` at most.

    Skips files whose name says that they are still being written. Memory does not grow with the folder, and
    other tasks run between two replies of the server.
    """
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
    """Return the sort key of a file, oldest first."""
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
