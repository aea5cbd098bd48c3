"""Part of a registry entry: how the hub reads and writes the topics of a partner that has its own Kafka."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from contracts.entry import Delai, EnVol, Secret, Table, is_host, is_this_machine

Nom = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")]


def hosts(serveurs: str) -> list[str]:
    """Return the host names in a text such as `name:port,name:port`."""
    return [address.rpartition(":")[0].strip("[] ") for address in serveurs.split(",")]


def _servers(text: str) -> str:
    ports = [address.rpartition(":")[2] for address in text.split(",")]
    if not all(map(is_host, hosts(text))) or not all(
        port.isdecimal() and 0 < int(port) < 65536 for port in ports
    ):
        raise ValueError("serveurs attendus : nom:port, séparés par des virgules (kafka.exemple.fr:9093)")
    return text


class ServeurKafka(Table):
    """Kafka cluster of a partner, and one topic in it. The hub logs in with the user name and the password,
    by SASL (Kafka's protocol for logins)."""

    serveurs: Annotated[str, AfterValidator(_servers)]
    topic: Nom
    utilisateur: str | None = None
    mot_de_passe: Secret | None = None
    mecanisme: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    tls: bool = True
    autorite: str | None = None
    """PEM file with the certificate authorities to trust; None for the operating system's."""
    en_clair: bool = False
    """Whether the hub may send unencrypted data to another machine."""
    delai_s: Delai = 10.0

    @property
    def leaves_in_clear(self) -> bool:
        """Return whether traffic leaves this machine unencrypted."""
        return not self.tls and not all(map(is_this_machine, hosts(self.serveurs)))

    @model_validator(mode="after")
    def _has_a_whole_account(self) -> "ServeurKafka":
        if (self.utilisateur is None) != (self.mot_de_passe is None):
            raise ValueError("« utilisateur » et « mot_de_passe » vont ensemble")
        return self


class EntreeKafka(ServeurKafka):
    """Kafka topic from which the hub reads a partner's messages. Each message is offered until the hub has
    accepted or refused it."""

    type: Literal["kafka"] = "kafka"
    groupe: Nom = "siao-hub"
    """Consumer group: the name under which Kafka stores how far the hub has read (the offsets)."""
    dialecte: str
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 1.0


class SortieKafka(ServeurKafka):
    """Kafka topic to which the hub writes its deliveries to a partner. A delivery that is sent a second time
    has the same header `idempotency-key` as before."""

    type: Literal["kafka"] = "kafka"
    en_vol: EnVol = 64
