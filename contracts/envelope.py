"""CloudEvents 1.0 envelope and its Kafka binding in binary mode (one header for each attribute, with the
prefix `ce_`).

Extensions: `territoire`, `correlationid`, `causationid`, `traceparent`. Ids are deterministic: equal input
gives the same event id, so a repetition is recognised anywhere by its id alone.
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
"""Name of the header with the id of the event published just before this one, on the same topic and subject,
if that event is still pending. The relay adds it at each publication."""
MAC = "siao_mac"
"""Name of the header with the proof, in hexadecimal, that the hub wrote this event (`router/domain/proof.py`)."""
T = TypeVar("T")


class Attributes(NamedTuple):
    """The CloudEvents attributes of an event; none of them is personal."""

    id: UUID
    type: str
    source: str
    """Id of the sender in the registry, or `siao-hub` for an event that the hub derived."""
    subject: UUID
    """Id of the subject, and key of the record on Kafka: events of one subject stay in order."""
    time: datetime
    """Moment (UTC) at which the hub accepted or derived the event. The partner's own dates are in the
    contract."""
    territoire: str
    correlationid: UUID
    """Id of the message at the origin of the whole chain; equal in every event of the chain."""
    causationid: UUID | None = None
    """Id of the event from which the hub derived this one; None for an event that a partner's message
    contains."""
    traceparent: str | None = None


@frozen()
class Envelope:
    """Event in clear, with its attributes. It exists in memory only."""

    attributes: Attributes
    data: Contrat


def row_id(message: UUID, row: int) -> UUID:
    """Return the id of the event made from row `row` of a message."""
    return uuids.beside(message, str(row))


def derived_id(source: UUID, what: str, destination: str) -> UUID:
    """Return the id of a delivery, alert or event that the hub derives from an event or a subject (`source`).
    Equal input gives equal ids."""
    return uuids.beside(source, f"{what}\n{destination}")


def to_headers(attributes: Attributes) -> list[tuple[str, bytes]]:
    """Write the attributes as Kafka headers in binary mode."""
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
    """Read the attributes from Kafka headers in binary mode.

    Raises InvalidContract, which names the attribute that is missing or unreadable.
    """
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
