"""Lanes that a batch claims for the dispatcher of its process."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from router.applying.leaving import Leaving
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim

PROCESS, PLACE = uuid4(), uuid4()


class Dispatcher:
    """A dispatcher that has room for one partner."""

    process = PROCESS
    leases: Mapping[str, float] = {"siao-01": 30.0}

    def __init__(self) -> None:
        self.asked: Mapping[str, int] = {}
        self.sent: list[Mapping[LaneClaim, Sequence[Any]]] = []

    def reserve(self, lanes: Mapping[str, int]) -> "Dispatcher":
        self.asked = dict(lanes)
        return self

    def send(self, claims: Mapping[LaneClaim, Sequence[Any]], claimed_at: float) -> None:
        self.sent.append(claims)


def owed(partner: str, subject: UUID = PLACE, *, bulk: bool = False) -> Owed:
    return Owed(uuid4(), partner, subject, uuid4(), None, None, bulk)


CLAIMS: dict[LaneClaim, list[Any]] = {LaneClaim("siao-01", PLACE, 1, 0): [object()]}


async def failing(dispatcher: Dispatcher) -> None:
    """A batch that has claimed its lanes, and whose transaction fails."""
    async with Leaving(dispatcher) as leaving:
        leaving.reserve([owed("siao-01")])
        leaving.claims = CLAIMS
        raise RuntimeError


async def test_each_lane_is_reserved_once_and_none_of_a_partner_that_is_owed_bulk() -> None:
    dispatcher = Dispatcher()
    async with Leaving(dispatcher) as leaving:
        leases = leaving.reserve(
            [
                owed("siao-01"),
                owed("siao-01"),
                owed("siao-01", uuid4()),
                owed("centre"),
                owed("centre", bulk=True),
            ]
        )
    assert dispatcher.asked == {"siao-01": 2}
    assert (leaving.process, leases) == (PROCESS, {"siao-01": 30.0})


async def test_lanes_leave_once_the_transaction_is_committed() -> None:
    dispatcher = Dispatcher()
    async with Leaving(dispatcher) as leaving:
        leaving.reserve([owed("siao-01")])
        leaving.claims = CLAIMS
        assert dispatcher.sent == []
    assert dispatcher.sent == [CLAIMS]


async def test_what_was_reserved_for_a_transaction_that_fails_is_given_back() -> None:
    dispatcher = Dispatcher()
    with pytest.raises(RuntimeError):
        await failing(dispatcher)
    assert dispatcher.sent == [{}]


async def test_a_process_without_a_dispatcher_reserves_nothing() -> None:
    async with Leaving(None) as leaving:
        assert leaving.reserve([owed("siao-01")]) == {}
