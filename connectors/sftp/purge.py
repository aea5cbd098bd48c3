"""Remove the hub's old files on a partner's server: archives, reports and deliveries."""

import asyncio
import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncssh
from asyncssh import SFTPClient

from connectors.sftp.files import GONE
from connectors.sftp.link import SftpLink
from contracts.partner import Partner
from contracts.sftp import EntreeSftp, ServeurSftp, SortieSftp

PURGE_SECONDS = 60.0
"""Time after which the removal in one folder stops. The next call removes the rest."""
_IDENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Folder(NamedTuple):
    """Folder on a partner's server. The hub removes its own files from this folder after `days` days; if
    `days` is 0, it never does."""

    server: ServeurSftp
    path: str
    days: int
    shared: bool
    """Whether the partner may put files into this folder too. If so, the hub removes only files with a UUID
    in their name, the form of its ids."""


def folders_of(partner: Partner) -> Iterator[Folder]:
    """Yield those folders on a partner's SFTP server into which the hub writes files. Each folder says after
    how many days the hub removes these files (`days`). If `days` is 0, the hub never does: the partner
    removes them."""
    entree, sortie = partner.entree, partner.sortie
    if isinstance(entree, EntreeSftp):
        for name in (entree.archives, entree.rapports):
            path = posixpath.normpath(posixpath.join(entree.dossier, name))
            yield Folder(entree, path, entree.purge_jours, shared=False)
    if isinstance(sortie, SortieSftp):
        yield Folder(sortie, posixpath.normpath(sortie.dossier), sortie.purge_jours, shared=True)


async def purge(folder: Folder, now: datetime) -> int:
    """Remove from the folder the files that the hub put there, if they are dated more than `folder.days` days
    before `now`. Return their number. Nothing is removed if `folder.days` is 0. Raises PartnerUnavailable if
    the server does not answer, or not all files are removed within `PURGE_SECONDS`; Misconfigured if the
    server refuses the hub."""
    if not folder.days:
        return 0
    link = SftpLink(folder.server)
    deadline = asyncio.get_running_loop().time() + PURGE_SECONDS
    try:
        async with link.session(deadline) as client, asyncio.timeout_at(deadline):
            return await _purge(client, folder, (now - timedelta(days=folder.days)).timestamp())
    finally:
        await link.close()


async def _purge(client: SFTPClient, folder: Folder, before: float) -> int:
    removed = 0
    with suppress(*GONE):
        async for entry in client.scandir(folder.path):
            if _is_old(entry.attrs, before) and _may_go(str(entry.filename), folder):
                with suppress(*GONE):
                    await client.remove(posixpath.join(folder.path, str(entry.filename)))
                    removed += 1
    return removed


def _is_old(attrs: asyncssh.SFTPAttrs, before: float) -> bool:
    is_file = attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
    return is_file and attrs.mtime is not None and 0 < attrs.mtime < before


def _may_go(name: str, folder: Folder) -> bool:
    return not folder.shared or _IDENT.search(name) is not None
