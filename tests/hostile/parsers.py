"""Every parser that reads what partners' servers answer: its bound, where it runs, and the worst input known for
it.

`python -m tests.hostile.parsers` prints the table of `docs/securite.md`.
"""

import asyncio
import base64
import json
import random
import struct
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from socket import socket
from string import ascii_lowercase
from typing import Any, cast

from aiohttp import CookieJar
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.consumer import fetcher
from aiokafka.record.util import calc_crc32c
from asyncssh import SSHClientConnection, SSHClientConnectionOptions
from asyncssh.packet import SSHPacket, String, UInt32
from asyncssh.sftp import SFTPName
from joserfc.jwk import KeySet
from starlette.datastructures import Headers
from starlette.formparsers import FormParser, MultiPartParser
from starlette.requests import cookie_parser
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from adapters.tabulaire.profils import MOST_DOTS, parse
from connectors.http_client import MEDIA_TYPE_CHARACTERS, REPLY_MAX_BYTES
from connectors.http_head import native_of
from connectors.http_outcome import RETRY_AFTER_CHARACTERS, refused_inside, retry_after_seconds
from connectors.kafka.bounds import BATCH_MAX_BYTES, RECORDS_MAX, read_within_bounds
from connectors.mail import ANSWERS_MAX_BYTES, Bounded
from connectors.rest.reading import check, lines_of
from connectors.rest.source import LIST_MAX_BYTES, OBJECT_MAX_BYTES
from connectors.sftp.link import REPLY_MAX_BYTES as SFTP_REPLY_BYTES
from connectors.sftp.tunnel import PIECE_BYTES
from connectors.soap.radiations import radiations_of
from connectors.soap.source import ANSWER_MAX_BYTES
from connectors.soap.verdict import judged
from console.guard import FORM_BYTES, Guard
from console.oidc import ANSWER_BYTES
from console.pages.trying import LONGEST_PROFILE
from contracts.entry import RefusDansReponse
from contracts.ports import Native
from contracts.reference.communes import code_of
from ops.duplicates.matching import MEMBERS_COMPARED, Fiche, compare
from ops.duplicates.matching import Personne as Compared
from router.intake.decoding import INLINE_BYTES
from router.privacy.masking import masked
from router.settings import ConsoleSettings
from tests.hostile.bodies import masked_ones, replies

FIELD_BYTES = 8190
"""Largest size of one header of an answer in aiohttp, which accepts 128 of them."""
HEAD_BYTES = 32 * 1024
"""Largest size of all headers of a request."""
FORM_PIECE_BYTES = 64 * 1024
"""Size of the pieces in which a form is read. The event loop runs between two pieces."""
XOP = b'xmlns:x="http://www.w3.org/2004/08/xop/include"'
MULTIPART = "multipart/related; boundary=b"
KILLED = "processus que l'on tue"
LOOP, APART, A_THREAD, THREAD = (
    "boucle",
    "boucle jusqu'à 16 Kio, au-delà processus que l'on tue",
    "fil à part, deux mille ménages au plus",
    "fil à part, une minute au plus",
)
NAME_CHARACTERS = 100
"""Largest length of a name in the contract."""

Worst = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Parser:
    """One parser: its input, its bound, where it runs."""

    name: str
    fed_by: str
    bound_bytes: int
    where: str
    read: Callable[..., object]
    worst: Callable[[int], Worst]
    """Function that yields the worst arguments for `read`, of about the given size in bytes."""


def survived(parser: Parser, *arguments: Any) -> None:
    """Run the parser on this input; ignore how it ends."""
    with suppress(Exception):  # how it ends is for other tests
        parser.read(*arguments)


def filled(unit: bytes, size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """Return the unit repeated between two ends, up to about this size."""
    return before + unit * max(1, (size - len(before) - len(after)) // len(unit)) + after


def _media_types(size: int) -> Worst:
    for unit in (b";", b"(", b'"', b"; boundary=", b'; boundary="', b" ", b"charset=", b"; start=<"):
        yield Native(b"--b\r\n\r\n<a/>", filled(unit, size, b"multipart/related; ").decode()), None, None


def _dates(size: int) -> Worst:
    for unit in (b"9", b",", b"Mon, ", b"1:", b" ", b"-", b"("):
        yield filled(unit, size).decode(), 0.0


def _cookies(size: int) -> Worst:
    for unit in (b";", b'"', b"\\", b"a=b;", b"expires=Mon, ", b" ", b'a="'):
        yield ([filled(unit, size, b'a="b";').decode()],)


def _envelopes(size: int) -> Worst:
    part = lambda head, content: b"--b\r\n" + head + b"\r\n\r\n" + content  # noqa: E731  one part
    root = lambda inside: b"<e " + XOP + b">" + inside + b"</e>"  # noqa: E731  what cites others
    attached = part(b"Content-ID: <a>", bytes(size // 2))
    for body in (
        part(filled(b";", size, b"Content-Type: text/plain"), b"<a/>"),
        part(b"", root(filled(b'<x:Include href="cid:a"/>', size // 2))) + b"\r\n" + attached,
        part(b"", root(filled(b' href="cid:a"', size, b"<x:Include"))),
        part(b"", root(filled(b"<a>", size))),
        filled(b"\r\n--b", size),
        filled(b"\r\n--b\r\n\r\n", size),
        filled(b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", size),
        part(filled(b"\r\n ", size, b"A:"), b""),
        part(b"Content-Transfer-Encoding: base64", filled(b"=", size)),
        part(b"Content-Transfer-Encoding: quoted-printable", filled(b"=\n", size)),
    ):
        yield Native(body, MULTIPART), None, None


def _removals(size: int) -> Worst:
    """Yield hostile answers of the SNE of about this size; three quarters of it is the content in base64."""
    inside = size * 3 // 4 - 400
    number = b"<numUnique>1110318016982G1104</numUnique>"
    number += b"<radiation><dateRadiation>2026-01-01</dateRadiation></radiation>"
    for unit in (
        b"<demandeLogement>" + number + b"</demandeLogement>",
        b"<demandeLogement/>",
        b'<demandeLogement a="">',
        b'<anomalie code="A"/>',
        b" ",
        b'<a b="" c="" d=""/>',
    ):
        file = filled(unit, inside, b'<i xmlns="http://nuu.application.i2/">', b"</i>")
        yield (_answer(base64.b64encode(file)),)
    yield (_answer(filled(b"=", size - 300)),)
    yield (_answer(filled(b"<fichierDemandesRadiees/>", size - 300)),)
    yield (_answer(filled(b"<a>", size - 300)),)


def _answer(held: bytes) -> Native:
    soap = (
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><r><fichierDemandesRadiees>'
    )
    end = b"</fichierDemandesRadiees></r></e:Body></e:Envelope>"
    return Native(soap + held + end, "application/soap+xml")


def _refusals(size: int) -> Worst:
    for media_type, body in replies(size):
        yield media_type, body, RefusDansReponse(champ="a")
        yield media_type, body, RefusDansReponse(champ="b", dans="a")


def _lists(size: int) -> Worst:
    line = b'{"ficheId":1,"dateModification":"2026-01-01T00:00:00"},'
    yield (filled(line, size, b"[", b'{"ficheId":2}]'),)
    yield (filled(b'{"ficheId":1},', size, b"[", b'{"ficheId":2}]'),)
    yield (filled(b"9", size, b'[{"ficheId":', b"}]"),)


def _trees(size: int) -> Worst:
    for unit in (b"[", b'{"a":', b'"', b"\\u0041", b"9", b"[],", b'{"a":1,'):
        yield (filled(unit, size, b"["),)


def _names(size: int) -> Worst:
    attributes = UInt32(0)
    name = String(b"a") + String(b"") + attributes
    yield name * (size // len(name)), size // len(name)
    extended = UInt32(0x80000000) + UInt32(size // 8) + (String(b"") + String(b"")) * (size // 8)
    yield String(b"a") + String(b"") + extended, 1


EMPTY_RECORD = b"\x0c\0\0\0\1\0\0"
FOLD = (bytes, gzip_encode, snappy_encode, lz4_encode, zstd_encode)


def _batches(size: int) -> Worst:
    """Yield hostile Kafka batches that have this size when uncompressed and few bytes compressed."""
    for codec in range(len(FOLD)):
        yield (_batch(codec, b"\0", size),)
        yield (_batch(codec, EMPTY_RECORD, min(size // len(EMPTY_RECORD), RECORDS_MAX)),)


@cache
def _batch(codec: int, record: bytes, number: int) -> bytes:
    rest = struct.pack(">hiqqqhii", codec, number, 0, 0, -1, -1, -1, number) + FOLD[codec](record * number)
    checksum: int = calc_crc32c(rest)
    return struct.pack(">qiib", 0, 9 + len(rest), -1, 2) + checksum.to_bytes(4) + rest


def _said_by_provider(size: int) -> Worst:
    key = {"kty": "oct", "k": "AAAA", "kid": "a"}
    yield (json.dumps({"keys": [key] * (size // len(json.dumps(key)))}).encode(),)
    yield (filled(b"9", size, b'{"keys":[{"kty":"RSA","e":"AQAB","n":"', b'"}]}'),)
    yield (filled(b"[", size),)
    yield (filled(b'{"a":', size),)


def _forms(size: int) -> Worst:
    kind = "multipart/form-data; boundary=b"
    field = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    long_head = b"--b\r\nContent-Disposition: form-data" + b";" * 4000 + b'; name="a"\r\n\r\n\r\n'
    yield kind, filled(field, size)
    yield kind, filled(long_head, max(size, len(long_head)))
    yield kind, filled(b"\r\n--", size, field)
    for charset, unit in (("punycode", b"9"), ("punycode", b"A"), ("idna", b"."), ("unicode_escape", b"\\")):
        yield f"{kind}; charset={charset}", filled(unit, size, field.removesuffix(b"\r\n"), b"\r\n--b--\r\n")


def _forms_at_once(size: int) -> Worst:
    for unit in (b"a=%41&", b"&", b"%", b"%41", b"%C3%A9", b"+", b"=", b"a=&"):
        yield "application/x-www-form-urlencoded", filled(unit, size)
        yield "application/x-www-form-urlencoded", filled(unit, size, b"a=")


def _names_of_people(size: int) -> Worst:
    """Yield two households of many people. Their names have this many letters in all, in words that are all
    different."""
    for length in (1, 2, 5, 20):
        one, other = (
            [_text(random.Random(size + seed), size, length) for seed in range(side, 4 * MEMBERS_COMPARED, 2)]
            for side in (0, 1)
        )
        yield one, other


def _text(drawn: random.Random, size: int, length: int) -> str:
    words = ("".join(drawn.choices(ascii_lowercase, k=length)) for _ in range(size // (length + 1)))
    return " ".join(words)


def _communes(size: int) -> Worst:
    for unit in ("é", "a ", "1", "-", "œ"):
        yield unit * (size // len(unit.encode())), ("01", "2A")


def _kinds_of_forms(size: int) -> Worst:
    for unit in (b";", b'"', b'";', b'a="\\";'):
        yield filled(unit, size, b"multipart/form-data; boundary=b;").decode(), b""


def _cookies_of_people(size: int) -> Worst:
    for unit in (b";", b"a=b;", b'a="', b"\\1", b'\\"'):
        yield (filled(unit, size, b'a="', b'"').decode(),)


def _heads(size: int) -> Worst:
    for unit in (b'filename="', b"filename*=utf-8'", b"\\", b'filename="\\', b" ", b"/"):
        yield {b"content-disposition": filled(unit, size), b"content-type": filled(b"a/", 200)}, b""


def _mail_answers(size: int) -> Worst:
    """Yield hostile answers of a mail server to EHLO, in which the client searches for words."""
    for unit in (b"250-a\r\n", b"250-auth=a\r\n", b"250-AUTH a\r\n", b"250-", b"250-a ", b"\r\n", b"\0"):
        yield (filled(unit, size, b"", b"\r\n250 a\r\n"),)


def _ssh(size: int) -> Worst:
    for unit in (b"a\r\n", b"a", b"\0\0\0\x0c\x06\x02" + bytes(10), b"\0"):
        yield (filled(unit, size),)
        yield (filled(unit, size, b"SSH-2.0-a\r\n"),)


def _masked(size: int) -> Worst:
    yield from ((body,) for body in masked_ones(size))


def _profiles(size: int) -> Worst:
    key = "a." * (MOST_DOTS - 1)
    for line in (f"[{key}b%d]\n", f"{key}b%d = 1\n", "[[a.b%d]]\n", "b%d = 1\n"):
        yield "".join(line % number for number in range(size // len(line))), "x"
    for nested in (b"[", b"{a=", b"1", b"a.", b"'"):
        yield filled(nested, size, b"a=").decode(), "x"


def _judged(*arguments: Any) -> object:
    return judged(*arguments, cut=False)


def _jar(headers: list[str]) -> None:
    CookieJar(unsafe=True, loop=_LOOP).update_cookies_from_headers(headers, URL("https://service.invalid/"))


_LOOP = asyncio.new_event_loop()


class _Said:
    """A connection to a mail server that has already sent all its bytes."""

    def __init__(self, said: bytes) -> None:
        self._said, self._at = said, 0

    def recv(self, size: int) -> bytes:
        self._at += size
        return self._said[self._at - size : self._at]

    def settimeout(self, seconds: float) -> None:
        """Do nothing: reads never wait."""

    sendall = close = settimeout


def _mailed(said: bytes) -> None:
    client = Bounded()
    client.sock = cast("socket", _Said(said))
    client.ehlo("hub")


def _listed(packet: bytes, count: int) -> None:
    reading = SSHPacket(packet)
    for _ in range(count):
        SFTPName.decode(reading, 3)


class _Silent(asyncio.Transport):
    """A connection to an SSH server that hears nothing."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Do nothing: nobody reads."""

    def abort(self) -> None:
        """Do nothing: nothing is open."""


def _greeted(said: bytes) -> None:
    options = SSHClientConnectionOptions(config=None, known_hosts=None, client_keys=None)
    connection = SSHClientConnection(_LOOP, options)
    connection.connection_made(_Silent())
    connection.data_received(said)


def _first_of(batch: bytes) -> None:
    read_within_bounds()
    reading = fetcher.MemoryRecords(batch).next_batch()
    reading.validate_crc()
    next(iter(reading))


def _provided(body: bytes) -> None:
    KeySet.import_key_set(json.loads(body))


def _compared(one: list[str], other: list[str]) -> None:
    people = (
        tuple(Compared.of(nom, prenom, None, None) for nom, prenom in pairwise(names))
        for names in (one, other)
    )
    compare(*map(Fiche, people))


def _form(kind: str, body: bytes) -> None:
    async def pieces() -> AsyncGenerator[bytes, None]:
        for at in range(0, len(body), FORM_PIECE_BYTES):
            yield body[at : at + FORM_PIECE_BYTES]

    async def page(scope: Scope, _: Receive, __: Send) -> None:
        of_parts = kind.startswith("multipart")
        with suppress(Exception):  # otherwise the guard logs it as the console's own bug
            await (MultiPartParser if of_parts else FormParser)(Headers(scope=scope), pieces()).parse()

    async def never() -> Message:
        raise AssertionError

    async def send(_: Message) -> None: ...

    sent = {"content-type": kind, "content-length": str(len(body))}
    scope = {"type": "http", "method": "POST", "path": "/", "headers": Headers(sent).raw}
    _LOOP.run_until_complete(Guard(page, ConsoleSettings(max_body_bytes=len(body)))(scope, never, send))


PARSERS = (
    Parser("type de média", "serveur d'un partenaire", MEDIA_TYPE_CHARACTERS, LOOP, _judged, _media_types),
    Parser("`Retry-After`", "serveur d'un partenaire", RETRY_AFTER_CHARACTERS, LOOP, retry_after_seconds, _dates),
    Parser("`Set-Cookie` (aiohttp : 50 par réponse)", "service REST", FIELD_BYTES, LOOP, _jar, _cookies),
    Parser("enveloppe SOAP et pièces jointes", "service SOAP", REPLY_MAX_BYTES, APART, _judged, _envelopes),
    Parser("refus dans une réponse", "serveur d'un partenaire", REPLY_MAX_BYTES, APART, refused_inside, _refusals),
    Parser("liste de fiches", "service REST", LIST_MAX_BYTES, APART, lines_of, _lists),
    Parser("fiche", "service REST", OBJECT_MAX_BYTES, APART, check, _trees),
    Parser("demandes radiées", "service du SNE", ANSWER_MAX_BYTES, APART, radiations_of, _removals),
    Parser("ce que dit un serveur SSH, un tour de boucle", "serveur SFTP", PIECE_BYTES, LOOP, _greeted, _ssh),
    Parser("noms d'un dossier (asyncssh, sans compression)", "serveur SFTP", SFTP_REPLY_BYTES, LOOP, _listed, _names),
    Parser("lot d'un topic, décompressé", "Kafka d'un partenaire", BATCH_MAX_BYTES, LOOP, _first_of, _batches),
    Parser("métadonnées, jetons et clés", "fournisseur d'identité", ANSWER_BYTES, LOOP, _provided, _said_by_provider),
    Parser("formulaire sans fichier", "personne", FORM_BYTES, LOOP, _form, _forms_at_once),
    Parser("formulaire, morceau par morceau", "personne", FORM_PIECE_BYTES, LOOP, _form, _forms),
    Parser("type de média d'un formulaire", "personne", HEAD_BYTES, LOOP, _form, _kinds_of_forms),
    Parser("commune, dans un formulaire", "personne", FORM_BYTES, LOOP, code_of, _communes),
    Parser("cookies d'une personne", "personne", HEAD_BYTES, LOOP, cookie_parser, _cookies_of_people),
    Parser("réponses à un courriel", "serveur de courriel", ANSWERS_MAX_BYTES, THREAD, _mailed, _mail_answers),
    Parser("en-têtes d'un message", "émetteur", HEAD_BYTES, LOOP, native_of, _heads),
    Parser("octets montrés masqués", "émetteur, serveur d'un partenaire", INLINE_BYTES, APART, masked, _masked),
    Parser("noms de deux ménages que l'on compare", "émetteur", NAME_CHARACTERS, A_THREAD, _compared, _names_of_people),
    Parser("profil à l'essai", "personne", LONGEST_PROFILE, KILLED, parse, _profiles),
)  # fmt: skip


def row(parser: Parser) -> str:
    """Return the parser's row of the table, without its cost."""
    size = parser.bound_bytes
    bound = f"{size // 1024} Kio" if size >= 2048 else f"{size} caractères"
    return f"| {parser.name} | {parser.fed_by} | {bound} | {parser.where} |"


def cost_ms(parser: Parser) -> float:
    """Return the CPU time, in milliseconds, of the parser's worst input at its bound."""
    return max(_cpu_ms(partial(survived, parser, *each)) for each in parser.worst(parser.bound_bytes))


def _cpu_ms(call: Callable[[], None]) -> float:
    began = time.process_time()
    call()
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    for each in PARSERS:
        print(row(each), f"{cost_ms(each):.1f} ms |")  # noqa: T201  it is what the command is for
