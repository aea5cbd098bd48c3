"""A compressed body is unpacked as it was packed, however it comes, and nobody waits for it."""

import asyncio
import gzip
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answer import Stop
from connectors.byte_budget import Share
from connectors.http_body import MEMBERS, PIECE_BYTES, Limits, _Gunzip, read_body


class Room:
    """Enough for anybody."""

    def grow(self, size: int) -> bool:
        return True


ROOM = cast(Share, Room())
POOR = b"\0" * (PIECE_BYTES + 1)
"""So poor that its compressed form is read whole before all of it is out."""


@given(
    members=st.lists(st.one_of(st.binary(max_size=2000), st.just(POOR)), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 2000), max_size=6),
)
def test_however_it_is_packed_and_cut_it_comes_out_whole(members: list[bytes], cuts: list[int]) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    places = sorted({0, len(packed), *(min(cut, len(packed)) for cut in cuts)})
    unpacker = _Gunzip(2**24)
    pieces = [piece for start, end in pairwise(places) for piece in unpacker.feed(packed[start:end])]
    unpacker.finish()
    assert b"".join(pieces) == b"".join(members)
    assert all(len(piece) <= PIECE_BYTES for piece in pieces)


async def test_others_go_on_while_it_unfolds() -> None:
    bomb, turns, over = gzip.compress(bytes(40 * PIECE_BYTES)), 0, asyncio.Event()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bomb}

    async def somebody_else() -> None:
        nonlocal turns
        while not over.is_set():
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    assert len(await read_body(receive, Limits(), ROOM, gzip=True)) == 40 * PIECE_BYTES
    over.set()
    await other
    assert turns >= 40


def test_a_body_of_countless_empty_members_is_refused() -> None:
    with pytest.raises(Stop) as stopped:
        list(_Gunzip(2**24).feed(gzip.compress(b"") * (MEMBERS + 1)))
    assert stopped.value.answer.status == 400
