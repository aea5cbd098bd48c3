"""A client of Kafka is started and stopped whole, whoever gives up waiting for it."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError

from connectors.unbroken import connected, stopped, unbroken


async def test_a_step_that_is_given_up_ends_first():
    at_work, may_go, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def start() -> None:
        at_work.set()
        await may_go.wait()
        ended.set()

    starting = asyncio.create_task(unbroken(start()))
    await at_work.wait()
    starting.cancel()
    await asyncio.sleep(0)
    may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert ended.is_set()


async def test_what_makes_a_step_fail_is_told():
    async def start() -> None:
        raise KafkaConnectionError("personne")

    with pytest.raises(KafkaConnectionError, match="personne"):
        await unbroken(start())


async def test_a_step_that_aiokafka_cancels_by_itself_is_a_fault_of_the_bus_and_stops_nobody():
    async def start() -> None:
        raise asyncio.CancelledError

    with pytest.raises(KafkaConnectionError):
        await unbroken(start())


async def test_a_stop_that_aiokafka_cancels_by_itself_fails_nobody():
    async def stop() -> None:
        raise asyncio.CancelledError

    await stopped(stop())


@pytest.mark.parametrize("failure", [KafkaConnectionError("personne"), asyncio.CancelledError()])
async def test_a_client_that_does_not_start_is_stopped_all_the_same(failure: BaseException):
    calls: list[str] = []

    async def start() -> None:
        calls.append("start")
        raise failure

    async def stop() -> None:
        calls.append("stop")

    with pytest.raises(KafkaConnectionError):
        async with connected(start, stop):
            calls.append("body")
    assert calls == ["start", "stop"]
