"""What every sink promises. `partner` is the other side; `partner.sink` is the connector under test."""

import pytest

from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused, Throttled
from contracts.ports import Native

from .http_partner import HttpPartner
from .kafka_partner import KafkaPartner
from .mailbox_partner import MailboxPartner
from .memory_partner import MemoryPartner
from .promises import SINK_PROMISES, Promise, claiming
from .rest_partner import RestPartner
from .sftp_partner import SftpPartner
from .soap_partner import SoapPartner

PARTNERS = (HttpPartner, SftpPartner, MailboxPartner, MemoryPartner, RestPartner, KafkaPartner, SoapPartner)
BYTES = bytes(range(256)) * 40 + "Hébergement à Évry\r\n\0".encode()


def native(body: bytes = BYTES) -> Native:
    return Native(body, "application/json")


def promise(*which: Promise) -> pytest.MarkDecorator:
    return claiming(which, "partner", PARTNERS)


@pytest.fixture
async def partner(request, tmp_path, own_topic, monkeypatch):
    place = own_topic() if request.param is KafkaPartner else tmp_path
    other_side = request.param(place, monkeypatch)
    await other_side.start()
    yield other_side
    await other_side.stop()


@promise(Promise.EXACT_BYTES)
async def test_delivers_exact_bytes(partner):
    await partner.sink.send(native(), "cle-1")
    assert await partner.effects() == [BYTES]


@promise(Promise.EXACT_BYTES)
async def test_two_keys_with_the_same_bytes_are_two_deliveries(partner):
    await partner.sink.send(native(), "cle-1")
    await partner.sink.send(native(), "cle-2")
    assert await partner.effects() == [BYTES, BYTES]


@promise(Promise.ONE_EFFECT)
async def test_the_same_key_twice_is_one_effect(partner):
    first = await partner.sink.send(native(), "cle-1")
    second = await partner.sink.send(native(), "cle-1")
    assert await partner.effects() == [BYTES]
    assert first == second


@promise(Promise.UNREACHABLE)
async def test_an_unreachable_partner_is_unavailable_and_has_nothing(partner):
    await partner.go_away()
    with pytest.raises(PartnerUnavailable) as raised:
        await partner.sink.send(native(), "cle-1")
    assert not isinstance(raised.value, OutcomeUnknown)
    assert await partner.effects() == []


@promise(Promise.REFUSED)
async def test_a_refusal_is_final(partner):
    await partner.refuse(native(), "cle-1")
    with pytest.raises(Refused):
        await partner.sink.send(native(), "cle-1")


@promise(Promise.THROTTLED)
async def test_a_partner_that_asks_to_wait_says_how_long(partner):
    await partner.throttle(17)
    with pytest.raises(Throttled) as raised:
        await partner.sink.send(native(), "cle-1")
    assert raised.value.retry_after_seconds == 17


@promise(Promise.CREDENTIALS)
async def test_bad_credentials_need_a_human(partner):
    await partner.distrust()
    with pytest.raises(Misconfigured):
        await partner.sink.send(native(), "cle-1")


@promise(Promise.CREDENTIALS)
async def test_mended_credentials_are_taken_up_without_a_new_object(partner):
    await partner.distrust()
    with pytest.raises(Misconfigured):
        await partner.sink.send(native(), "cle-1")
    await partner.behave()
    assert (await partner.sink.send(native(), "cle-1")).proven


@promise(Promise.ANSWER_LOST)
async def test_a_lost_answer_leaves_the_outcome_unknown_and_the_same_key_settles_it(partner):
    await partner.lose_the_next_answer()
    with pytest.raises(OutcomeUnknown):
        await partner.sink.send(native(), "cle-1")
    assert await partner.effects() == [BYTES]
    await partner.behave()
    assert (await partner.sink.send(native(), "cle-1")).proven
    assert await partner.effects() == [BYTES]


@promise(Promise.ASKED)
async def test_says_of_each_key_whether_it_was_received(partner):
    assert not await partner.sink.has_received(native(), "cle-1")
    await partner.sink.send(native(), "cle-1")
    assert await partner.sink.has_received(native(), "cle-1")
    assert not await partner.sink.has_received(native(), "cle-2")


@promise(Promise.ASKED)
async def test_a_question_delivers_nothing(partner):
    await partner.sink.has_received(native(), "cle-1")
    assert await partner.effects() == []


@promise(Promise.ANSWER_LOST, Promise.ASKED)
async def test_what_arrived_without_an_answer_is_known_when_asked(partner):
    await partner.lose_the_next_answer()
    with pytest.raises(OutcomeUnknown):
        await partner.sink.send(native(), "cle-1")
    await partner.behave()
    assert await partner.sink.has_received(native(), "cle-1")


@promise(Promise.ASKED_IN_VAIN)
async def test_an_unreachable_partner_that_is_asked_is_unavailable_and_nothing_is_uncertain(partner):
    await partner.go_away()
    with pytest.raises(PartnerUnavailable) as raised:
        await partner.sink.has_received(native(), "cle-1")
    assert not isinstance(raised.value, OutcomeUnknown)


@promise(Promise.ASKED_IN_VAIN)
async def test_a_question_under_bad_credentials_needs_a_human_and_mended_ones_are_taken_up(partner):
    await partner.distrust()
    with pytest.raises(Misconfigured):
        await partner.sink.has_received(native(), "cle-1")
    await partner.behave()
    assert not await partner.sink.has_received(native(), "cle-1")


@promise(Promise.RECOVERS)
async def test_recovers_after_the_partner_comes_back_without_a_new_object(partner):
    await partner.sink.send(native(), "cle-1")
    await partner.go_away()
    with pytest.raises(PartnerUnavailable):
        await partner.sink.send(native(b"deux"), "cle-2")
    await partner.come_back()
    await partner.sink.send(native(b"deux"), "cle-2")
    assert await partner.effects() == [BYTES, b"deux"]


@promise(Promise.CLOSE)
async def test_close_is_idempotent_before_and_after_use(partner):
    await partner.sink.close()
    await partner.sink.send(native(), "cle-1")
    await partner.sink.close()
    await partner.sink.close()


@pytest.mark.parametrize("connector", PARTNERS, ids=lambda connector: connector.NAME)
def test_every_waived_promise_is_one_of_a_sink_and_has_a_reason(connector):
    assert set(connector.WAIVED) <= SINK_PROMISES
    assert all(connector.WAIVED.values())
