"""Strategies of Hypothesis for requests that no ordinary client sends: any method, any route, any body."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from hypothesis import strategies as st

from tests.golden import cas
from tests.hostile.bodies import large, small
from tests.hostile.partners import DIALECTS, key_of

ROUTES = (
    "/v1/messages",
    "/v1/messages/{id}",
    "/v1/messages/{id}/a-corriger",
    "/v1/messages/{id}/recu",
    "/v1/soap",
    "/v1/liste",
    "/v1/liste/chiffres",
    "/v1/orientations",
    "/v1/orientations/{id}",
    "/v1/bac-a-sable/orientation",
    "/v1/bac-a-sable/demande",
    "/v1/bac-a-sable/liste",
    "/v1/bac-a-sable/transfert",
    "/v1/boite",
    "/v1/boite/{cle}",
    "/v1/boite/{cle}/accuse",
    "/v1/livraisons",
    "/v1/livraisons/{id}/recu",
    "/v1/livraisons/{id}/renvoi",
    "/docs",
    "/docs/erreurs",
    "/docs/schemas",
    "/docs/schemas/{name}",
    "/docs/contrats",
    "/docs/contrats/{name}",
    "/docs/asyncapi.json",
    "/docs/{path:path}",
    "/openapi.json",
    "/healthz",
    "/readyz",
)
METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"BREW", b"\xff")
TOO_LONG_BYTES = 21 * 2**20
NOISE = (b"", b"\0", b'"', b";", b"\n", b"\xe9", b"<", b"9" * 30, b"]", b"null", b"\xef\xbb\xbf", b"\\u0000")


@cache
def _bomb() -> bytes:
    """Return forty megabytes of JSON, compressed."""
    return gzip.compress(b"[" + b"null," * (8 * 2**20), 9)


@dataclass(frozen=True)
class Request:
    """One HTTP request, as raw as it is sent."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    chunked: bool = False

    def wire(self) -> bytes:
        """Return the request's bytes. Its length or chunks are truthful; false ones are tested on raw connections."""
        length = b"transfer-encoding: chunked" if self.chunked else b"content-length: %d" % len(self.body)
        lines = [b"%b %b HTTP/1.1" % (self.method, self.target), b"host: hub", b"connection: close", length]
        lines += [b"%b: %b" % header for header in self.headers]
        return b"\r\n".join([*lines, b"", self._framed() if self.chunked else self.body])

    def _framed(self) -> bytes:
        pieces = [self.body[at : at + 4096] for at in range(0, len(self.body), 4096)]
        return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    def __repr__(self) -> str:
        """Return a short text for the log, with the first 200 bytes of the body."""
        return f"{self.method!r} {self.target!r} {dict(self.headers)!r} {self.body[:200]!r}… ({len(self.body)} octets)"


def honest() -> Iterator[Request]:
    """Yield a few valid messages of each hostile partner. What follows from them is delivered to the others."""
    for dialect in DIALECTS:
        for body in _valid(dialect)[:2]:
            yield Request(b"POST", b"/v1/messages", (_key(dialect),), body)


@cache
def corpus(dialect: str) -> tuple[bytes, ...]:
    """Return bodies of a dialect: valid ones from the golden cases, and hostile ones."""
    return (*_valid(dialect), *_costly().get(dialect, ())) or (b"",)


def _valid(dialect: str) -> list[bytes]:
    return [case.entree.read_bytes() for case in cas.a_decoder() if case.dialecte == dialect]


@cache
def _costly() -> Mapping[str, list[bytes]]:
    """Return the hostile bodies by dialect. Cached, because some have many megabytes."""
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    for each in (*small(), *large()):
        found[each.dialect].append(each.body)
    return found


@st.composite
def bodies(draw: st.DrawFn, dialect: str) -> bytes:
    """Draw a body of a dialect, damaged in some places or in another encoding; or random bytes."""
    if _now_and_then(draw):
        return draw(st.binary(max_size=2000))
    body = bytearray(draw(st.sampled_from(corpus(dialect))))
    for _ in range(draw(st.sampled_from((0, 0, 1, 3)))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 5))] = draw(st.sampled_from(NOISE))
    if _now_and_then(draw):
        encoding = draw(st.sampled_from(("utf-16", "utf-32", "latin-1", "utf-7")))
        return body.decode("utf-8", "replace").encode(encoding, "replace")
    return bytes(body)


PATH_PARTS = st.one_of(
    st.just(str(UUID(int=1)).encode()),
    st.sampled_from((b"", b".", b"..", b"%00", b"%2e%2e%2f", b"%ff", b"%", b"a" * 300, b"{ident}", b";a=b")),
    st.binary(min_size=1, max_size=40).map(lambda raw: b"".join(b"%%%02x" % byte for byte in raw)),
)
QUERIES = st.one_of(
    st.sampled_from(
        (
            b"",
            b"",
            b"",
            b"?essai=true",
            b"?essai=oui",
            b"?essai=true&essai=true",
            b"?limite=-1",
            b"?limite=1e9",
        )
    ),
    st.sampled_from(
        (b"?limite=9" + b"9" * 400, b"?apres=%00", b"?apres=" + b"a" * 4000, b"?" + b"a&" * 1000, b"?%")
    ),
    st.binary(max_size=40).map(lambda raw: b"?" + b"".join(b"%%%02x" % byte for byte in raw)),
)
PRINTABLE = st.binary(max_size=60).map(
    lambda raw: bytes(byte for byte in raw if byte >= 0x20 and byte != 0x7F)
)
HEADERS = st.one_of(
    st.tuples(
        st.sampled_from(
            (b"content-type", b"accept", b"traceparent", b"ce-id", b"ce-type", b"soapaction", b"cookie")
        ),
        PRINTABLE,
    ),
    st.sampled_from(
        (
            (b"content-type", b"application/json; charset=punycode"),
            (b"content-type", b"text/xml; charset=" + b"a" * 500),
            (b"content-type", b"multipart/form-data; boundary=" + b"-" * 200),
            (b"content-disposition", b"attachment; filename*=UTF-8''" + b"%ff" * 300),
            (b"content-disposition", b'attachment; filename="' + b"\\" * 500),
            (b"content-encoding", b"br"),
            (b"content-encoding", b"gzip, gzip"),
            (b"siao-dialecte", b"inconnu"),
            (b"siao-dialecte", b"\xff\xfe"),
            (b"range", b"bytes=0-0,-1" + b",0-0" * 200),
            (b"upgrade", b"websocket"),
            (b"x-forwarded-for", b"a" * 500),
            (b"x-http-method-override", b"DELETE"),
            (b"idempotency-key", b"\x80" * 10),
        )
    ),
    st.tuples(st.just(b"idempotency-key"), st.sampled_from((b"k", b"k" * 255, b"k" * 256, b" ", b"k k"))),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Draw a request: mostly a hostile body from a known partner, else anything to any route."""
    return draw(
        st.sampled_from((_messages(), _messages(), _messages(), _strange())).flatmap(lambda kind: kind)
    )


@st.composite
def _messages(draw: st.DrawFn) -> Request:
    """Draw a message as an ordinary client sends it, apart from its body and sometimes one header."""
    dialect = draw(st.sampled_from(DIALECTS))
    headers = [_key(dialect), (b"idempotency-key", draw(st.uuids()).bytes.hex().encode())]
    headers += draw(st.lists(HEADERS, max_size=1)) if _now_and_then(draw) else []
    query = draw(st.sampled_from((b"", b"", b"", b"?essai=true")))
    body, coding = draw(_coded(dialect))
    if coding is not None:
        headers.append((b"content-encoding", coding))
    return Request(b"POST", b"/v1/messages" + query, tuple(headers), body, draw(st.booleans()))


@st.composite
def _strange(draw: st.DrawFn) -> Request:
    """Draw a request with any method, route and headers."""
    dialect = draw(st.sampled_from(DIALECTS))
    headers = draw(st.lists(HEADERS, max_size=4))
    if draw(st.integers(0, 4)):
        headers.append(_key(dialect))
    before, brace, rest = draw(st.sampled_from(ROUTES)).partition("{")
    target = before.encode()
    if brace:
        target += draw(PATH_PARTS) + rest.partition("}")[2].encode()
    method, body = draw(st.sampled_from(METHODS)), draw(bodies(dialect))
    return Request(method, target + draw(QUERIES), tuple(headers), body, draw(st.booleans()))


def _key(dialect: str) -> tuple[bytes, bytes]:
    return b"authorization", b"Bearer " + key_of(dialect).encode()


@st.composite
def _coded(draw: st.DrawFn, dialect: str) -> tuple[bytes, bytes | None]:
    """Draw a body and its content encoding, which may be false; sometimes a compression bomb or a body that is too
    long."""
    if _now_and_then(draw) and _now_and_then(draw):
        return draw(st.sampled_from(((_bomb(), b"gzip"), (b" " * TOO_LONG_BYTES, None))))
    body = draw(bodies(dialect))
    if not _now_and_then(draw):
        return body, None
    packed = gzip.compress(body, 1)
    whole = draw(st.booleans())
    return draw(st.sampled_from((packed if whole else packed[: len(packed) // 2], body))), b"gzip"


def _now_and_then(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 9)) == 9
