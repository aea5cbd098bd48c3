"""Keep an SSH connection to a partner's SFTP server open. The server must have the host key that the registry
entry gives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncssh
from asyncssh import SFTPClient, SSHClientConnection

from connectors.secrets import read_secret
from connectors.sftp.tunnel import Tunnel
from contracts.errors import HubError, Misconfigured, PartnerUnavailable
from contracts.sftp import ServeurSftp

KEEPALIVE_SECONDS = 5.0
KEEPALIVES_MISSED = 2
ABORT_GRACE_SECONDS = 1.0
REPLY_MAX_BYTES = 128 * 1024
"""Size of the largest reply that is read from an SFTP server: twice that of OpenSSH's longest list of files.
A longer reply ends the connection."""
asyncssh.sftp.MAX_SFTP_PACKET_LEN = REPLY_MAX_BYTES
# asyncssh would accept 4 MiB: 300,000 names, which it parses in one go, blocking the event loop for seconds.

LOST = (
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    asyncssh.SFTPBadMessage,
    asyncssh.DisconnectError,
    OSError,
)
"""Errors of a lost or silent connection. The server may have executed the last request."""

_IDENTITY = (
    asyncssh.PermissionDenied,
    asyncssh.HostKeyNotVerifiable,
    asyncssh.KeyExchangeFailed,
    asyncssh.IllegalUserName,
    asyncssh.ProtocolNotSupported,
)
_FORBIDDEN = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)
_MISSING = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)


@dataclass(slots=True)
class _Opened:
    connection: SSHClientConnection
    client: SFTPClient
    users: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """SFTP client lent for one piece of work, with the function by which the borrower reports progress. The
    work is cut off if no progress is reported for too long."""

    client: SFTPClient
    advanced: Callable[[], None]
    """Function to call after each piece of work. It starts the time limit again."""


class _LastResort:
    """Timer that aborts a connection after a deadline, because asyncssh may wait for ever for a silent
    server."""

    def __init__(self, connection: SSHClientConnection, deadline: float) -> None:
        self._connection = connection
        self._handle: asyncio.TimerHandle | None = None
        self.move_to(deadline)

    def move_to(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        self.cancel()
        self._handle = loop.call_at(deadline + ABORT_GRACE_SECONDS, self._connection.abort)

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


class SftpLink:
    """SSH connection shared by all operations of one source or sink."""

    def __init__(self, server: ServeurSftp) -> None:
        self._server = server
        self._current: _Opened | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def session(self, deadline: float) -> AsyncIterator[SFTPClient]:
        """Lend an open SFTP client. The caller must have finished by `deadline`, a time of the event loop's
        clock: one second later, the connection is aborted. Errors of asyncssh and of the socket are raised as a
        HubError."""
        async with self._used(deadline) as (client, _):
            yield client

    @asynccontextmanager
    async def steady(self, first_s: float, piece_s: float) -> AsyncIterator[Step]:
        """Lend a `Step`: an open SFTP client, with a function `advanced` by which the borrower reports
        progress. The borrower must call `advanced` for the first time within `first_s` seconds, then at least
        every `piece_s` seconds.

        Raises PartnerUnavailable if progress takes longer. Errors of asyncssh and of the socket are raised as a
        HubError.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + first_s
        async with self._used(deadline) as (client, last_resort), asyncio.timeout_at(deadline) as wait:

            def advanced() -> None:
                later = max(wait.when() or 0.0, now() + piece_s)
                wait.reschedule(later)
                last_resort.move_to(later)

            yield Step(client, advanced)

    @asynccontextmanager
    async def _used(self, deadline: float) -> AsyncIterator[tuple[SFTPClient, _LastResort]]:
        opened = last_resort = None
        try:
            async with asyncio.timeout_at(deadline):
                opened = await self._opened()
            opened.users += 1
            last_resort = _LastResort(opened.connection, deadline)
            yield opened.client, last_resort
        except (asyncssh.Error, OSError) as exc:
            if isinstance(exc, LOST) and self._current is opened:
                self._current = None
            raise hub_error(exc) from exc
        finally:
            if last_resort is not None:
                last_resort.cancel()
            if opened is not None:
                opened.users -= 1
                self._close_if_unused(opened)

    async def close(self) -> None:
        """Close the SSH connection. Idempotent."""
        opened, self._current = self._current, None
        if opened is not None:
            opened.connection.close()
            await opened.connection.wait_closed()

    def _close_if_unused(self, opened: _Opened) -> None:
        if opened is not self._current and not opened.users:
            opened.connection.close()

    async def _opened(self) -> _Opened:
        async with self._opening:
            if self._current is None or self._current.connection.is_closed():
                connection = await self._connect()
                try:
                    client = await connection.start_sftp_client(path_errors="surrogateescape")
                    self._current = _Opened(connection, client)
                except BaseException:
                    connection.close()
                    raise
            return self._current

    async def _connect(self) -> SSHClientConnection:
        server = self._server
        ours, theirs = _private_key(server), _host_key(server)
        try:
            return await asyncssh.connect(
                server.hote,
                server.port,
                tunnel=Tunnel(),
                username=server.utilisateur,
                client_keys=[ours],
                known_hosts=([theirs], [], []),
                preferred_auth="publickey",
                compression_algs=["none"],  # a compressed packet of 128 KiB could unpack to 128 MiB
                agent_path=None,
                config=None,
                keepalive_interval=KEEPALIVE_SECONDS,
                keepalive_count_max=KEEPALIVES_MISSED,
            )
        except (ValueError, OverflowError) as exc:  # a host or a port that no resolver accepts
            raise Misconfigured("L'hôte, le port ou le compte SFTP du partenaire est impossible") from exc


def hub_error(exc: Exception) -> HubError:
    """Return the hub's error for an error of asyncssh or of the socket. The text of the hub's error names no
    file."""
    if isinstance(exc, _IDENTITY):
        return Misconfigured("Le serveur SFTP et le hub ne se reconnaissent pas (clé d'hôte, clé ou compte)")
    if isinstance(exc, _FORBIDDEN):
        return Misconfigured("Le compte du hub n'a pas les droits nécessaires sur le serveur SFTP")
    if isinstance(exc, _MISSING):
        return Misconfigured("Le dossier convenu n'existe pas sur le serveur SFTP")
    if isinstance(exc, asyncssh.SFTPBadMessage):
        return PartnerUnavailable("Le serveur SFTP répond par un message illisible ou trop long")
    if isinstance(exc, LOST):
        return PartnerUnavailable("Le serveur SFTP est injoignable")
    return PartnerUnavailable("Le serveur SFTP a signalé une erreur, peut-être un disque plein")


def _private_key(server: ServeurSftp) -> asyncssh.SSHKey:
    text = read_secret(server.cle_privee)
    with suppress(asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        return asyncssh.import_private_key(text)
    raise Misconfigured("La clé privée SFTP du hub est illisible (attendue : OpenSSH, sans phrase de passe)")


def _host_key(server: ServeurSftp) -> asyncssh.SSHKey:
    with suppress(asyncssh.KeyImportError):
        return asyncssh.import_public_key(server.cle_hote)
    raise Misconfigured("La clé d'hôte SFTP du partenaire est illisible (attendue : « ssh-ed25519 AAAA… »)")
