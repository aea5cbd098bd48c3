"""Envelope of an event: its attributes (id, type, sender, time…), as the standard CloudEvents 1.0 defines
them. In Kafka, each attribute is a header `ce_…`; CloudEvents calls this the binary mode.

An event's id is computed from its message and row, or from the event or subject out of which the hub makes
it. The same event, made twice, has the same id.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat
from contracts.errors import InvalidContract
from contracts.frozen import frozen

CONTENT_TYPE = "application/json"
PREDECESSOR = "siao_follows"
"""Kafka header with the id of the event's predecessor. The predecessor is the event of the same topic and
subject that was published right before, if it was still pending. By this id, the worker that reads the event
notices that Kafka has lost the predecessor."""
MAC = "siao_mac"
"""Kafka header with the proof that the hub wrote the event, in hexadecimal."""
HUB = "siao-hub"
"""Value of the attribute `source` in events that the hub itself makes."""
T = TypeVar("T")


class Attributes(NamedTuple):
    """CloudEvents attributes of an event. No attribute holds personal data."""

    id: UUID
    type: str
    source: str
    """Id of the sender in the registry; `siao-hub` for an event of the hub."""
    subject: UUID
    """Id of the event's subject. It is also the key of the Kafka record."""
    time: datetime
    """Moment (UTC) at which the hub accepted or made the event."""
    territoire: str
    correlationid: UUID
    """Id of the message from which the event came, directly or through other events. If no message caused the
    event (a deadline, a silence), this is the id of the first event that the hub made."""
    causationid: UUID | None = None
    """Id of the event that caused this one; None if a partner's message did, or the hub by itself."""
    traceparent: str | None = None


@frozen()
class Event:
    """Event in memory: its CloudEvents attributes and its contract. The rules of the domain see only the
    unencrypted part of the contract."""

    attributes: Attributes
    contrat: Contrat
    successor: str | None = None
    """Id of the SIAO into which the sender has merged, if any."""

    @property
    def source(self) -> str:
        """Return the registry id of the sender (`siao-hub` for the hub). If the sender is a SIAO that has merged
        into another, return the id of this other SIAO, its successor."""
        return self.successor or self.attributes.source

    @property
    def of_the_hub(self) -> bool:
        """Return whether the hub made the event."""
        return self.source == HUB


def row_id(message: UUID, row: int) -> UUID:
    """Return the id of the event in row number `row` of a message."""
    return uuids.beside(message, str(row))


def derived_id(source: UUID, what: str, destination: str) -> UUID:
    """Return the id of a thing that the hub makes out of the event or subject `source`. Equal arguments give
    an equal id.

    `what`: kind of thing, such as `livraison`; `destination`: what distinguishes it from other things of this
    kind with the same `source`, such as its recipient.
    """
    return uuids.beside(source, f"{what}\n{destination}")


def to_headers(attributes: Attributes) -> list[tuple[str, bytes]]:
    """Return the attributes as Kafka headers, in the binary mode of CloudEvents."""
    headers = [
        ("content-type", CONTENT_TYPE.encode()),
        ("ce_specversion", b"1.0"),
        ("ce_id", str(attributes.id).encode()),
        ("ce_type", attributes.type.encode()),
        ("ce_source", f"urn:siao:{attributes.source}".encode()),
        ("ce_subject", str(attributes.subject).encode()),
        ("ce_time", attributes.time.isoformat().encode()),
        ("ce_territoire", attributes.territoire.encode()),
        ("ce_correlationid", str(attributes.correlationid).encode()),
    ]
    if attributes.causationid is not None:
        headers.append(("ce_causationid", str(attributes.causationid).encode()))
    if attributes.traceparent is not None:
        headers.append(("ce_traceparent", attributes.traceparent.encode()))
    return headers


def from_headers(headers: Iterable[tuple[str, bytes | None]]) -> Attributes:
    """Read attributes from Kafka headers, in the binary mode of CloudEvents. Raises InvalidContract for a
    missing or wrong header; the error names the header."""
    raw = {name: value for name, value in headers if value is not None}
    return Attributes(
        id=_read(raw, "ce_id", uuids.read),
        type=_read(raw, "ce_type", str),
        source=_read(raw, "ce_source", str).removeprefix("urn:siao:"),
        subject=_read(raw, "ce_subject", uuids.read),
        time=_read(raw, "ce_time", datetime.fromisoformat),
        territoire=_read(raw, "ce_territoire", str),
        correlationid=_read(raw, "ce_correlationid", uuids.read),
        causationid=_read(raw, "ce_causationid", uuids.read) if raw.get("ce_causationid") else None,
        traceparent=_read(raw, "ce_traceparent", str) if raw.get("ce_traceparent") else None,
    )


def _read(raw: Mapping[str, bytes], name: str, parse: Callable[[str], T]) -> T:
    if name not in raw:
        raise InvalidContract(f"attribut CloudEvents absent : {name}")
    try:
        return parse(raw[name].decode())
    except ValueError as exc:
        raise InvalidContract(f"attribut CloudEvents illisible : {name}") from exc
