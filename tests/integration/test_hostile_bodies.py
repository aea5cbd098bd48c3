"""Bodies made to cost are refused for what is wrong with them, long before they cost anything."""

from itertools import islice

import pytest

from contracts.ports import Native
from ops.unsealing import showing as unsealing
from router.intake.decoders import Decoders, TooCostly, _Reader
from router.intake.decoding import INLINE_BYTES, TOO_COSTLY, DecodedMessage, Incoming, read_small
from tests.golden.cas import partenaire
from tests.hostile.bodies import Hostile, large, small
from tests.hostile.parsers import PARSERS, survived

SYNC_ROWS = 1000
APART_BYTES = 2**18
"""More than any body that is read at once. Were its bytes only moved once for each of them, reading it would already
take longer than it may."""
CPU_SECONDS_AT_ONCE = 2.0
"""Some hundred times what the worst of them takes, also where a new process makes its body first and shares its core: a
process that needs more is killed."""


def message(hostile: Hostile) -> Incoming:
    native = Native(hostile.body, "application/octet-stream")
    return Incoming(native, partenaire(hostile.dialect, {}), hostile.dialect)


async def test_a_small_body_is_cheap_whatever_it_is() -> None:
    reader, settled = _Reader(), dict[str, DecodedMessage | None]()
    for hostile in small():
        assert len(hostile.body) <= INLINE_BYTES
        settled[str(hostile)] = await reader.run(CPU_SECONDS_AT_ONCE, read_small, message(hostile))
    await reader.close()
    assert [name for name, reading in settled.items() if reading and not is_sound(reading)] == []


async def test_what_comes_back_is_cheap_to_read_whatever_it_says() -> None:
    reader, costly = _Reader(), set[str]()
    for index, parser in enumerate(PARSERS):
        try:
            for number, _ in enumerate(parser.worst(0)):
                await reader.run(CPU_SECONDS_AT_ONCE, read_worst, index, number)
        except TooCostly:
            costly.add(parser.name)
    await reader.close()
    assert costly == set()


def read_worst(parser: int, number: int) -> None:
    """Read the worst of a parser's bound, by its number: in the process that is killed where that takes too long."""
    worst = PARSERS[parser].worst(PARSERS[parser].bound_bytes)
    survived(PARSERS[parser], *next(islice(worst, number, None)))


async def test_a_body_that_is_not_small_is_masked_by_a_process_that_is_given_up_when_it_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoders, body = Decoders(), b"[" + b"[1]," * INLINE_BYTES + b"2]"
    assert (await unsealing.masked_apart(decoders, "cli:essai", body)).startswith("[")
    monkeypatch.setattr(unsealing, "seconds_to_mask", lambda _: 0.001)
    longer = b"[" + b"[1]," * 16 * INLINE_BYTES + b"2]"
    assert await unsealing.masked_apart(decoders, "cli:essai", longer) == unsealing.TOO_COSTLY
    await decoders.close()


async def test_a_large_body_is_refused_for_what_is_wrong_with_it() -> None:
    decoders, settled = Decoders(), dict[str, DecodedMessage]()
    for hostile in large(APART_BYTES):
        settled[str(hostile)] = await decoders.read(message(hostile), SYNC_ROWS)
    await decoders.close()
    assert [name for name, reading in settled.items() if not is_sound(reading)] == []


def is_sound(reading: DecodedMessage) -> bool:
    """Whether the body was refused for its own faults, or has more rows than are read at once."""
    judged = bool(reading.rejets) or reading.rows > SYNC_ROWS
    return judged and reading.bug is None and TOO_COSTLY not in reading.rejets
