"""Find files by a part of their name, among the newest that were refused, partly accepted or are still being read.

A name is sealed, because a sender may have put anything into it: it is compared here, and shown to its sender's own
people alone. The name of a file that was accepted as a whole is not kept.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.errors import InvalidContract
from ops.finding import sql
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, unseal
from router.store.database import Connection, Row

SHORTEST = 4
"""Shortest part of a name, in characters, that may be searched."""
LOOKED_AT = 500
"""Limit on the files with a name that one search compares, for all partners together, because each name has
to be unsealed."""


class File(NamedTuple):
    """A message that came as a file."""

    message: UUID
    partner: str
    etat: str
    at: datetime


async def files_named(
    connection: Connection, keyring: Keyring, partners: Sequence[str], words: str
) -> Sequence[File]:
    """Return the files of these partners whose name contains these words, newest first; none for fewer than
    `SHORTEST` characters."""
    if len(words) < SHORTEST:
        return []
    rows = await sql.named_files(connection, partners, LOOKED_AT)
    ciphers = await keyring.get(connection, {row.id for row in rows})
    named = [row for row in rows if words.casefold() in name_in(row, ciphers).casefold()]
    return [File(row.id, row.partner, row.etat, row.at) for row in named]


def name_in(row: Row, ciphers: Mapping[UUID, Cipher]) -> str:
    """Return the name of the file of an inbox row. Return an empty text if it has none, if its key is
    destroyed, or if it is damaged, so that one damaged name hides no other file."""
    if not row.filename or row.id not in ciphers:
        return ""
    with suppress(InvalidContract):
        return unseal(ciphers[row.id], row.filename, row.id.bytes).decode()
    return ""
