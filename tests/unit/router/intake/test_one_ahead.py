"""While one item is used the next is made, and nothing that is being made is broken off."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from router.intake.bulk import one_ahead


async def test_the_next_item_is_made_while_one_is_used_and_none_after_it() -> None:
    made: list[int] = []

    async def source() -> AsyncGenerator[int, None]:
        for number in range(1, 5):
            made.append(number)
            yield number

    seen = []
    async with aclosing(one_ahead(source())) as items:
        async for item in items:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append((item, made[-1]))
    assert seen == [(1, 2), (2, 3), (3, 4), (4, 4)]


async def test_what_goes_wrong_in_making_an_item_comes_in_its_place() -> None:
    async def source() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("le deuxième")

    items = one_ahead(source())
    assert await anext(items) == 1
    with pytest.raises(ValueError, match="le deuxième"):
        await anext(items)


async def test_who_leaves_early_waits_for_what_is_being_made_and_closes_its_source() -> None:
    made, closed = [], []

    async def source() -> AsyncGenerator[int, None]:
        try:
            for number in range(1, 5):
                await asyncio.sleep(0)
                made.append(number)
                yield number
        finally:
            closed.append(True)

    async with aclosing(one_ahead(source())) as items:
        async for _ in items:
            break
    assert (made, closed) == ([1, 2], [True])
