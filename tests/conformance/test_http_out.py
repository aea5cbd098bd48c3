"""What is particular to deliveries by HTTP: signatures, statuses, time, connections."""

import asyncio
import socket
import ssl
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest
from aiohttp import ClientPayloadError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

from connectors.http_client import REPLY_MAX_BYTES, new_session
from connectors.http_out import HttpSink
from contracts.entry import RefusDansReponse
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused, Throttled
from contracts.http import SortieHttp
from contracts.ports import Native

from .http_partner import SECRET, HttpServer, Script

NATIVE = Native(b'{"reference":"AB-12"}', "application/json")
PATIENCE_SECONDS = 60.0
"""Longer than any machine takes for what is answered."""


@pytest.fixture
async def server():
    server = HttpServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def open_sink(monkeypatch):
    monkeypatch.setenv("SIAO_SECRET_HTTP", SECRET)
    sinks = []

    def opened(url: str, *, session=None, retry_seconds=0.0, now=None, **entry) -> HttpSink:
        sortie = SortieHttp(
            **{"url": url, "secret": "env:SIAO_SECRET_HTTP", "delai_s": PATIENCE_SECONDS, **entry}
        )
        clock = {"now": now} if now else {}
        sinks.append(HttpSink(sortie, session, retry_seconds=retry_seconds, **clock))
        return sinks[-1]

    yield opened
    for sink in sinks:
        await sink.close()


async def test_the_partner_verifies_the_signature_with_the_standard_library(server, open_sink):
    await open_sink(server.url).send(NATIVE, "livraison-1")
    [request] = server.requests
    assert Webhook(SECRET).verify(request.body, request.headers) == {"reference": "AB-12"}
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == "livraison-1"
    assert request.headers["content-type"] == "application/json"


async def test_headers_of_the_native_are_passed_on_but_never_override_ours(server, open_sink):
    headers = {"soapaction": "urn:x", "webhook-id": "faux", "content-length": "1", "host": "ailleurs"}
    await open_sink(server.url).send(Native(b"<a/>", "text/xml", "décision n°1.xml", headers), "livraison-1")
    [request] = server.requests
    assert request.body == b"<a/>"
    assert request.headers["soapaction"] == "urn:x"
    assert request.headers["webhook-id"] == "livraison-1"
    assert request.headers["host"].startswith("127.0.0.1")
    assert "filename*=UTF-8''d%C3%A9cision%20n%C2%B01.xml" in request.headers["content-disposition"]


async def test_a_header_of_any_letters_arrives_as_the_cloudevents_binding_writes_it(server, open_sink):
    await open_sink(server.url).send(
        Native(b"{}", "application/json", headers={"partitionkey": 'l’œil 100 %"'}), "livraison-1"
    )
    [request] = server.requests
    assert request.headers["partitionkey"] == "l%E2%80%99%C5%93il%20100%20%25%22"


async def test_large_bodies_arrive_exactly(server, open_sink):
    body = bytes(range(256)) * 12_000
    await open_sink(server.url).send(Native(body, "application/octet-stream"), "livraison-1")
    assert server.requests[0].body == body


async def test_a_2xx_is_proof_and_the_reply_comes_back(server, open_sink):
    server.script = Script(202, {"Content-Type": "application/json"}, b'{"accuse":"42"}')
    receipt = await open_sink(server.url).send(NATIVE, "livraison-1")
    assert receipt.proven
    assert receipt.reply == Native(b'{"accuse":"42"}', "application/json")


async def test_a_2xx_without_a_body_has_no_reply(server, open_sink):
    receipt = await open_sink(server.url).send(NATIVE, "livraison-1")
    assert receipt.proven
    assert receipt.reply is None


async def test_a_reply_is_cut_at_its_bound(server, open_sink):
    server.script = Script(200, body=b"x" * (REPLY_MAX_BYTES + 1))
    receipt = await open_sink(server.url).send(NATIVE, "livraison-1")
    assert receipt.reply is not None
    assert receipt.reply.body == b"x" * REPLY_MAX_BYTES


async def test_a_server_that_sends_many_answers_before_its_own_is_cut_off(open_sink):
    cut = asyncio.Event()

    async def continues(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
                await writer.drain()
                await asyncio.sleep(0)
        cut.set()

    async with await asyncio.start_server(continues, "127.0.0.1", 0) as server:
        url = "http://{}:{}/".format(*server.sockets[0].getsockname())
        with pytest.raises(OutcomeUnknown) as caught:
            await open_sink(url).send(NATIVE, "livraison-1")
        await cut.wait()
    assert isinstance(caught.value.__cause__, ClientPayloadError)


async def test_a_refusal_hidden_behind_a_long_reply_is_no_receipt(server, open_sink):
    hidden = b'{"bourrage": "' + b"x" * REPLY_MAX_BYTES + b'", "erreur": "refus"}'
    server.script = Script(200, {"Content-Type": "application/json"}, hidden)
    with pytest.raises(OutcomeUnknown, match="trop longue"):
        await open_sink(server.url, refus=RefusDansReponse(champ="erreur")).send(NATIVE, "livraison-1")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Refused),
        (408, PartnerUnavailable),
        (409, Refused),
        (410, Refused),
        (413, Refused),
        (422, Refused),
        (429, Throttled),
        (500, OutcomeUnknown),
        (501, PartnerUnavailable),
        (502, OutcomeUnknown),
        (503, PartnerUnavailable),
        (504, OutcomeUnknown),
        (522, OutcomeUnknown),
        (301, Misconfigured),
        (302, OutcomeUnknown),
        (303, OutcomeUnknown),
        (307, Misconfigured),
        (308, Misconfigured),
    ],
)
async def test_every_status_has_one_meaning(server, open_sink, status, error):
    server.script = Script(status)
    with pytest.raises(error) as raised:
        await open_sink(server.url).send(NATIVE, "livraison-1")
    assert type(raised.value) is error
    assert str(status) in str(raised.value)


async def test_redirects_are_not_followed(server, open_sink):
    server.script = Script(307, {"Location": server.url})
    with pytest.raises(Misconfigured):
        await open_sink(server.url).send(NATIVE, "livraison-1")
    assert len(server.requests) == 1


async def test_a_503_with_a_date_is_throttled_until_then(server, open_sink):
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    until = format_datetime(now + timedelta(seconds=90), usegmt=True)
    server.script = Script(503, {"Retry-After": until})
    with pytest.raises(Throttled) as raised:
        await open_sink(server.url, now=now.timestamp).send(NATIVE, "livraison-1")
    assert raised.value.retry_after_seconds == 90


async def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(server, open_sink, clock):
    server.script = Script(gate=asyncio.Event(), waits=lambda: clock.passes(PATIENCE_SECONDS))
    with pytest.raises(OutcomeUnknown):
        await open_sink(server.url).send(NATIVE, "livraison-1")
    assert len(server.requests) == 1


async def test_what_may_have_arrived_is_not_sent_again_by_itself(server, open_sink):
    server.script = Script(hang_up=True)
    with pytest.raises(OutcomeUnknown):
        await open_sink(server.url, retry_seconds=2).send(NATIVE, "livraison-1")
    assert len(server.requests) == 1


async def test_a_connection_that_does_not_come_about_in_time_sent_nothing(open_sink, clock):
    """TCP connects, TLS waits for a first word until the connection has no time left, and the exchange still has."""
    with ExitStack() as held:
        silent = held.enter_context(socket.create_server(("127.0.0.1", 0)))

        def take() -> None:
            held.enter_context(silent.accept()[0])
            clock.passes(PATIENCE_SECONDS * 0.6)

        asyncio.get_running_loop().add_reader(silent, take)
        with pytest.raises(PartnerUnavailable) as raised:
            await open_sink(f"https://127.0.0.1:{silent.getsockname()[1]}/").send(NATIVE, "livraison-1")
        asyncio.get_running_loop().remove_reader(silent)
    assert not isinstance(raised.value, OutcomeUnknown)


async def test_a_name_that_does_not_resolve_sent_nothing(open_sink):
    with pytest.raises(PartnerUnavailable) as raised:
        await open_sink("http://partenaire.invalid/").send(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)


async def test_a_partner_that_comes_back_in_time_is_not_noticed(server, open_sink):
    await server.stop()
    attempts: list[object] = []

    def now() -> float:
        attempts.append(None)
        if len(attempts) == 2:
            attempts.append(asyncio.ensure_future(server.start()))
        return 1_772_366_400.0

    assert (
        await open_sink(server.url, retry_seconds=PATIENCE_SECONDS, now=now).send(NATIVE, "livraison-1")
    ).proven
    assert len(attempts) >= 3
    assert len(server.requests) == 1


async def test_a_send_that_finds_no_free_connection_in_time_sent_nothing(server, open_sink):
    sink = open_sink(server.url, en_vol=1, delai_s=0.1)
    async with sink._slots.one(monotonic() + 1):
        with pytest.raises(PartnerUnavailable) as raised:
            await sink.send(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)
    assert server.requests == []


async def test_no_more_are_in_flight_than_agreed_and_connections_are_kept(server, open_sink):
    sink = open_sink(server.url, en_vol=3)
    await asyncio.gather(*(sink.send(NATIVE, f"livraison-{n}") for n in range(30)))
    assert len(server.requests) == 30
    assert server.most_in_flight <= 3
    assert len(server.connections) <= 3


async def test_a_certificate_that_nobody_vouches_for_needs_a_human(server, open_sink, tmp_path):
    await server.stop()
    await server.start(tls=_self_signed(tmp_path))
    with pytest.raises(Misconfigured):
        await open_sink(server.https_url).send(NATIVE, "livraison-1")
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "http://",
        "pas une url",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://a..b/",
        f"http://{'a' * 64}.fr/",
        f"http://{'é' * 63}.fr/",
    ],
)
async def test_an_impossible_url_that_was_taken_all_the_same_needs_a_human(monkeypatch, url):
    monkeypatch.setenv("SIAO_SECRET_HTTP", SECRET)
    entry = SortieHttp(url="https://h/", question="https://h/{cle}", secret="env:SIAO_SECRET_HTTP")
    async with new_session() as session:
        with pytest.raises(Misconfigured):
            await HttpSink(entry.model_copy(update={"url": url}), session).send(NATIVE, "livraison-1")
        asking = HttpSink(entry.model_copy(update={"question": url}), session)
        with pytest.raises(Misconfigured):
            await asking.has_received(NATIVE, "livraison-1")


async def test_a_missing_secret_needs_a_human_and_sends_nothing(server, open_sink):
    with pytest.raises(Misconfigured, match="SECRET_ABSENT"):
        await open_sink(server.url, secret="env:SIAO_SECRET_ABSENT").send(NATIVE, "livraison-1")
    assert server.requests == []


async def test_a_rotated_secret_is_taken_up_after_the_partner_has_refused_the_old_one(
    server, open_sink, tmp_path
):
    place = tmp_path / "secret"
    place.write_text("whsec_YW5jaWVubmUgY2zDqQ==\n")
    place.chmod(0o600)
    sink = open_sink(server.url, secret=f"file:{place}")
    server.script = Script(401)
    with pytest.raises(Misconfigured):
        await sink.send(NATIVE, "livraison-1")
    place.write_text(SECRET)
    server.script = Script()
    await sink.send(NATIVE, "livraison-1")
    Webhook(SECRET).verify(server.requests[-1].body, server.requests[-1].headers)


async def test_a_question_is_a_get_without_a_body_signed_like_a_delivery(server, open_sink):
    assert not await open_sink(server.url, question=server.question).has_received(NATIVE, "livraison-1")
    [question] = server.questions
    Webhook(SECRET).verify(question.body, question.headers, json_parse=False)
    assert question.body == b""
    assert question.headers["webhook-id"] == "livraison-1"
    assert server.requests == []


async def test_a_key_stands_in_the_question_as_one_piece_of_its_url(server, open_sink):
    sink = open_sink(server.url, question=server.question)
    await sink.send(NATIVE, "a/../b?c#d")
    assert await sink.has_received(NATIVE, "a/../b?c#d")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (202, Misconfigured),
        (303, Misconfigured),
        (307, Misconfigured),
        (400, Misconfigured),
        (401, Misconfigured),
        (410, Misconfigured),
        (429, Throttled),
        (500, PartnerUnavailable),
        (502, PartnerUnavailable),
    ],
)
async def test_only_an_answer_to_the_question_tells_anything(server, open_sink, status, error):
    server.script = Script(status)
    with pytest.raises(error) as raised:
        await open_sink(server.url, question=server.question).has_received(NATIVE, "livraison-1")
    assert type(raised.value) is error


async def test_a_question_that_is_not_answered_in_time_may_be_asked_again(server, open_sink, clock):
    server.script = Script(gate=asyncio.Event(), waits=lambda: clock.passes(PATIENCE_SECONDS))
    with pytest.raises(PartnerUnavailable) as raised:
        await open_sink(server.url, question=server.question).has_received(NATIVE, "livraison-1")
    assert not isinstance(raised.value, OutcomeUnknown)
    assert len(server.questions) == 1


async def test_without_a_question_in_the_entry_nothing_can_be_asked(server, open_sink):
    with pytest.raises(Misconfigured, match="question"):
        await open_sink(server.url).has_received(NATIVE, "livraison-1")
    assert server.questions == []


async def test_questions_and_deliveries_share_what_may_be_in_flight(server, open_sink):
    sink = open_sink(server.url, question=server.question, en_vol=3)
    keys = [f"livraison-{n}" for n in range(10)]
    await asyncio.gather(
        *(sink.send(NATIVE, key) for key in keys), *(sink.has_received(NATIVE, key) for key in keys)
    )
    assert len(server.requests) == len(server.questions) == 10
    assert server.most_in_flight <= 3


async def test_a_shared_session_stays_open_when_one_sink_closes(server, open_sink):
    async with new_session() as session:
        first, second = open_sink(server.url, session=session), open_sink(server.url, session=session)
        await first.send(NATIVE, "livraison-1")
        await first.close()
        assert (await second.send(NATIVE, "livraison-2")).proven


async def test_errors_say_nothing_of_what_was_sent(server, open_sink):
    server.script = Script(422, body=b'{"erreur":"Mme DUPONT est inconnue"}')
    with pytest.raises(Refused) as raised:
        await open_sink(server.url).send(Native(b"Mme DUPONT", "text/plain"), "livraison-1")
    assert "DUPONT" not in repr(raised.value)


def _self_signed(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
        )
    ).sign(key, hashes.SHA256())
    (folder / "tls.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context
