"""The front door, behind the server that the hub runs: what it takes, what it refuses, and in which words."""

import asyncio
import gzip
import json
import zlib
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from connectors.admission import Admissions
from connectors.answer import Answer
from connectors.http_body import Limits
from connectors.http_in import message_endpoint
from contracts.errors import BusUnavailable
from contracts.partner import Famille, Partner
from contracts.ports import Native

from .uvicorn_server import served

KEY = "cle-du-partenaire"
PARTNER = Partner(
    id="chrs-evry",
    nom="CHRS d'Évry",
    famille=Famille.HEBERGEMENT,
    territoire="91",
    dialectes=("hebergement-csv", "hebergement-json"),
)
LIMITS = Limits(body_bytes=1000, unpacked_bytes=5000, body_seconds=30)
BEARER = {"Authorization": f"Bearer {KEY}"}


class Router:
    """What stands behind the door: it remembers what it was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[Native, Partner, str | None, str | None, bool]] = []
        self.answer = Answer(202, b'{"acceptes":1}')
        self.error: Exception | None = None

    async def __call__(self, native, partner, dialecte, cle, essai) -> Answer:
        if self.error:
            raise self.error
        self.taken.append((native, partner, dialecte, cle, essai))
        return self.answer


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def door(router):
    endpoint = message_endpoint(router, Admissions({KEY: PARTNER}.get, LIMITS))
    async with served(endpoint) as url, ClientSession(url) as session:
        yield Door(session, url)


class Door:
    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._address = urlsplit(url)

    async def request(self, body=b"x", headers=None, *, method="POST", path="/v1/messages"):
        sent = BEARER if headers is None else headers
        async with self._session.request(method, path, data=body, headers=sent) as response:
            content = await response.read()
            return response.status, response.headers, json.loads(content) if content else None

    async def problem(self, *args, **kwargs):
        status, headers, content = await self.request(*args, **kwargs)
        assert headers["content-type"] == "application/problem+json"
        assert content["status"] == status
        assert content["title"]
        assert content["detail"]
        return status, content["type"].removeprefix("urn:siao:probleme:"), headers

    async def raw(self, *pieces: bytes):
        """Everything the server says to these bytes until it closes."""
        reader, writer = await self.connect()
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        said = await reader.read()
        writer.close()
        return said

    async def connect(self):
        return await asyncio.open_connection(self._address.hostname, self._address.port)


def head(*fields: str) -> bytes:
    lines = ("POST /v1/messages HTTP/1.1", "Host: hub", f"Authorization: Bearer {KEY}", *fields, "", "")
    return "\r\n".join(lines).encode()


async def test_a_message_reaches_the_router_exactly(door, router):
    headers = {
        **BEARER,
        "Content-Type": "Text/CSV; charset=windows-1252",
        "Content-Disposition": "attachment; filename*=UTF-8''places%20d%C3%A9clar%C3%A9es.csv",
        "Idempotency-Key": "env-2026-03-01/1",
        "SIAO-Dialecte": "hebergement-json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ce-id": "42",
        "Cookie": "session=1",
    }
    body = bytes(range(256))
    status, answer_headers, content = await door.request(body, headers)
    assert (status, content) == (202, {"acceptes": 1})
    assert answer_headers["content-type"] == "application/json"
    [(native, partner, dialecte, cle, essai)] = router.taken
    assert native.body == body
    assert (native.media_type, native.filename) == ("text/csv", "places déclarées.csv")
    assert native.headers == {
        "content-type": "Text/CSV; charset=windows-1252",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "ce-id": "42",
    }
    assert (partner, dialecte, cle, essai) == (PARTNER, "hebergement-json", "env-2026-03-01/1", False)


async def test_what_the_sender_does_not_say_is_none(door, router):
    await door.request(b"")
    [(native, _, dialecte, cle, essai)] = router.taken
    assert native.body == b""
    assert native.filename is None
    assert (dialecte, cle, essai) == (None, None, False)


async def test_a_body_in_many_pieces_is_put_together(door, router):
    pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (b"abc", b"defg", b"h")]
    said = await door.raw(head("Transfer-Encoding: chunked", "Connection: close"), *pieces, b"0\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 202")
    assert router.taken[0][0].body == b"abcdefgh"


async def test_the_routers_answer_passes_unchanged(door, router):
    router.answer = Answer(409, b'{"non":1}', ((b"content-type", b"application/json"), (b"x-essai", b"1")))
    status, headers, content = await door.request()
    assert (status, content, headers["x-essai"]) == (409, {"non": 1}, "1")


@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"bearer {KEY}"}])
async def test_the_key_may_come_in_either_header(door, headers):
    status, _, _ = await door.request(headers=headers)
    assert status == 202


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": "autre"}, {"Authorization": "Bearer autre"}, {"Authorization": f"Basic {KEY}"}],
)
async def test_a_missing_or_wrong_key_is_401(door, router, headers):
    status, slug, answer = await door.problem(headers=headers)
    assert (status, slug) == (401, "cle-api-invalide")
    assert answer["www-authenticate"].startswith("Bearer")
    assert router.taken == []


async def test_a_foreign_dialect_is_400_and_lists_the_partners_own(door, router):
    status, _, content = await door.request(headers={**BEARER, "SIAO-Dialecte": "bailleur-xml"})
    assert status == 400
    assert "hebergement-csv, hebergement-json" in content["detail"]
    assert "bailleur-xml" not in json.dumps(content)
    assert router.taken == []


@pytest.mark.parametrize("cle", ["", "é", "avec espace", "x" * 256])
async def test_an_idempotency_key_is_visible_ascii_of_at_most_255(door, router, cle):
    status, slug, _ = await door.problem(headers={**BEARER, "Idempotency-Key": cle})
    assert (status, slug) == (400, "cle-idempotence-invalide")
    assert router.taken == []


async def test_the_longest_idempotency_key_is_taken(door, router):
    await door.request(headers={**BEARER, "Idempotency-Key": "~" * 255})
    assert router.taken[0][3] == "~" * 255


@pytest.mark.parametrize(("query", "essai"), [("?essai=true", True), ("?essai=false", False), ("", False)])
async def test_a_trial_is_asked_for_in_the_query(door, router, query, essai):
    await door.request(path=f"/v1/messages{query}")
    assert router.taken[0][4] is essai


@pytest.mark.parametrize("query", ["essai=1", "essai", "esai=true", "essai=true&x=1", "%ff", "essai=%ff"])
async def test_a_misspelt_trial_is_never_taken_in_for_good(door, router, query):
    status, slug, _ = await door.problem(path=f"/v1/messages?{query}")
    assert (status, slug) == (400, "parametre-invalide")
    assert router.taken == []


async def test_other_methods_are_405_and_other_paths_404(door):
    status, _, headers = await door.problem(method="GET", body=None)
    assert (status, headers["allow"]) == (405, "GET, POST")
    status, _, _ = await door.problem(path="/v1/message")
    assert status == 404


async def test_a_body_of_the_cap_is_taken_and_one_byte_more_is_413(door, router):
    assert (await door.request(b"x" * 1000))[0] == 202
    assert (await door.problem(b"x" * 1001))[:2] == (413, "message-trop-volumineux")
    assert len(router.taken) == 1


async def test_an_announced_excess_is_refused_before_the_body_is_read(door, router):
    said = await door.raw(head("Content-Length: 1001"))
    assert said.startswith(b"HTTP/1.1 413")
    assert router.taken == []


async def test_an_unannounced_excess_is_refused_while_it_streams_and_the_connection_closes(door, router):
    said = await door.raw(head("Transfer-Encoding: chunked"), b"3e9\r\n" + b"x" * 1001)
    assert said.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in said
    assert router.taken == []


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
async def test_an_unknown_coding_is_415(door, router, coding):
    status, slug, headers = await door.problem(b"x", {**BEARER, "Content-Encoding": coding})
    assert (status, slug, headers["accept-encoding"]) == (415, "encodage-inconnu", "gzip")
    assert router.taken == []


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"abcdef"), gzip.compress(b"abc") + gzip.compress(b"def")],
    ids=["one member", "two members"],
)
async def test_gzip_is_unpacked(door, router, packed):
    await door.request(packed, {**BEARER, "Content-Encoding": "gzip"})
    assert router.taken[0][0].body == b"abcdef"
    assert "content-encoding" not in router.taken[0][0].headers


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"pas du gzip",
        gzip.compress(b"abcdef")[:-3],
        gzip.compress(b"abc") + b"!!",
        zlib.compress(b"abc"),
    ],
    ids=["empty", "text", "cut", "trailing", "zlib"],
)
async def test_damaged_gzip_is_400(door, router, packed):
    status, slug, _ = await door.problem(packed, {**BEARER, "Content-Encoding": "gzip"})
    assert (status, slug) == (400, "compression-illisible")
    assert router.taken == []


async def test_a_zip_bomb_is_413(door, router):
    bomb = gzip.compress(bytes(200_000))
    assert len(bomb) < LIMITS.body_bytes
    status, _, _ = await door.problem(bomb, {**BEARER, "Content-Encoding": "gzip"})
    assert status == 413
    exact = gzip.compress(bytes(LIMITS.unpacked_bytes))
    assert (await door.request(exact, {**BEARER, "Content-Encoding": "gzip"}))[0] == 202
    assert len(router.taken) == 1


async def test_one_message_unpacks_to_no_more_than_half_of_what_large_ones_may_have(router):
    half = Limits().large_bytes // 2
    async with (
        served(message_endpoint(router, Admissions({KEY: PARTNER}.get, Limits()))) as url,
        ClientSession(url) as session,
    ):
        door, headers = Door(session, url), {**BEARER, "Content-Encoding": "gzip"}
        assert (await door.request(gzip.compress(bytes(half)), headers))[0] == 202
        assert (await door.request(gzip.compress(bytes(half + 1)), headers))[0] == 413


async def test_bodies_that_are_at_the_door_together_have_a_bound_and_leave_room_behind_them(router):
    endpoint = message_endpoint(router, Admissions({KEY: PARTNER}.get, Limits(together_bytes=1000)))
    async with served(endpoint) as url, ClientSession(url) as session:
        door = Door(session, url)
        reader, writer = await door.connect()
        writer.write(head("Content-Length: 601") + b"x" * 600)
        await writer.drain()
        while (await door.request(b"y" * 600))[0] != 503:
            router.taken.clear()
        status, slug, headers = await door.problem(b"y" * 600)
        assert (status, slug) == (503, "momentanement-indisponible")
        assert int(headers["retry-after"]) > 0
        assert (await door.request(b"y" * 400))[0] == 202
        writer.write(b"x")
        assert (await reader.readline()).startswith(b"HTTP/1.1 202")
        writer.close()
        assert (await door.request(b"y" * 1000))[0] == 202
        assert (await door.request(gzip.compress(bytes(1001)), {**BEARER, "Content-Encoding": "gzip"}))[
            0
        ] == 503
    assert [len(native.body) for native, *_ in router.taken] == [400, 601, 1000]


async def test_a_body_that_does_not_come_in_time_is_408(router):
    endpoint = message_endpoint(router, Admissions({KEY: PARTNER}.get, Limits(body_seconds=0.05)))
    async with served(endpoint) as url, ClientSession() as session:
        said = await Door(session, url).raw(head("Content-Length: 10"), b"abc")
    assert said.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in said
    assert router.taken == []


async def test_a_sender_that_hangs_up_leaves_no_trace(door, router, caplog):
    _, writer = await door.connect()
    writer.write(head("Content-Length: 10") + b"abc")
    await writer.drain()
    writer.transport.abort()
    assert (await door.request())[0] == 202
    assert len(router.taken) == 1
    assert caplog.records == []


async def test_a_database_that_is_away_is_503_with_a_time_to_come_back(door, router):
    router.error = BusUnavailable("PostgreSQL ne répond pas")
    status, slug, headers = await door.problem()
    assert (status, slug) == (503, "momentanement-indisponible")
    assert int(headers["retry-after"]) > 0


async def test_a_connection_serves_many_messages(door, router):
    one = head("Content-Length: 1") + b"x"
    last = head("Content-Length: 1", "Connection: close") + b"y"
    said = await door.raw(one, one, last)
    assert said.count(b"HTTP/1.1 202") == 3
    assert [native.body for native, *_ in router.taken] == [b"x", b"x", b"y"]


async def test_problems_never_quote_what_was_sent(door):
    headers = {**BEARER, "Idempotency-Key": "Mme DUPONT", "SIAO-Dialecte": "Mme DUPONT"}
    for path in ("/v1/messages", "/v1/messages?nom=DUPONT", "/v1/DUPONT"):
        _, _, content = await door.request(b"Mme DUPONT", headers, path=path)
        assert "DUPONT" not in json.dumps(content)
