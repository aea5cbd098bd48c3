"""The SFTP server of a simulated partner, with its keys. The hub sees the partner's folder only."""

import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncssh

from simulation.moods import Mood, Temper

USER = "hub"
ROOT = "sftp"
HOST_KEY, CLIENT_KEY = "cle_hote", "cle_hub"
DROP, ARCHIVES, REPORTS, DELIVERIES = "depot", "archives", "rapports", "envois"


def prepare(folder: Path) -> None:
    """Make an SFTP partner's folders, the server's key, and the hub's key for the login."""
    for name in (f"{DROP}/{ARCHIVES}", f"{DROP}/{REPORTS}", DELIVERIES):
        (folder / ROOT / name).mkdir(parents=True, exist_ok=True)
    for name in (HOST_KEY, CLIENT_KEY):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(folder / name)
        key.write_public_key(folder / f"{name}.pub")
        (folder / name).chmod(0o600)


def host_key(folder: Path) -> str:
    """Return the server's public key, in the form of `known_hosts`."""
    return " ".join((folder / f"{HOST_KEY}.pub").read_text().split()[:2])


class FolderServer(asyncssh.SFTPServer):
    """SFTP session of a partner, with the faults that its mood sets."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], root: Path, temper: Temper) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self._temper = temper

    def map_path(self, path: bytes) -> bytes:
        """Map a path below the partner's folder. In the mood CLOSED, end the session."""
        if self._temper.sort is Mood.CLOSED:
            self._hang_up()
        return super().map_path(path)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write the data; in the mood FULL, write half and raise OSError (ENOSPC)."""
        if self._temper.sort is not Mood.FULL:
            return cast(int, super().write(file_obj, offset, data))
        super().write(file_obj, offset, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename the file; in the mood CUT, then cut the connection."""
        super().rename(oldpath, newpath)
        felt = self._temper.at("rename")
        if felt is not None and felt[0] is Mood.CUT:
            self._hang_up()

    def _hang_up(self) -> None:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("raccroché")


class _Doorkeeper(asyncssh.SSHServer):
    """SSH server that refuses connections in the mood CLOSED."""

    def __init__(self, temper: Temper) -> None:
        self._temper = temper

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        """Abort a new connection before any login, in the mood CLOSED."""
        if self._temper.sort is Mood.CLOSED:
            connection.abort()


@asynccontextmanager
async def sftp_server(folder: Path, port: int, temper: Temper | None = None) -> AsyncIterator[None]:
    """Serve the partner's folder by SFTP until the block ends."""
    root, mood = folder / ROOT, temper or Temper(None, "")

    def chrooted(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return FolderServer(channel, root, mood)

    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=lambda: _Doorkeeper(mood),
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
