"""Deliver files by SFTP. Each file is written under a `.part` name, then renamed, so that a partner never
sees half a file."""

import asyncio
import hashlib
import posixpath
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncssh
from asyncssh import SFTPClient

from connectors.media import suffix_of
from connectors.sftp.files import GONE, NAME_IN_USE, holds, write
from connectors.sftp.link import LOST, SftpLink
from connectors.slots import Slots
from contracts.errors import NameTaken, OutcomeUnknown
from contracts.ports import Native, Receipt
from contracts.sftp import SortieSftp

REMOVAL_SECONDS = 0.5
"""Longest wait for the removal of a `.part` file."""

_UNSAFE = re.compile(r"[^\w.\-]")


class SftpSink:
    """Sink that writes files into one partner's folder. The partner's registry entry limits how many
    deliveries may run at the same time (`en_vol`), and how many seconds each may take (`delai_s`)."""

    def __init__(self, sortie: SortieSftp) -> None:
        self._sortie = sortie
        self._link = SftpLink(sortie)
        self._slots = Slots(sortie.en_vol, "Trop de dépôts en cours chez ce partenaire")

    async def send(self, native: Native, key: str) -> Receipt:
        """Write the files of a delivery: those in `native.avant`, then `native` itself. Each file is written
        under a temporary name, then renamed. A file that has no name of its own is named after `key`, the
        idempotency key.

        No file on the server is overwritten, except a temporary file that an earlier attempt left. If a file
        with the final name exists, equal content proves that the file has arrived; other content raises
        NameTaken. Raises OutcomeUnknown if the connection breaks, or the server is silent, while a file is
        renamed.
        """
        deadline = asyncio.get_running_loop().time() + self._sortie.delai_s
        async with self._session(deadline) as client:
            for file in (*native.avant, native):
                path = self._path(file, key)
                await _drop(client, file.body, path, _part_of(path, key), deadline)
            return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Tell whether the partner's folder has a file named like `native`, the last file of the delivery;
        contents are not compared. `key`: the idempotency key, which names the file if `native` has no name.
        Raises PartnerUnavailable if the server fails; Misconfigured if the server refuses the hub or the folder
        is missing."""
        deadline = asyncio.get_running_loop().time() + self._sortie.delai_s
        async with self._session(deadline) as client, asyncio.timeout_at(deadline):
            try:
                await client.stat(self._path(native, key))
            except GONE:
                await client.stat(self._sortie.dossier)
                return False
            return True

    async def close(self) -> None:
        """Close the SSH connection. Idempotent."""
        await self._link.close()

    def _path(self, native: Native, key: str) -> str:
        return posixpath.join(self._sortie.dossier, file_name(native, key))

    @asynccontextmanager
    async def _session(self, deadline: float) -> AsyncIterator[SFTPClient]:
        async with self._slots.one(deadline), self._link.session(deadline) as client:
            yield client


def file_name(native: Native, key: str) -> str:
    """Return the name of a delivery's file on the server: its own name, else a name made of `key`. Unsafe
    characters are replaced by `_`; dots at the beginning are removed."""
    name = native.filename or key + suffix_of(native.media_type)
    return _UNSAFE.sub("_", name).lstrip(".") or "_"


def _part_of(path: str, key: str) -> str:
    return f"{path}.{hashlib.sha256(key.encode()).hexdigest()[:12]}.part"


async def _drop(client: SFTPClient, body: bytes, path: str, part: str, deadline: float) -> None:
    try:
        await _put(client, body, path, part, deadline)
    except (NameTaken, asyncssh.SFTPError, TimeoutError):
        await _remove(client, part)
        raise


async def _put(client: SFTPClient, body: bytes, path: str, part: str, deadline: float) -> None:
    async with asyncio.timeout_at(deadline):
        if await _is_there(client, path, body):
            return await _remove(client, part)
        await write(client, part, body)
    try:
        async with asyncio.timeout_at(deadline):
            await client.rename(part, path)
    except LOST as exc:
        raise OutcomeUnknown("La connexion SFTP s'est rompue pendant le dépôt du fichier") from exc
    except NAME_IN_USE:
        async with asyncio.timeout_at(deadline):
            if not await _is_there(client, path, body):
                raise
            await _remove(client, part)


async def _remove(client: SFTPClient, part: str) -> None:
    with suppress(asyncssh.Error, OSError):
        async with asyncio.timeout(REMOVAL_SECONDS):
            await client.remove(part)


async def _is_there(client: SFTPClient, path: str, body: bytes) -> bool:
    try:
        same = await holds(client, path, body)
    except GONE:
        return False
    if not same:
        raise NameTaken("Un fichier du même nom et d'un autre contenu est déjà dans le dossier du partenaire")
    return True
