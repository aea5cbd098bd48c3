"""Read, write and compare whole remote files over SFTP, many blocks at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import asyncssh
from asyncssh import SFTPClient, SFTPClientFile

BLOCK_BYTES = 16 * 1024
"""Size of one SFTP request, which every server accepts."""

PIECE_BYTES = 64 * BLOCK_BYTES
"""Number of bytes of a file that are requested together."""

GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
"""SFTP errors for a missing file, or a missing folder on its path."""

NAME_IN_USE = (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists)
"""SFTP errors for a file name that is already in use. One of them is the general failure: SFTP version 3 has
no special error for this."""


Advanced = Callable[[], object]
"""Function called after each piece of a file. With it, the caller limits the time for each piece."""


def _ignored() -> None:
    """Do nothing. This function is the default for `advanced`, which the functions of this module call after
    each piece of a file."""


async def write(client: SFTPClient, path: str, body: bytes, advanced: Advanced = _ignored) -> None:
    """Write a remote file, in place of what it contained, and ask the server to put it on disk. `advanced` is
    called after each piece that was written."""
    async with _opened(client, path, "wb") as file:
        for start in range(0, len(body), PIECE_BYTES):
            piece = range(start, min(start + PIECE_BYTES, len(body)), BLOCK_BYTES)
            await asyncio.gather(*(file.write(body[at : at + BLOCK_BYTES], at) for at in piece))
            advanced()
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


async def read(client: SFTPClient, path: str, limit_bytes: int, advanced: Advanced = _ignored) -> bytes:
    """Return the content of a remote file, at most its first `limit_bytes`. `advanced` is called after each
    piece that was read."""
    pieces = []
    async with _opened(client, path, "rb") as file:
        for start in range(0, limit_bytes, PIECE_BYTES):
            pieces.append(await _piece(file, start, limit_bytes))
            advanced()
    return b"".join(pieces)


async def holds(client: SFTPClient, path: str, body: bytes) -> bool:
    """Tell whether a remote file has exactly the content `body`."""
    return await _reads_as(client, path, body, len(body) + 1, _ignored)


async def begins_with(client: SFTPClient, path: str, body: bytes, advanced: Advanced = _ignored) -> bool:
    """Tell whether a remote file begins with `body`. No more of the file is read. `advanced` is called after
    each piece that was read."""
    return await _reads_as(client, path, body, len(body), advanced)


async def in_folder(client: SFTPClient, folder: str, act: Callable[[], Awaitable[None]]) -> None:
    """Call `act`, which writes into a folder. If the folder is missing, make it and call `act` again."""
    try:
        await act()
    except GONE:
        await client.makedirs(folder, exist_ok=True)
        await act()


async def _reads_as(client: SFTPClient, path: str, body: bytes, end: int, advanced: Advanced) -> bool:
    async with _opened(client, path, "rb") as file:
        for start in range(0, end, PIECE_BYTES):
            if await _piece(file, start, end) != body[start : start + PIECE_BYTES]:
                return False
            advanced()
        return True


async def _piece(file: SFTPClientFile, start: int, end: int) -> bytes:
    end = min(start + PIECE_BYTES, end)
    blocks = (_block(file, at, min(at + BLOCK_BYTES, end)) for at in range(start, end, BLOCK_BYTES))
    return b"".join(await asyncio.gather(*blocks))


async def _block(file: SFTPClientFile, start: int, end: int) -> bytes:
    block = b""
    while missing := end - start - len(block):
        got = cast(bytes, await file.read(missing, start + len(block)))
        if not got:
            break
        block += got
    return block


@asynccontextmanager
async def _opened(client: SFTPClient, path: str, mode: str) -> AsyncIterator[SFTPClientFile]:
    """Open a remote file for the time of an `async with` block. After a time-out, the file is not closed,
    because a silent server would not answer."""
    file = await client.open(path, mode, block_size=None)
    try:
        yield file
    except asyncssh.SFTPError:
        await file.close()
        raise
    else:
        await file.close()
