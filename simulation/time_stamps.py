"""A time-stamping authority (RFC 3161) for fault runs and tests: OpenSSL behind an HTTP server.

`python -m simulation.time_stamps FOLDER PORT` runs one that answers half of the time.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HALF_SECONDS = 10.0
"""Time for which a half-dead authority answers, and for which it then does not."""
CONFIGURATION = """
[tsa]
default_tsa = the_tsa
[the_tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """A time-stamping authority that, as the caller sets it, never answers (`silent`) or refuses
    (`status`)."""

    folder: Path
    port: int
    status: int = 200
    silent: bool = False
    answer: bytes | None = None
    """Bytes to answer instead of a time stamp."""
    asked: list[bytes] = field(default_factory=list)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """URL to which requests are posted."""
        return f"http://127.0.0.1:{self.port}/tsr"

    @property
    def ca_file(self) -> Path:
        """Certificate by which the authority's time stamps can be verified."""
        return self.folder / "ca.pem"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Authority"]:
        """Answer requests until the block ends."""
        app = web.Application()
        app.router.add_post("/tsr", self._stamp)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield self
        finally:
            self._ending.set()
            await runner.cleanup()

    async def _stamp(self, request: web.Request) -> web.Response:
        query = await request.read()
        self.asked.append(query)
        if self.silent:
            await self._ending.wait()
        body = self.answer if self.answer is not None else await self._dated(query)
        return web.Response(status=self.status, body=body, content_type="application/timestamp-reply")

    async def _dated(self, query: bytes) -> bytes:
        asked, answered = self.folder / "query.tsq", self.folder / "answer.tsr"
        asked.write_bytes(query)
        arguments = ("-queryfile", asked, "-out", answered, "-config", self.folder / "tsa.cnf")
        openssl = await asyncio.create_subprocess_exec(
            "openssl", "ts", "-reply", *map(str, arguments), stderr=asyncio.subprocess.DEVNULL
        )
        assert await openssl.wait() == 0
        return answered.read_bytes()


async def half_dead(folder: Path, port: int) -> None:
    """Run the authority of `folder` until cancelled, in turn answering, silent, and not listening."""
    while True:
        async with Authority(folder, port).running() as running:
            await asyncio.sleep(HALF_SECONDS)
            running.silent = True
            await asyncio.sleep(HALF_SECONDS / 2)
        await asyncio.sleep(HALF_SECONDS / 2)


def authority(folder: Path, port: int) -> Authority:
    """Make the keys and certificates of a new authority, and return it."""
    folder.mkdir(parents=True)
    ca_key, key = _key(), _key()
    ca = _certificate("Autorité", ca_key, "Autorité", ca_key, of_an_authority=True)
    own = _certificate("Horodatage", key, "Autorité", ca_key, of_an_authority=False)
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "tsa.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tsa.key").write_bytes(pem)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
    return Authority(folder, port)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, signer: rsa.RSAPrivateKey, *, of_an_authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        _named(issuer),
        _named(name),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=3650),
    ).add_extension(x509.BasicConstraints(ca=of_an_authority, path_length=None), critical=True)
    if not of_an_authority:
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamps, critical=True)
    return builder.sign(signer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


if __name__ == "__main__":
    asyncio.run(half_dead(Path(sys.argv[1]), int(sys.argv[2])))
