"""The regular count of losses keeps its beat."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contracts.errors import BusUnavailable
from ops.running import scheduler
from ops.running.scheduler import TICK_SECONDS, Scheduler
from router.domain.vitals import COUNTED_EVERY

SWEPT_SECONDS = 3.0
"""What the first round takes before it counts, with the most to delete."""


@pytest.mark.parametrize("fails", [False, True])
async def test_losses_are_counted_at_each_beat_and_a_count_that_fails_is_not_repeated_before(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    now = 0.0
    counted: list[float] = []

    async def recount(_: object) -> int:
        counted.append(now)
        if fails:
            raise BusUnavailable("la base ne répond pas à temps")
        return 0

    monkeypatch.setattr(scheduler, "recount", recount)
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(monotonic=lambda: now))
    nobody = cast("Any", None)
    works = Scheduler(nobody, nobody, nobody)
    for tick in range(16):
        now = tick * TICK_SECONDS + (0 if tick else SWEPT_SECONDS)
        await works._count_in_turn()
    gaps = [after - before for before, after in pairwise(counted)]
    assert len(gaps) == 3
    assert all(abs(gap - COUNTED_EVERY.total_seconds()) <= SWEPT_SECONDS for gap in gaps), gaps
