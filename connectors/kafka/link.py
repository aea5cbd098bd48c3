"""Connect to a partner's Kafka, or find out why that fails."""

import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from connectors.kafka.bounds import read_within_bounds
from connectors.secrets import read_secret
from connectors.unbroken import connected
from contracts.errors import HubError, HubsOwnFault, Misconfigured, PartnerUnavailable
from contracts.kafka import ServeurKafka

CLIENT = "siao-hub"
DENIED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)
UNREACHABLE = "Le Kafka du partenaire est injoignable"


def options(server: ServeurKafka) -> Mapping[str, Any]:
    """Return the options with which aiokafka connects to this server. The password and the certificate
    authority are read at each call. Raises Misconfigured if either cannot be read."""
    read_within_bounds()
    secured: dict[str, Any] = {"ssl_context": _context(server)} if server.tls else {}
    if server.utilisateur is not None and server.mot_de_passe is not None:
        secured |= {
            "sasl_mechanism": server.mecanisme,
            "sasl_plain_username": server.utilisateur,
            "sasl_plain_password": read_secret(server.mot_de_passe),
        }
    return {
        **secured,
        "security_protocol": ("SASL_" if server.utilisateur else "") + ("SSL" if server.tls else "PLAINTEXT"),
        "client_id": CLIENT,
        "request_timeout_ms": int(server.delai_s * 1000),
    }


async def partitions(server: ServeurKafka) -> set[int]:
    """Return the numbers of the topic's partitions. Raises Misconfigured for a refused account, an untrusted
    certificate, or a topic that the hub may not see; PartnerUnavailable for any other Kafka error."""
    client = AIOKafkaClient(**options(server), bootstrap_servers=server.serveurs)
    try:
        async with connected(client.bootstrap, client.close):
            if not await client.set_topics([server.topic]):
                raise PartnerUnavailable(UNREACHABLE)
            found: set[int] | None = client.cluster.partitions_for_topic(server.topic)
    except KafkaError as exc:
        raise await why_not(server) from exc
    if not found:
        raise Misconfigured("Le hub ne voit pas le topic du partenaire")
    return found


async def why_not(server: ServeurKafka) -> HubError:
    """Return the reason why the hub could not connect: Misconfigured if a server refuses the account or has an
    untrusted certificate, else PartnerUnavailable."""
    try:
        given = options(server)
        for address in server.serveurs.split(","):
            host, _, port = address.strip().rpartition(":")
            connection = await create_conn(host.strip("[]"), int(port), **given)
            connection.close()
    except Misconfigured as exc:
        return exc
    except (SaslAuthenticationFailed, UnsupportedSaslMechanismError):
        return Misconfigured("Le Kafka du partenaire refuse le compte du hub")
    except ssl.SSLError:
        return Misconfigured("La vérification TLS du Kafka du partenaire a échoué")
    except (KafkaError, OSError):
        return PartnerUnavailable(UNREACHABLE)
    return PartnerUnavailable(UNREACHABLE)


def _context(server: ServeurKafka) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=server.autorite)
    except (OSError, ssl.SSLError) as exc:
        raise HubsOwnFault(f"Autorité TLS illisible : {server.autorite}") from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
