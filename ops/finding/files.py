"""Search for files by part of their name, among the newest messages that came as files. Names are encrypted: an
operator learns only which messages match."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.errors import InvalidContract
from contracts.plurals import counted
from ops.finding import sql
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, unseal
from router.store.database import Connection

SHORTEST = 4
"""Minimum length, in characters, of the text to search for."""
LOOKED_AT = 500
"""Maximum number of names that one search decrypts: those of the newest files."""


class File(NamedTuple):
    """Message that arrived as a file, with the file's name. Only people of the sender may see this name."""

    message: UUID
    partner: str
    etat: str
    at: datetime
    name: str


async def files_named(
    connection: Connection, keyring: Keyring, partners: Sequence[str], words: str
) -> Sequence[File]:
    """Search the 500 newest files (`LOOKED_AT`) of all these partners together. Return those whose name
    contains `words`, in capitals or not, newest first. Return an empty list if `words` has fewer than 4
    characters (`SHORTEST`)."""
    if len(words) < SHORTEST:
        return []
    rows = await sql.named_files(connection, partners, _scanned(partners), LOOKED_AT)
    ciphers = await keyring.get(connection, {row.id for row in rows})
    files = [
        File(row.id, row.partner, row.etat, row.at, name_in(row.id, row.filename, ciphers)) for row in rows
    ]
    return [each for each in files if words.casefold() in each.name.casefold()]


def among(partners: Sequence[str]) -> str:
    """Return in French among which files of these partners `files_named` searches."""
    return (
        f"parmi les {LOOKED_AT} derniers fichiers, et les {counted(_scanned(partners))} derniers messages de chaque "
        f"partenaire ; {SHORTEST} caractères au moins"
    )


def _scanned(partners: Sequence[str]) -> int:
    return sql.shared(sql.SCANNED_TOGETHER, partners)


def name_in(message: UUID, filename: bytes | None, ciphers: Mapping[UUID, Cipher]) -> str:
    """Return the decrypted file name of a message. Return an empty text if the message has no file name, or if
    the name cannot be decrypted."""
    if not filename or message not in ciphers:
        return ""
    with suppress(InvalidContract):
        return unseal(ciphers[message], filename, message.bytes).decode()
    return ""
