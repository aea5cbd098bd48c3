"""A partner's SFTP server, with its keys: the hub is a client that may see the partner's folder and no other."""

import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncssh

from simulation import moods
from simulation.moods import Mood

USER = "hub"
ROOT = "sftp"
HOST_KEY, CLIENT_KEY = "cle_hote", "cle_hub"
DROP, ARCHIVES, REPORTS, DELIVERIES = "depot", "archives", "rapports", "envois"


def prepare(folder: Path) -> None:
    """Make the folders of an SFTP partner, its host key, and the key that it grants to the hub."""
    for name in (f"{DROP}/{ARCHIVES}", f"{DROP}/{REPORTS}", DELIVERIES):
        (folder / ROOT / name).mkdir(parents=True, exist_ok=True)
    for name in (HOST_KEY, CLIENT_KEY):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(folder / name)
        key.write_public_key(folder / f"{name}.pub")
        (folder / name).chmod(0o600)


def host_key(folder: Path) -> str:
    """The server's public key, as in `known_hosts`."""
    return " ".join((folder / f"{HOST_KEY}.pub").read_text().split()[:2])


class FolderServer(asyncssh.SFTPServer):
    """One session. While the mood says that the disk is full, half of what is written fits on it."""

    def __init__(
        self, channel: asyncssh.SSHServerChannel[bytes], root: Path, mood: Path | None = None
    ) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self._mood = mood

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """As a disk does."""
        if moods.sort_of(self._mood) is not Mood.FULL:
            return cast(int, super().write(file_obj, offset, data))
        super().write(file_obj, offset, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@asynccontextmanager
async def sftp_server(folder: Path, port: int, mood: Path | None = None) -> AsyncIterator[None]:
    """Serve the partner's folder until the block ends, as the file `mood` says while there is one."""
    root = folder / ROOT

    def chrooted(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return FolderServer(channel, root, mood)

    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[folder / HOST_KEY],
        authorized_client_keys=str(folder / f"{CLIENT_KEY}.pub"),
        sftp_factory=chrooted,
        allow_scp=False,
    )
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
