"""Find the oldest files of a partner's folder, even among many others."""

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
"""Limit on the files that one look at a folder offers to the hub."""
READ_AT_MOST = 200_000
"""Limit on the entries of a folder that are read. A folder with more is logged."""
NAME_MAX_CHARACTERS = 255
"""Longest file name that is read. A file with a longer one is ignored."""

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """Size and date of a file, as one look at the partner's folder found them. `mtime`: seconds since the
    epoch, by the clock of the partner's server; 0 if unknown."""

    size: int
    mtime: int

    def drop(self, name: str, body: bytes) -> str | None:
        """Return a hash of a file's name, date and content, by which the hub recognises a file that it has
        already read. If the partner puts the same file into the folder anew, its date changes, and so does the
        hash. Return None if the server gives no date."""
        if not self.mtime:
            return None
        digest = hashlib.sha256(f"{name}\0{self.mtime}\0".encode("utf-8", "surrogateescape"))
        digest.update(body)
        return digest.hexdigest()

    def is_of(self, name: str, native: Native) -> bool:
        """Tell whether the file named `name` still has the size and date that it had when its content,
        `native`, was read."""
        return self.size == len(native.body) and self.drop(name, native.body) == native.drop


def look_at(attrs: SFTPAttrs) -> Look:
    """Return the size and the modification time of a file, from its SFTP attributes."""
    return Look(attrs.size or 0, attrs.mtime or 0)


async def oldest(client: SFTPClient, folder: str) -> dict[str, Look]:
    """Return the oldest files in a folder (name → size and date), oldest first, at most `OFFERED_AT_ONCE`.
    Leave out links, hidden files, and files whose name marks them as unfinished."""
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
