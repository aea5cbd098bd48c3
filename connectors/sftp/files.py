"""Reading, writing and comparing whole remote files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import asyncssh
from asyncssh import SFTPClient, SFTPClientFile

CHUNK_BYTES = 1024 * 1024


async def write(client: SFTPClient, path: str, body: bytes) -> None:
    """Write a file from its beginning, and to the server's disk where the server can promise that."""
    async with _opened(client, path, "wb") as file:
        await file.write(body)
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


async def read(client: SFTPClient, path: str, limit_bytes: int) -> bytes:
    """The whole file, or its first `limit_bytes`."""
    async with _opened(client, path, "rb") as file:
        return await _next(file, limit_bytes)


async def holds(client: SFTPClient, path: str, body: bytes) -> bool:
    """Whether a file's content is exactly this, compared piece by piece."""
    async with _opened(client, path, "rb") as file:
        for start in range(0, len(body) + 1, CHUNK_BYTES):
            if await _next(file, CHUNK_BYTES) != body[start : start + CHUNK_BYTES]:
                return False
        return True


async def _next(file: SFTPClientFile, limit_bytes: int) -> bytes:
    return cast(bytes, await file.read(limit_bytes))  # asyncssh types text and bytes alike


@asynccontextmanager
async def _opened(client: SFTPClient, path: str, mode: str) -> "AsyncIterator[SFTPClientFile]":
    """Unlike asyncssh's own, never waits for a silent server to close the file after a timeout."""
    file = await client.open(path, mode, encoding=None)
    try:
        yield file
    except asyncssh.SFTPError:
        await file.close()
        raise
    else:
        await file.close()
