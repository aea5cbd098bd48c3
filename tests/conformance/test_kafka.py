"""What a partner's own topics ask of us beyond what every transport promises, on a real broker."""

import asyncio
import gc
import json
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.metadata import MetadataRequest

from connectors.kafka import KafkaSink, KafkaSource, bounds, progress, source
from connectors.kafka.binding import native_of
from connectors.kafka.bounds import BATCH_MAX_BYTES
from connectors.kafka.link import partitions
from connectors.kafka.progress import LATE_SECONDS, NOTED_SECONDS, Commits, Progress
from connectors.kafka.topic import UNKNOWN, topic_id
from contracts.errors import PartnerUnavailable, Unpassable
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.ports import IntakeReport, Native

from .kafka_partner import KafkaDropper
from .reports import MESSAGE

REPORT = IntakeReport(MESSAGE, "accepte", 1)


@pytest.fixture
async def topic(own_topic):
    topic = own_topic()
    await topic.create()
    yield topic
    await topic.delete()


@pytest.fixture
async def dropper(topic):
    dropper = KafkaDropper(topic)
    yield dropper
    await dropper.source.close()


async def test_offsets_advance_only_once_all_before_them_is_taken_in(dropper, topic):
    await topic.write(b"un", b"deux", b"trois")
    first, second, third = await dropper.offered()
    await dropper.source.done(third, REPORT)
    await dropper.source.done(first, REPORT)
    assert await topic.committed() == 1
    assert [native.body for native in await dropper.offered()] == [b"deux"]
    await dropper.source.done(second, REPORT)
    assert await topic.committed() == 3


@pytest.mark.parametrize("of", ["source", "sink"])
async def test_whoever_is_cancelled_while_it_connects_leaves_no_connection_open(topic, of):
    rounds, done = 0, False
    while not done:
        source = KafkaSource(EntreeKafka(dialecte="x", **topic.entry))
        sink = KafkaSink(SortieKafka(**topic.entry))
        work = anext(source.fetch()) if of == "source" else sink.send(Native(b"un", "text/plain"), "un")
        connecting = asyncio.ensure_future(work)
        for _ in range(rounds):
            await asyncio.sleep(0)
        done, rounds = connecting.done(), rounds + rounds // 20 + 10
        connecting.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await connecting
        await source.close()
        await sink.close()
    gc.collect()  # a connection left open is a warning, and so an error


async def test_whoever_stops_half_way_is_offered_the_rest_again(dropper, topic):
    await topic.write(b"un", b"deux")
    offers = dropper.source.fetch()
    first = await anext(offers)
    await offers.aclose()
    await dropper.source.done(first, REPORT)
    await topic.write(b"trois")
    assert [native.body for native in await dropper.offered()] == [b"deux", b"trois"]


async def test_the_reading_pauses_behind_an_unsettled_record_and_goes_on_once_it_is_settled(
    dropper, topic, monkeypatch
):
    monkeypatch.setattr(progress, "UNCOMMITTED_MAX", 3)
    await topic.write(b"un", b"deux", b"trois", b"quatre", b"cinq")
    first, *others = await dropper.offered()
    for native in others:
        await dropper.source.done(native, REPORT)
    assert [native.body for native in others] == [b"deux", b"trois"]
    assert await dropper.offered() == [first]
    await dropper.source.done(first, REPORT)
    assert [native.body for native in await dropper.offered()] == [b"quatre", b"cinq"]


async def test_records_of_another_partition_do_not_wait_behind_an_unsettled_one(dropper, topic, monkeypatch):
    monkeypatch.setattr(progress, "UNCOMMITTED_MAX", 2)
    await topic.write(b"un", b"deux", b"trois")
    await topic.write(b"ailleurs", b"et encore", b"et toujours", partition=1)
    offered = [native.body for native in await dropper.offered()]
    assert sorted(offered) == [b"ailleurs", b"deux", b"et encore", b"un"]


async def test_another_process_goes_on_from_what_is_committed_under_the_same_keys(dropper, topic):
    await topic.write(b"un", b"deux")
    await topic.write(b"ailleurs", partition=1)
    first, *rest = sorted(await dropper.offered(), key=lambda native: str(native.cle))
    await dropper.source.done(first, REPORT)
    successor = dropper.new_source()
    offered = [native async for native in successor.fetch()]
    await successor.close()
    assert sorted(offered, key=lambda native: str(native.cle)) == rest


async def test_tables_that_may_lack_the_last_minutes_get_their_records_again_and_the_same_tables_do_not(
    dropper, topic
):
    await topic.write(b"un", b"deux")

    async def taken_in(tables: str) -> list[bytes]:
        source = dropper.new_source(tables=tables)
        natives = [native async for native in source.fetch()]
        for native in natives:
            await source.done(native, REPORT)
        await source.close()
        return [native.body for native in natives]

    assert await taken_in("primaire") == [b"un", b"deux"]
    assert await taken_in("primaire") == []
    assert await taken_in("secours") == [b"un", b"deux"]
    assert await taken_in("secours") == []


async def test_a_topic_that_was_made_anew_is_read_from_its_first_record_and_holds_other_messages(
    dropper, topic
):
    await topic.write(b"un", b"deux", b"trois")
    before = await dropper.offered()
    for native in before:
        await dropper.source.done(native, REPORT)
    await topic.delete()
    await topic.create()
    await topic.write(b"neuf")
    (anew,) = await dropper.offered()
    assert anew.body == b"neuf"
    assert anew.cle not in {native.cle for native in before}


@pytest.mark.parametrize(
    ("settled", "written", "late", "successor"),
    [
        (0, 1, True, True),
        (0, 5, False, False),
        (2, 1, False, True),
        (2, 5, True, False),
        (3, 1, True, False),
        (3, 5, False, True),
    ],
)  # any two of their values meet
async def test_a_topic_that_was_made_anew_is_read_whole_however_far_the_one_before_was_read(
    dropper, topic, settled, written, late, successor
):
    await topic.write(b"un", b"deux", b"trois")
    before = await dropper.offered()
    for native in before[:settled]:
        await dropper.source.done(native, REPORT)
    await topic.delete()
    await topic.create()
    with suppress(PartnerUnavailable):
        for native in before[settled:] if late else ():
            await dropper.source.done(native, REPORT)
    if successor:
        await dropper.source.close()
        dropper.source = dropper.new_source()
    bodies = [f"neuf {number}".encode() for number in range(written)]
    await topic.write(*bodies)
    anew = await offered_in_the_end(dropper)
    assert [native.body for native in anew] == bodies
    for native in anew:
        await dropper.source.done(native, REPORT)
    await topic.write(b"encore")
    assert [native.body for native in await dropper.offered()] == [b"encore"]


async def test_a_topic_that_is_made_anew_during_a_look_is_read_whole(dropper, topic):
    await topic.write(*(f"vieux {number}".encode() for number in range(6)))
    offers = dropper.source.fetch()
    seen = [await anext(offers), await anext(offers)]
    await topic.delete()
    await topic.create()
    bodies = [f"neuf {number}".encode() for number in range(8)]
    await topic.write(*bodies)
    with suppress(PartnerUnavailable):
        seen += [native async for native in offers]
        for native in seen:
            await dropper.source.done(native, REPORT)
    assert [native.body for native in await offered_in_the_end(dropper)] == bodies


async def test_a_log_that_lost_its_end_is_read_from_its_beginning(dropper, topic, monkeypatch):
    monkeypatch.setattr(source, "topic_id", of_the_same_topic)
    await topic.write(b"un", b"deux", b"trois")
    for native in await dropper.offered():
        await dropper.source.done(native, REPORT)
    await topic.delete()
    await topic.create()
    assert await offered_in_the_end(dropper) == []
    await topic.write(b"neuf", b"encore")
    assert [native.body for native in await dropper.offered()] == [b"neuf", b"encore"]


async def test_an_offset_beyond_the_end_of_the_log_counts_for_nothing(dropper, topic):
    await topic.write(b"un", b"deux")
    await topic.commit(99)
    assert [native.body for native in await dropper.offered()] == [b"un", b"deux"]


async def test_an_answer_that_claims_two_gigabytes_ends_its_connection_before_it_is_read():
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.read(4)
        writer.write((2**31 - 1).to_bytes(4))
        with suppress(OSError):
            while True:
                writer.write(bytes(2**20))
                await writer.drain()
                sent += 1

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PartnerUnavailable):
            await partitions(EntreeKafka(serveurs=f"127.0.0.1:{port}", topic="t", tls=False, dialecte="x"))
    assert sent < 64, "Mio"


async def test_what_is_committed_is_committed_again_before_the_broker_forgets_it(dropper, topic, monkeypatch):
    await topic.write(b"un", b"deux")
    for native in await dropper.offered():
        await dropper.source.done(native, REPORT)
    await topic.commit(0)
    assert await dropper.offered() == []
    assert await topic.committed() == 0
    monkeypatch.setattr(source, "RENEWAL_SECONDS", 0.0)
    assert await dropper.offered() == []
    assert await topic.committed() == 2


async def test_records_that_are_settled_at_once_share_one_new_connection(dropper, topic, monkeypatch):
    opened = []

    def counted(**options):
        opened.append(AIOKafkaConsumer(**options))
        return opened[-1]

    await topic.write(*(str(number).encode() for number in range(8)))
    natives = await dropper.offered()
    await dropper.source.close()
    monkeypatch.setattr(source, "AIOKafkaConsumer", counted)
    await asyncio.gather(*(dropper.source.done(native, REPORT) for native in natives))
    assert len(opened) == 1
    assert await topic.committed() == 8


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_batch_that_unfolds_beyond_the_bound_is_never_unfolded_and_a_person_reads_on_behind_it(
    dropper, topic, codec
):
    await topic.write(b"un", b"deux")
    await topic.write_batch(codec, bytes(BATCH_MAX_BYTES), b"x")
    await topic.write(b"trois")
    for native in await dropper.offered():
        await dropper.source.done(native, REPORT)
    for again in (dropper.source, dropper.source, dropper.new_source(tables="primaire")):
        with pytest.raises(Unpassable) as stopped:
            _ = [native async for native in again.fetch()]
        assert stopped.value.records == (topic.name, 0, 2, 4)
    await again.go_on(0, 4)
    for reader in (again, dropper.new_source(tables="secours")):
        assert [native.body async for native in reader.fetch()] == [b"trois"]
        await reader.close()
    assert await topic.committed() == 4


async def test_of_many_large_batches_one_is_unfolded_at_a_time(dropper, topic, monkeypatch):
    unfolded: list[bytes] = []
    zstd = bounds.UNFOLD["zstd_decode"]

    def noted(folded: bytes) -> bytes:
        unfolded.append(zstd(folded))
        return unfolded[-1]

    for _ in range(5):
        await topic.write_batch("zstd", bytes(2**20))
    monkeypatch.setitem(bounds.UNFOLD, "zstd_decode", noted)
    offers = dropper.source.fetch()
    for number in range(1, 6):
        await anext(offers)
        assert len(unfolded) == number
    await offers.aclose()


async def test_what_precedes_a_batch_that_cannot_be_read_is_settled_before_anybody_is_told(dropper, topic):
    await topic.write(b"un")
    await topic.write_batch("zstd", bytes(BATCH_MAX_BYTES))
    await topic.write(b"ailleurs", partition=1)
    for _ in range(2):
        offered = await dropper.offered()
        assert b"un" in [native.body for native in offered]
    for native in offered:
        await dropper.source.done(native, REPORT)
    with pytest.raises(Unpassable):
        await dropper.offered()


async def test_what_the_version_before_has_committed_counts(dropper, topic):
    await topic.write(b"un", b"deux")
    await topic.commit(1)
    assert [native.body for native in await dropper.offered()] == [b"deux"]


async def test_a_broker_that_gives_topics_no_ids_is_read_all_the_same():
    class OfBefore:
        """Kafka 2.7: metadata up to version 9."""

        def get_random_node(self) -> int:
            return 1

        async def send(self, node: int, request: MetadataRequest) -> None:
            request.prepare({request.API_KEY: (0, 9)})

    assert await topic_id(OfBefore(), "places") == UNKNOWN


async def of_the_same_topic(client, topic):
    return "le même"


async def offered_in_the_end(dropper):
    """What is offered once the connection knows the topic again."""
    with suppress(PartnerUnavailable):
        return await dropper.offered()
    return await dropper.offered()


async def test_deliveries_of_one_subject_keep_their_order_and_carry_their_key(topic):
    sink = KafkaSink(SortieKafka(**topic.entry))
    for number in range(6):
        headers = {"partitionkey": f"sujet-{number % 2}"}
        await sink.send(Native(str(number).encode(), "application/json", headers=headers), f"cle-{number}")
    await sink.close()
    records = await topic.records()
    for subject in (0, 1):
        mine = [record for record in records if record.key == f"sujet-{subject}".encode()]
        assert [int(record.value) % 2 for record in mine] == [subject] * 3
        assert len({record.partition for record in mine}) == 1
        assert [record.value for record in sorted(mine, key=lambda one: one.offset)] == [
            str(number).encode() for number in range(subject, 6, 2)
        ]
    assert {dict(record.headers)["idempotency-key"] for record in records} == {
        f"cle-{number}".encode() for number in range(6)
    }


def test_an_event_in_binary_mode_is_the_same_event_in_structured_mode():
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"E-1"),
        ("ce_type", b"t"),
        ("content-type", b"application/json"),
    ]
    native = native_of(b'{"place":"A-1"}', headers, "topic/0/7")
    assert native.media_type == "application/cloudevents+json"
    assert json.loads(native.body) == {
        "specversion": "1.0",
        "id": "E-1",
        "type": "t",
        "datacontenttype": "application/json",
        "data": {"place": "A-1"},
    }


def test_data_in_binary_mode_are_left_to_their_reader_whatever_they_are():
    bomb = b"[" * 1000
    native = native_of(bomb, [("ce_specversion", b"1.0")], "t/0/1")
    assert native.body == b'{"specversion":"1.0","datacontenttype":"application/json","data":' + bomb + b"}"


def test_what_is_structured_or_no_event_is_taken_as_it_is():
    structured = [
        ("content-type", b"Application/CloudEvents+json; charset=utf-8"),
        ("ce_specversion", b"1.0"),
    ]
    assert native_of(b"{}", structured, "t/0/1").body == b"{}"
    plain = native_of(b"a;b", [("content-type", b"text/csv"), ("idempotency-key", b"cle-1")], "t/0/1")
    assert (plain.media_type, plain.headers, plain.cle) == ("text/csv", {"idempotency-key": "cle-1"}, "t/0/1")


def test_a_header_without_a_value_and_a_tombstone_stop_nobody():
    native = native_of(b"", [("content-type", None), ("ce_id", b"\xff")], "t/0/1")
    assert (native.body, native.media_type) == (b"", "application/json")


def test_what_is_gone_from_the_topic_is_waited_for_no_more():
    progress = Progress()
    for offset in (3, 4, 5):
        progress.offered(offset, f"un/{offset}")
    assert progress.settle(4, "un/4") is None
    assert progress.rewind() == 3
    assert progress.offered(5, "un/5")
    assert progress.settle(5, "un/5") == 6


def test_settling_costs_a_record_no_more_behind_many_that_wait_for_an_unsettled_one():
    partition, many = Progress(), 2000
    for offset in map(Offset, range(many)):
        partition.offered(offset, f"un/{offset}")
    Offset.looked = 0
    assert {partition.settle(offset, f"un/{offset}") for offset in map(Offset, range(1, many))} == {None}
    assert partition.settle(0, "un/0") == many
    assert Offset.looked < 20 * many
    assert partition.is_settled


class Offset(int):
    """An offset that counts how often it is looked up or compared."""

    looked = 0

    def __hash__(self):
        Offset.looked += 1
        return super().__hash__()

    def __lt__(self, other):
        Offset.looked += 1
        return super().__lt__(other)


def test_what_was_settled_before_the_last_minutes_is_not_read_again_and_no_record_after_it_is_left_out():
    commits = Commits(before=0, offset=4, now=1000.0)
    before = [commits.note(4 + second, 1000.0 + second) for second in range(1, 2 * int(LATE_SECONDS))]
    assert before[: int(LATE_SECONDS) - 1] == [0] * (int(LATE_SECONDS) - 1)
    late = [at - (4 + second) for second, at in enumerate(before, start=1)][int(LATE_SECONDS) :]
    assert max(late) <= -LATE_SECONDS
    assert min(late) > -LATE_SECONDS - 2 * NOTED_SECONDS


def test_what_another_topic_held_at_an_offset_settles_nothing():
    progress = Progress()
    for offset in (0, 1):
        progress.offered(offset, f"un/{offset}")
    assert progress.settle(0, "un/0") == 1
    assert progress.settle(1, "deux/1") is None
    assert progress.settle(1, "un/1") == 2
    assert progress.rewind() is None
    assert not progress.offered(1, "un/1")
