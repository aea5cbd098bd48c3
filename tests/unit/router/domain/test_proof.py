"""A proof holds for one event and no other: whatever is changed of it, it proves nothing any more."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from contracts.envelope import Attributes, from_headers, to_headers
from router.domain.proof import Prover
from tests.rows import each_row

PROVER = Prover(b"k" * 32)
EVENT = Attributes(
    id=UUID(int=1),
    type="fr.siao.orientation.orientation.refusee.v1",
    source="centre",
    subject=UUID(int=2),
    time=datetime(2026, 11, 25, 12, 30, 15, 250, tzinfo=UTC),
    territoire="01",
    correlationid=UUID(int=3),
    causationid=UUID(int=4),
    traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01",
)
PAYLOAD = b'{"clair":{},"scelle":[]}'
OTHER: dict[str, Any] = {
    "id": UUID(int=9),
    "type": "fr.siao.orientation.orientation.acceptee.v1",
    "source": "siao-hub",
    "subject": UUID(int=9),
    "time": EVENT.time + timedelta(microseconds=1),
    "territoire": "69",
    "correlationid": UUID(int=9),
    "causationid": None,
    "traceparent": None,
}


def test_an_event_is_proven_by_its_own_mac_also_after_its_way_over_the_bus():
    mac = PROVER.mac(EVENT, PAYLOAD)
    assert PROVER.proves(mac, from_headers(to_headers(EVENT)), PAYLOAD)
    elsewhere = EVENT._replace(time=EVENT.time.astimezone(timezone(timedelta(hours=2))))
    assert PROVER.proves(mac, elsewhere, PAYLOAD), "le même instant, dit à une autre heure"


@each_row("attribute", Attributes._fields)
def test_whatever_attribute_is_changed_nothing_is_proven(attribute: str):
    mac = PROVER.mac(EVENT, PAYLOAD)
    assert not PROVER.proves(mac, EVENT._replace(**{attribute: OTHER[attribute]}), PAYLOAD)


@each_row("payload", [b"", PAYLOAD[:-1], PAYLOAD + b" ", b"{}"])
def test_another_payload_is_not_proven(payload: bytes):
    assert not PROVER.proves(PROVER.mac(EVENT, PAYLOAD), EVENT, payload)


def test_a_part_that_moves_from_one_attribute_to_the_next_is_not_proven():
    mac = PROVER.mac(EVENT, PAYLOAD)
    moved = EVENT._replace(type=EVENT.type + EVENT.source[0], source=EVENT.source[1:])
    assert not PROVER.proves(mac, moved, PAYLOAD)


@each_row("mac", [None, b"", b"\0" * 32, Prover(b"x" * 32).mac(EVENT, PAYLOAD)])
def test_without_a_mac_of_ours_nothing_is_proven(mac: bytes | None):
    assert not PROVER.proves(mac, EVENT, PAYLOAD)
