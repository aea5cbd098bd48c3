"""Make the options of the connections to Kafka and PostgreSQL.

A connection to another machine is encrypted, and the server's certificate is verified. Only the setting
`en_clair` permits an unencrypted connection to another machine.
"""

import ssl
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.errors import Misconfigured
from router.settings import DatabaseSettings, KafkaSettings, Tls

SCRAM = "SCRAM-SHA-512"


def is_this_machine(host: str | None) -> bool:
    """Return whether a host is this machine. This is so if `host` is empty or None, the folder of a socket,
    `localhost`, or a loopback address."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def kafka_options(kafka: KafkaSettings) -> Mapping[str, Any]:
    """Return the options with which clients of aiokafka connect. Also limit, for the whole process, the size of
    what Kafka clients accept from a broker. Raises Misconfigured

    * if the account has no password, or a file cannot be read, or
    * if a connection to another machine would be unencrypted, and `en_clair` does not permit this.
    """
    from connectors.kafka.bounds import (
        read_within_bounds,
    )  # imported late: processes without Kafka need no aiokafka

    read_within_bounds()
    plain = {"bootstrap_servers": kafka.bootstrap}
    if kafka.username is not None:
        sasl = {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": SCRAM,
            "sasl_plain_username": kafka.username,
            "sasl_plain_password": _password(kafka),
        }
        return {**plain, **sasl, "ssl_context": _context(kafka.tls)}
    if kafka.tls.is_set:
        return {**plain, "security_protocol": "SSL", "ssl_context": _context(kafka.tls)}
    _check_clear("Kafka", [_host(address) for address in kafka.bootstrap.split(",")], kafka.en_clair)
    return plain


def postgres_ssl(database: DatabaseSettings) -> ssl.SSLContext | None:
    """Return the option `ssl` for the driver asyncpg: a context that verifies the server's certificate and name, or
    None if the connection is not to be encrypted. Raises Misconfigured if a file cannot be read."""
    url = urlsplit(database.url)
    named = parse_qs(url.query).get("host", [""])
    hosts = [*(_host_of(each) for each in url.netloc.rpartition("@")[2].split(",")), *named[0].split(",")]
    if not database.tls.is_set and (database.en_clair or all(map(is_this_machine, hosts))):
        return None
    return _context(database.tls)


def postgres_dsn(database: DatabaseSettings) -> str:
    """Return the address of the database in the form that asyncpg reads. In the settings, the address has the form
    of SQLAlchemy, and also names a driver."""
    _, separator, rest = database.url.partition("://")
    return f"postgresql{separator}{rest}"


def postgres_dsns(database: DatabaseSettings) -> list[str]:
    """Return the address of each PostgreSQL server for asyncpg, in the order of the settings."""
    dsn = postgres_dsn(database)
    named = urlsplit(dsn).netloc
    account, at, places = named.rpartition("@")
    return [dsn.replace(named, f"{account}{at}{place}", 1) for place in places.split(",")]


def _host_of(place: str) -> str:
    host, separator, _ = place.rpartition(":")
    return host if separator and not place.endswith("]") else place


def _check_clear(name: str, hosts: list[str], en_clair: bool) -> None:
    if not en_clair and not all(map(is_this_machine, hosts)):
        raise Misconfigured(
            f"{name} est sur une autre machine, et rien ne chiffre la ligne : indiquer l'autorité (TLS__CA_FILE), "
            "et un compte ou un certificat ; ou EN_CLAIR=true, si un autre moyen la protège"
        )


def _host(address: str) -> str:
    return address.strip().rpartition(":")[0]


def _password(kafka: KafkaSettings) -> str:
    if kafka.password is not None:
        return kafka.password.get_secret_value()
    if kafka.password_file is None:
        raise Misconfigured(
            "Kafka : le compte n'a pas de mot de passe (KAFKA__PASSWORD ou KAFKA__PASSWORD_FILE)"
        )
    try:
        return kafka.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"Kafka : mot de passe illisible ({kafka.password_file})") from None


@cache
def _context(tls: Tls) -> ssl.SSLContext:
    files = {"CA_FILE": tls.ca_file}
    try:
        context = ssl.create_default_context(cafile=_text(tls.ca_file))
        if tls.cert_file is not None:
            files = {"CERT_FILE": tls.cert_file, "KEY_FILE": tls.key_file}
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (OSError, ssl.SSLError) as exc:
        named = " ou ".join(f"TLS__{name} ({file})" for name, file in files.items() if file)
        raise Misconfigured(
            f"{named} illisible ({type(exc).__name__}) : y nommer un fichier PEM que le compte du hub peut lire"
        ) from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
