"""The door speaks TLS itself: 1.2 at least, with the certificate as it is now."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from connectors.http_guard import Bounds
from connectors.http_tls import LOOK_SECONDS, Certificate
from connectors.visits import Room
from contracts.errors import Misconfigured
from tests.hostile.connections import Line

from .certificates import Authority, Pair
from .uvicorn_server import served

GET = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"


async def site(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Files:
    """The door's certificate and key, as an operator keeps them."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.chain, self.key = folder / "porte.pem", folder / "porte.key"
        self.clock = Clock()
        self.pair = self.renew()

    def renew(self) -> Pair:
        """Another certificate in their place."""
        self.pair = self.authority.server()
        self.put(self.pair.certificate, self.pair.key)
        return self.pair

    def put(self, certificate: str, key: str, mode: int = 0o600) -> None:
        for file, text in ((self.chain, certificate), (self.key, key)):
            new = file.with_suffix(".new")
            new.write_text(text)
            new.chmod(mode)
            new.replace(file)

    def opened(self) -> Certificate:
        return Certificate(self.chain, self.key, self.clock)

    def trusting(self) -> ssl.SSLContext:
        """What a sender that knows the authority speaks with."""
        return ssl.create_default_context(cafile=str(self.authority.file))


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(tmp_path)


async def shown(base: str, files: Files) -> bytes:
    """The certificate that the next connection is shown, once it has been served on it."""
    line = await Line.to(base, ssl=files.trusting())
    await line.say(GET)
    assert (await line.answer()).startswith(b"HTTP/1.1 200")
    certificate = line.peer_certificate()
    line.hang_up()
    return certificate


def of(pair: Pair) -> bytes:
    """A certificate as it is shown."""
    return x509.load_pem_x509_certificate(pair.certificate.encode()).public_bytes(Encoding.DER)


async def test_a_renewed_certificate_is_shown_to_the_next_connection(files):
    async with served(site, certificate=files.opened()) as base:
        assert await shown(base, files) == of(files.pair)
        files.renew()
        files.clock.now += LOOK_SECONDS
        assert await shown(base, files) == of(files.pair)


@pytest.mark.parametrize("wrong", ["half", "another key", "open to others", "gone"])
async def test_a_certificate_that_cannot_be_used_is_logged_and_changes_nothing(files, wrong):
    async with served(site, certificate=files.opened()) as base:
        before, other = files.pair, files.authority.server()
        if wrong == "half":
            files.put(other.certificate[:100], other.key)
        elif wrong == "another key":
            files.put(other.certificate, before.key)
        elif wrong == "open to others":
            files.put(other.certificate, other.key, mode=0o644)
        else:
            files.chain.unlink()
        files.clock.now += LOOK_SECONDS
        with capture_logs() as logs:
            assert await shown(base, files) == of(before)
        assert [line["event"] for line in logs] == ["certificate.misconfigured"]
        files.renew()
        files.clock.now += LOOK_SECONDS
        assert await shown(base, files) == of(files.pair)


def test_a_hub_does_not_start_with_a_key_that_others_can_read(files):
    files.put(files.pair.certificate, files.pair.key, mode=0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        files.opened()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_versions_are_not_spoken(files, version):
    old = files.trusting()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = version, version
    async with served(site, certificate=files.opened()) as base:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await Line.to(base, ssl=old)


async def test_who_does_not_encrypt_is_not_heard(files):
    async with served(site, certificate=files.opened()) as base:
        line = await Line.to(base.replace("https", "http"))
        await line.say(GET)
        assert b"HTTP" not in await line.rest()


async def test_a_handshake_that_does_not_begin_ends_in_time(files):
    async with served(site, Bounds(head_seconds=0.1), certificate=files.opened()) as base:
        assert await (await Line.to(base)).rest() == b""


async def test_a_handshake_that_does_not_begin_gives_way_to_who_comes(files):
    async with served(site, Bounds(head_seconds=1000), Room(connections=2), files.opened()) as base:
        silent = [await Line.to(base) for _ in range(2)]
        assert await shown(base, files)
        assert await silent[0].rest() == b""
        silent[1].hang_up()
