"""Messages that are not small are read by processes that can die: each death costs its sender, and nobody else."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psutil  # type: ignore[import-untyped]  # without stubs
import pytest

from connectors.reading import AT_ONCE_BYTES, AnswerReading
from contracts.errors import OutcomeUnknown
from contracts.partner import Partner
from contracts.ports import Native, Rejet
from router.intake.decoders import MEMORY_BYTES, Decoders, TooCostly, _Reader, _Readers
from router.intake.decoding import TOO_COSTLY, DecodedMessage, Incoming
from tests.integration.waiting import until
from tests.unit.adapters.partenaires import ABRI, STRUCTURE

VACANCY = {"type": "place.vacante", "structure": STRUCTURE, "commune": "01004", "dispositif": "URGENCE"}


def message(rows: int, partner: Partner = ABRI) -> Incoming:
    body = json.dumps([{**VACANCY, "place": f"A-{n}"} for n in range(rows)]).encode()
    return Incoming(Native(body, "application/json"), partner, "hebergement_json")


def burn() -> None:
    while True:
        pass


def fill_memory() -> int:
    return len(bytearray(2 * MEMORY_BYTES))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        die()
    return "lu"


BEGUN, OVER = "commence", "fini"


def read_until_told(message: Incoming, _: int | None, dry_run: bool) -> DecodedMessage:
    folder = Path(message.native.filename or "")
    (folder / BEGUN).touch()
    while not (folder / OVER).exists():
        time.sleep(0.01)
    return DecodedMessage(dry_run)


@pytest.fixture
async def reader() -> AsyncIterator[_Reader]:
    one = _Reader()
    yield one
    await one.close()


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    all_of_them = Decoders()
    yield all_of_them
    await all_of_them.close()


async def test_what_takes_too_much_time_is_given_up_and_its_process_replaced(reader: _Reader) -> None:
    before = await reader.run(5, os.getpid)
    with pytest.raises(TooCostly):
        await reader.run(0.1, burn)
    assert await reader.run(5, os.getpid) != before


async def test_what_takes_too_much_memory_is_given_up(reader: _Reader) -> None:
    with pytest.raises(TooCostly):
        await reader.run(5, fill_memory)
    assert await reader.run(5, os.getpid)


async def test_a_process_that_died_is_tried_once_more(reader: _Reader, tmp_path: Path) -> None:
    assert await reader.run(5, die_once, tmp_path / "mort") == "lu"


async def test_what_kills_its_process_twice_is_set_aside(reader: _Reader) -> None:
    with pytest.raises(TooCostly):
        await reader.run(5, die)


async def test_one_message_of_a_partner_is_read_at_a_time_and_another_partner_does_not_wait_for_it() -> None:
    readers = _Readers(2)
    async with readers.turn("a"):
        second_of_a = asyncio.create_task(readers.turn("a").__aenter__())
        async with readers.turn("b"):
            pass
        assert not second_of_a.done()
    await asyncio.wait_for(second_of_a, 5)


async def test_partners_take_turns_however_much_one_of_them_sends() -> None:
    readers, order = _Readers(1), list[str]()

    async def read(partner: str) -> None:
        async with readers.turn(partner):
            order.append(partner)
            await asyncio.sleep(0)

    await asyncio.gather(*map(read, ("a", "a", "a", "b", "c")))
    assert order == ["a", "b", "c", "a", "a"]


async def test_a_message_that_costs_too_much_is_refused_with_what_to_do(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Incoming, "seconds", lambda *_: 0.01)
    long = message(20_000)
    assert (await decoders.read(long, 20_000)).rejets == [TOO_COSTLY]
    assert (await decoders.try_out(long)).rejets == [TOO_COSTLY]
    assert (await decoders.read_on(UUID(int=1), 0, 20_000, long)).broken == TOO_COSTLY


async def test_a_large_message_is_read_chunk_by_chunk_beside_another_one(decoders: Decoders) -> None:
    one, other = message(5), message(5)
    for done in range(5):
        for ident, long in ((UUID(int=1), one), (UUID(int=2), other)):
            chunk = await decoders.read_on(ident, done, 1, long)
            assert [ligne.numero for ligne in chunk.rows] == [done + 1]


async def test_a_trial_of_one_partner_holds_up_neither_a_large_message_nor_the_rows_to_mend_of_another(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("router.intake.decoders.read", read_until_told)
    tried = message(5, ABRI.model_copy(update={"id": "autre"}))
    trying = asyncio.create_task(
        decoders.try_out(tried._replace(native=Native(b"", "", filename=str(tmp_path))))
    )

    async def has_begun() -> bool:
        return (tmp_path / BEGUN).exists()

    await until(has_begun, "l'essai est en cours")
    table = Incoming(Native(b"a;b\n1;2\n", "text/csv"), ABRI, "hebergement_csv")
    async with asyncio.timeout(30):
        chunk = await decoders.read_on(UUID(int=1), 0, 1, message(5))
        await decoders.to_mend(table, [Rejet("champ_absent", "absent", 2)])
    assert len(chunk.rows) == 1
    assert not trying.done()
    (tmp_path / OVER).touch()
    assert (await trying).dry_run


async def test_the_loop_goes_on_while_a_message_is_read(decoders: Decoders) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    reading = await decoders.read(message(1000), 1000)
    ticking.cancel()
    assert reading.accepted == 1000
    assert ticks > 100


HUB = """
import asyncio, os
from router.intake.decoders import _Reader

async def main():
    reader = _Reader()
    print(await reader.run(5, os.getpid), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_reader_does_not_outlive_a_hub_that_is_killed() -> None:
    hub = await asyncio.create_subprocess_exec(sys.executable, "-c", HUB, stdout=asyncio.subprocess.PIPE)
    assert hub.stdout is not None
    reader = psutil.Process(int(await hub.stdout.readline()))
    family = [reader, *psutil.Process(hub.pid).children(recursive=True)]
    hub.kill()
    await hub.wait()
    await until(lambda: _nobody(family), "ni le lecteur ni ce qui l'a lancé ne restent")


async def _nobody(family: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family)


async def test_an_answer_that_costs_too_much_or_kills_its_reader_leaves_its_delivery_unknown(
    decoders: Decoders,
) -> None:
    for costly in (burn, fill_memory, die):
        with pytest.raises(OutcomeUnknown):
            await decoders.answer("bailleur", 60, costly)
    with pytest.raises(OutcomeUnknown):
        await decoders.answer("bailleur", 0.05, time.sleep, 60)
    assert await decoders.answer("bailleur", 60, sum, [1, 2]) == 3


async def test_a_short_answer_is_read_where_it_is_and_any_other_in_a_process(decoders: Decoders) -> None:
    reading, later = AnswerReading("bailleur", decoders), time.monotonic() + 60
    assert await reading.of(AT_ONCE_BYTES, later, os.getpid) == os.getpid()
    assert await reading.of(AT_ONCE_BYTES + 1, later, os.getpid) != os.getpid()
