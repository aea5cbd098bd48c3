"""Reading, writing and comparing whole remote files."""

from contextlib import suppress
from typing import cast

import asyncssh
from asyncssh import SFTPClient

CHUNK_BYTES = 1024 * 1024


async def write(client: SFTPClient, path: str, body: bytes) -> None:
    """Write a file from its beginning, and to the server's disk where the server can promise that."""
    async with client.open(path, "wb") as file:
        await file.write(body)
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()


async def read(client: SFTPClient, path: str, limit_bytes: int) -> bytes:
    """The whole file, or its first `limit_bytes`."""
    async with client.open(path, "rb") as file:
        return cast(bytes, await file.read(limit_bytes))


async def holds(client: SFTPClient, path: str, body: bytes) -> bool:
    """Whether a file's content is exactly this, compared piece by piece."""
    async with client.open(path, "rb") as file:
        for start in range(0, len(body), CHUNK_BYTES):
            if cast(bytes, await file.read(CHUNK_BYTES)) != body[start : start + CHUNK_BYTES]:
                return False
        return not await file.read(1)
