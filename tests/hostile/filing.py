"""A hostile SFTP server of a partner: its names, listings, sizes and blocks are made to be expensive, and no file
is what it claims."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh import SFTPAttrs, SFTPName, SFTPServer

from simulation.sftp_server import CLIENT_KEY, HOST_KEY

NAMES_OF_AN_ANSWER = 5000
"""Number of names in one answer: as many as the hub accepts, where an honest server sends 128."""
NAMES = (
    b"a.csv",
    b"\xff\xfe.csv",
    b"..",
    b"../../etc/passwd",
    b"a/b.csv",
    b"\0.csv",
    b"=cmd|' /C calc'!A0.csv",
    b"\x1b[2J\r\n.csv",
    b"a" * 255,
    b"\xe2\x80\xae.csv" * 20,
    b"a.PART.csv",
)
SIZES = (0, 1, 3000, 40_000, 5 * 2**20, 2**40, 2**64 - 1)
DATES = (0, 1, 1_790_000_000, 2**32 - 1)
LENGTHS = (1, 20, 20, 20, 5000, 150_000)
"""Possible numbers of names in a listing. The hub gives up after a hundred thousand."""
SILENCE_SECONDS = 5.0
Noisy = Callable[[], bool]


def listed(drawn: random.Random) -> Iterator[SFTPName]:
    """Yield the entries of one folder's listing, at random."""
    for number in range(drawn.choice(LENGTHS)):
        name = b"%d-%b" % (number, drawn.choice(NAMES)) if drawn.random() < 0.9 else drawn.choice(NAMES)
        yield SFTPName(name, b"", attributes(drawn))


def attributes(drawn: random.Random) -> SFTPAttrs:
    """Return random attributes of a file: size, date, and sometimes a thousand extended ones."""
    more = [(b"a", b"b")] * 1000 if drawn.random() < 0.0005 else []
    kind, permissions = asyncssh.FILEXFER_TYPE_REGULAR, 0o100644
    dates = {"atime": 0, "mtime": drawn.choice(DATES)}
    return SFTPAttrs(type=kind, size=drawn.choice(SIZES), permissions=permissions, extended=more, **dates)


class _Liar(SFTPServer):
    """One session of the hostile SFTP server. It has no disk: every answer is random."""

    def __init__(
        self,
        channel: Any,
        drawn: random.Random,
        noisy: Noisy,
        asked: Callable[[], None],
        dropped: Callable[[], None],
    ) -> None:
        super().__init__(channel)
        self._drawn, self._noisy, self._asked, self._dropped = drawn, noisy, asked, dropped

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """Yield the names of a listing; none while there is no noise."""
        if not self._noisy():
            return
        self._asked()
        for number, name in enumerate(listed(self._drawn)):
            if number % 1000 == 0:
                await asyncio.sleep(0)
            yield name

    async def stat(self, path: bytes) -> Any:
        """Return random attributes, other ones each time."""
        return self._some(attributes(self._drawn))

    lstat = stat

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """Return a random kind of file, whatever its name is."""
        if pflags & asyncssh.FXF_WRITE and self._noisy():
            self._dropped()
        return self._some(self._drawn.choice((self._full, self._drop, self._silent, self._rows)))

    async def read(self, file: Any, offset: int, size: int) -> Any:
        """Return a block of the file: full, one byte, or nothing."""
        return await file(size)

    async def _full(self, size: int) -> bytes:
        return b"[" * size

    async def _rows(self, size: int) -> bytes:
        return (b'"a";"b";' * (size // 8 + 1))[:size]

    async def _drop(self, size: int) -> bytes:
        return b'"'

    async def _silent(self, size: int) -> bytes:
        await asyncio.sleep(SILENCE_SECONDS)
        return b""

    def write(self, file: object, offset: int, data: bytes) -> Any:
        """Pretend to write the data."""
        return self._some(len(data))

    def close(self, file: object) -> None:
        """Do nothing: there is no file to close."""

    def fsync(self, file: object) -> None:
        """Do nothing: there is no disk."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Pretend to rename the file."""
        self._some(None)

    posix_rename = rename

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Pretend to make the folder."""
        self._some(None)

    def remove(self, path: bytes) -> None:
        """Pretend to remove the file."""
        self._some(None)

    def _some(self, answer: Any) -> Any:
        """Return this answer, or raise an SFTP error with a long text."""
        if self._drawn.random() < 0.2:
            failures = asyncssh.SFTPFailure, asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied
            raise self._drawn.choice(failures)("é" * 20_000)
        return answer


async def serve_files(
    port: int,
    drawn: random.Random,
    folder: Path,
    noisy: Noisy,
    asked: Callable[[], None],
    dropped: Callable[[], None],
) -> asyncssh.SSHAcceptor:
    """Listen on this port, with the keys that `simulation.sftp_server.prepare` has put into the folder.

    From then on every SFTP server of this process sends `NAMES_OF_AN_ANSWER` names at once. `asked` and `dropped`
    are called for each listing and each written file.
    """
    asyncssh.sftp._MAX_READDIR_NAMES = NAMES_OF_AN_ANSWER
    return await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[folder / HOST_KEY],
        authorized_client_keys=str(folder / f"{CLIENT_KEY}.pub"),
        sftp_factory=lambda channel: _Liar(channel, drawn, noisy, asked, dropped),
        allow_scp=False,
    )
