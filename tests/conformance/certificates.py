"""A certificate authority for tests."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Pair(NamedTuple):
    """A certificate and its private key, in PEM."""

    certificate: str
    key: str


class Authority:
    """A certificate authority that signs certificates for servers on this machine and for client accounts."""

    def __init__(self, folder: Path, name: str = "autorite") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._certificate(self._name, self._key.public_key(), authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_text(_pem(own))

    def server(self, host: str = "127.0.0.1") -> Pair:
        """Return a certificate for a server at this address."""
        return self._pair(host, hosts=[host])

    def account(self, name: str) -> Pair:
        """Return a certificate for a client with this account."""
        return self._pair(name)

    def _pair(self, common_name: str, hosts: Sequence[str] = ()) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Pair(_pem(self._certificate(name, key.public_key(), hosts=hosts)), secret.decode())

    def _certificate(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        hosts: Sequence[str] = (),
        authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if hosts:
            addresses = [x509.IPAddress(ip_address(host)) for host in hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def written(file: Path, pair: Pair, mode: int = 0o600) -> str:
    """Write a certificate and its key to one file; return its path."""
    file.write_text(pair.certificate + pair.key)
    file.chmod(mode)
    return str(file)


def asking(authority: Authority, folder: Path) -> ssl.SSLContext:
    """Return a server's TLS context that demands a client certificate of this authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
    context.load_cert_chain(written(folder / "service.pem", authority.server()))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
