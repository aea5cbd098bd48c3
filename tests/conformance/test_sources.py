"""What every source promises. `dropper` is the other side; `dropper.source` is the connector under test."""

from uuid import UUID

import pytest

from contracts.errors import Misconfigured, PartnerUnavailable
from contracts.ports import IntakeReport, Rejet

from .droppers import MemoryDropper, SftpDropper
from .kafka_partner import KafkaDropper
from .promises import SOURCE_PROMISES, Promise, claiming
from .rest_partner import RestDropper
from .sne_partner import SneDropper

DROPPERS = (SftpDropper, MemoryDropper, RestDropper, KafkaDropper, SneDropper)
BYTES = "réf;ville\r\n1;Évry\r\n".encode("cp1252") + b"\0"
REPORT = IntakeReport(
    message_id=UUID("0192f0c1-0000-7000-8000-000000000001"),
    etat="partiel",
    acceptes=3,
    rejets=(Rejet("date_invalide", "La date doit s'écrire jj/mm/aaaa.", ligne=4, champ="Date de sortie"),),
)


def promise(*which: Promise) -> pytest.MarkDecorator:
    return claiming(which, "dropper", DROPPERS)


@pytest.fixture
async def dropper(request, tmp_path, own_topic, monkeypatch):
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
    other_side = request.param(own_topic() if request.param is KafkaDropper else tmp_path)
    await other_side.start()
    yield other_side
    await other_side.stop()


@promise(Promise.EXACT_BYTES)
async def test_offers_exact_bytes_with_the_name_and_the_type_of_its_suffix(dropper):
    await dropper.drop("places.csv", BYTES)
    [native] = await dropper.offered()
    assert (native.body, native.filename, native.media_type) == (BYTES, "places.csv", "text/csv")
    assert dict(native.headers) == {}


@promise(Promise.OFFERED_AGAIN)
async def test_offers_again_until_done(dropper):
    await dropper.drop("places.csv", BYTES)
    assert await dropper.offered() == await dropper.offered() != []
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    assert await dropper.offered() == []


@promise(Promise.INCOMPLETE)
async def test_a_file_that_still_grows_is_not_offered(dropper):
    await dropper.begin("places.csv", BYTES)
    assert await dropper.looked() == []
    await dropper.finish("places.csv", BYTES)
    dropper.clock.seconds += 60
    assert await dropper.looked() == []
    [native] = await dropper.offered()
    assert native.body == BYTES + BYTES


@promise(Promise.DONE)
async def test_done_writes_a_report_by_row_and_field_and_removes_the_file(dropper):
    await dropper.drop("places.csv", BYTES)
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    report = dropper.report("places.csv")
    assert (report["etat"], report["acceptes"]) == ("partiel", 3)
    assert report["rejets"] == [
        {
            "ligne": 4,
            "champ": "Date de sortie",
            "code": "date_invalide",
            "message": "La date doit s'écrire jj/mm/aaaa.",
        }
    ]
    assert dropper.remaining() == []


@promise(Promise.DONE)
async def test_what_is_not_done_stays(dropper):
    await dropper.drop("a.csv", BYTES)
    await dropper.drop("b.csv", BYTES)
    first, _ = await dropper.offered()
    await dropper.source.done(first, REPORT)
    assert dropper.remaining() == ["b.csv"]


@promise(Promise.DONE_TWICE)
async def test_done_is_idempotent(dropper):
    await dropper.drop("places.csv", BYTES)
    [native] = await dropper.offered()
    await dropper.source.done(native, REPORT)
    await dropper.source.done(native, REPORT)
    assert dropper.remaining() == []
    assert dropper.report("places.csv")["acceptes"] == 3


@promise(Promise.TWINS)
async def test_two_files_with_the_same_content_are_two_natives(dropper):
    await dropper.drop("a.csv", BYTES)
    await dropper.drop("b.csv", BYTES)
    assert [native.filename for native in await dropper.offered()] == ["a.csv", "b.csv"]


@promise(Promise.NEW_CONTENT)
async def test_new_content_under_the_same_name_is_offered(dropper):
    await dropper.drop("places.csv", BYTES)
    [old] = await dropper.offered()
    await dropper.source.done(old, REPORT)
    await dropper.drop("places.csv", b"nouveau")
    [new] = await dropper.offered()
    assert new.body == b"nouveau"


@promise(Promise.NEW_CONTENT)
@pytest.mark.parametrize(
    "change", [lambda body: body[::-1], lambda body: body + b"2;Massy\r\n"], ids=["new", "more"]
)
async def test_content_that_arrives_before_done_is_not_removed_unread(dropper, change):
    await dropper.drop("places.csv", BYTES)
    [old] = await dropper.offered()
    other = change(BYTES)
    await dropper.drop("places.csv", other)
    await dropper.source.done(old, REPORT)
    [new] = await dropper.offered()
    assert new.body == other


@promise(Promise.UNREACHABLE)
async def test_an_unreachable_partner_is_unavailable(dropper):
    await dropper.go_away()
    with pytest.raises(PartnerUnavailable):
        await dropper.offered()


@promise(Promise.RECOVERS)
async def test_recovers_after_the_partner_comes_back_without_a_new_object(dropper):
    await dropper.drop("places.csv", BYTES)
    [native] = await dropper.offered()
    await dropper.go_away()
    with pytest.raises(PartnerUnavailable):
        await dropper.source.done(native, REPORT)
    await dropper.come_back()
    assert await dropper.offered() == [native]
    await dropper.source.done(native, REPORT)
    assert dropper.remaining() == []


@promise(Promise.CREDENTIALS)
async def test_bad_credentials_need_a_human(dropper):
    await dropper.distrust()
    with pytest.raises(Misconfigured):
        await dropper.offered()


@promise(Promise.CLOSE)
async def test_close_is_idempotent_before_and_after_use(dropper):
    await dropper.source.close()
    await dropper.offered()
    await dropper.source.close()
    await dropper.source.close()


@pytest.mark.parametrize("connector", DROPPERS, ids=lambda connector: connector.NAME)
def test_every_waived_promise_is_one_of_a_source_and_has_a_reason(connector):
    assert set(connector.WAIVED) <= SOURCE_PROMISES
    assert all(connector.WAIVED.values())
