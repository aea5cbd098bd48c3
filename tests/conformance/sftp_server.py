"""A real SFTP server on a socket, over a folder of the test, with generated keys and faults that a test sets."""

import asyncio
import os
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import IO

import asyncssh
from asyncssh import SFTPServer, SSHServer


class FaultySftpServer:
    """An SFTP server that keeps its port when it is stopped and started again. Faults are set by the name of the
    server's method (`open`, `write`, `rename` …). `listed` replaces the listing of every folder."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "partner"
        self.root.mkdir()
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.client_key = asyncssh.generate_private_key("ssh-ed25519")
        self.client_key_path = tmp_path / "hub_key"
        self.client_key_path.write_bytes(self.client_key.export_private_key())
        self.client_key_path.chmod(0o600)
        self.trusting = True
        self.lose_after: str | None = None
        self.failing: dict[str, Exception] = {}
        self.hanging: set[str] = set()
        self.hangs: Callable[[], object] = lambda: None
        """Called at each call that hangs."""
        self.forbidden: set[bytes] = set()
        self.after: dict[str, Callable[[], object]] = {}
        self.calls: list[str] = []
        self.read_at_most_bytes = 1 << 20
        self.stuck: set[bytes] = set()
        """Names of files of which nothing comes."""
        self.fatal: set[bytes] = set()
        """Names of files at whose opening the server ends the connection."""
        self.refuses_after_a_fatal = False
        """Whether the server also refuses the connection that follows such an end."""
        self.refuses_next = False
        self.reads: Callable[[], object] = lambda: None
        """Called at each block of a file."""
        self.listed: list[asyncssh.SFTPName] | None = None
        self.logins = 0
        self.files: list[IO[bytes]] = []
        self._port = 0
        self._listener: asyncssh.SSHAcceptor | None = None
        self._connections: list[asyncssh.SSHServerConnection] = []

    def entry(self) -> dict[str, object]:
        """The fields of a partner's registry entry that tell how to reach this server."""
        return {
            "hote": "127.0.0.1",
            "port": self._port,
            "utilisateur": "hub",
            "cle_privee": f"file:{self.client_key_path}",
            "cle_hote": self.host_key.export_public_key().decode().strip(),
        }

    async def start(self, **more: object) -> None:
        self._listener = await asyncssh.listen(
            "127.0.0.1",
            self._port,
            server_host_keys=[self.host_key],
            server_factory=lambda: _Login(self),
            sftp_factory=lambda channel: _Files(self, channel),
            reuse_address=True,
            allow_scp=False,
            **more,
        )
        self._port = self._listener.get_port()

    async def stop(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.close()
            await self.drop_connections()
            await listener.wait_closed()
            for file in self.files:
                file.close()

    async def drop_connections(self) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.abort()
            await connection.wait_closed()

    def logged_in(self, connection: asyncssh.SSHServerConnection) -> None:
        self.logins += 1
        self._connections.append(connection)
        if self.refuses_next:
            self.refuses_next = False
            connection.abort()

    def names(self, folder: str = ".") -> list[str]:
        return sorted(os.listdir(self.root / folder))


class _Login(SSHServer):
    def __init__(self, server: FaultySftpServer) -> None:
        self._server = server

    def connection_made(self, conn) -> None:
        self._server.logged_in(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = self._server.client_key.convert_to_public()
        return self._server.trusting and username == "hub" and key == known


class _Files(SFTPServer):
    def __init__(self, server: FaultySftpServer, channel) -> None:
        super().__init__(channel, chroot=str(server.root).encode())
        self._server = server

    def _around(self, name: str, *args):
        self._server.calls.append(name)
        if name in self._server.failing:
            raise self._server.failing[name]
        if name in self._server.hanging:
            self._server.hangs()
            return asyncio.get_running_loop().create_future()
        result = getattr(SFTPServer, name)(self, *args)
        if name in self._server.after:
            self._server.after[name]()
        if self._server.lose_after == name:
            self._server.lose_after = None
            self.channel.get_connection().abort()
        return result

    async def scandir(self, path):
        if "scandir" in self._server.hanging:
            self._server.hangs()
            await asyncio.get_running_loop().create_future()
        if self._server.listed is not None:
            for name in self._server.listed:
                yield name
            return
        async for name in super().scandir(path):
            yield name

    def open(self, path, pflags, attrs):
        if posixpath.basename(path) in self._server.forbidden:
            raise asyncssh.SFTPPermissionDenied("no")
        if posixpath.basename(path) in self._server.fatal:
            self._server.refuses_next = self._server.refuses_after_a_fatal
            self.channel.get_connection().abort()
        file = self._around("open", path, pflags, attrs)
        self._server.files.append(file)
        return file

    async def read(self, file_obj, offset, size):
        if posixpath.basename(os.fsencode(file_obj.name)) in self._server.stuck:
            self._server.hangs()
            await asyncio.get_running_loop().create_future()
        self._server.reads()
        result = self._around("read", file_obj, offset, min(size, self._server.read_at_most_bytes))
        return await result if asyncio.isfuture(result) else result

    def write(self, file_obj, offset, data):
        return self._around("write", file_obj, offset, data)

    def fsync(self, file_obj):
        return self._around("fsync", file_obj)

    def stat(self, path):
        return self._around("stat", path)

    def remove(self, path):
        return self._around("remove", path)

    def rename(self, oldpath, newpath):
        return self._around("rename", oldpath, newpath)

    def posix_rename(self, oldpath, newpath):
        return self._around("posix_rename", oldpath, newpath)
