"""A partner's SFTP server, with its keys: the hub is a client that may see the partner's folder and no other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

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


@asynccontextmanager
async def sftp_server(folder: Path, port: int) -> AsyncIterator[None]:
    """Serve the partner's folder until the block ends."""
    root = folder / ROOT

    def chrooted(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(root).encode())

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
