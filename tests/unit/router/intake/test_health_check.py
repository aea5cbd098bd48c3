"""A check of the database or the bus costs one question a second, whoever asks and however often."""

import asyncio

from router.intake.health_check import REUSED_SECONDS, HealthCheck


class Part:
    """Something that answers or does not, and counts who asks it."""

    def __init__(self) -> None:
        self.answers, self.asked = True, 0

    async def __call__(self) -> bool:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answers


async def test_a_thousand_who_ask_at_once_are_one_question():
    part = Part()
    check = HealthCheck(part, lambda: 0.0)
    assert all(await asyncio.gather(*(check() for _ in range(1000))))
    assert part.asked == 1


async def test_an_answer_is_never_older_than_a_second():
    part, now = Part(), [0.0]
    check = HealthCheck(part, lambda: now[0])
    assert await check()
    part.answers = False
    now[0] = REUSED_SECONDS / 2
    assert await check()
    now[0] = REUSED_SECONDS
    assert not await check()
    assert part.asked == 2
