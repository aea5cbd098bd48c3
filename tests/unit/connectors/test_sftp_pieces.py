"""A server's first bytes reach asyncssh in small pieces, so that other work goes on between them."""

import asyncio

import asyncssh
import pytest

from connectors.sftp.pieces import PIECE_BYTES, InPieces

SHORTEST = b"\0\0\0\x0c\x06\x02" + bytes(10)
"""The shortest packet of SSH, to be ignored."""


async def test_other_work_goes_on_between_any_two_pieces_of_what_an_ssh_server_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = b"SSH-2.0-x\r\n" + SHORTEST * 20_000
    turns, pieces = 0, list[tuple[int, int]]()
    original = asyncssh.SSHClientConnection.data_received

    def data_received(self: asyncssh.SSHClientConnection, data: bytes, datatype: int | None = None) -> None:
        pieces.append((turns, len(data)))
        original(self, data, datatype)

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.write_eof()
        await reader.read()
        writer.close()

    async def work() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    monkeypatch.setattr(asyncssh.SSHClientConnection, "data_received", data_received)
    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        working = asyncio.create_task(work())
        with pytest.raises(asyncssh.Error):
            await asyncssh.connect(*server.sockets[0].getsockname(), config=None, tunnel=InPieces())
        working.cancel()
    assert sum(size for _, size in pieces) == len(said)
    assert max(size for _, size in pieces) <= PIECE_BYTES
    assert len({turn for turn, _ in pieces}) == len(pieces)
