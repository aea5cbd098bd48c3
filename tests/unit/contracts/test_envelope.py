"""CloudEvents on Kafka: what is written is read back, and what cannot be read is named."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import uuids
from contracts.envelope import Attributes, derived_id, from_headers, row_id, to_headers
from contracts.errors import InvalidContract
from tests.rows import each_row

COMPLET = Attributes(
    id=UUID(int=1),
    type="fr.siao.offre.place.vacante.v1",
    source="chrs-tilleuls",
    subject=UUID(int=2),
    time=datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC),
    territoire="59",
    correlationid=UUID(int=3),
    causationid=UUID(int=4),
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
OBLIGATOIRES = ("ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_territoire", "ce_correlationid")
LISIBLES = ("ce_id", "ce_subject", "ce_time", "ce_correlationid", "ce_causationid")
texte = st.text(min_size=1, max_size=30)


def altered(name: str, value: bytes | None) -> list[tuple[str, bytes | None]]:
    return [(known, value if known == name else old) for known, old in to_headers(COMPLET)]


@given(
    attributes=st.builds(
        Attributes,
        id=st.uuids(),
        type=texte,
        source=texte.filter(lambda source: not source.startswith("urn:siao:")),
        subject=st.uuids(),
        time=st.datetimes(timezones=st.just(UTC)),
        territoire=texte,
        correlationid=st.uuids(),
        causationid=st.none() | st.uuids(),
        traceparent=st.none() | texte,
    )
)
def test_headers_are_read_back_as_they_were_written(attributes: Attributes) -> None:
    assert from_headers(to_headers(attributes)) == attributes


def test_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    headers = dict(to_headers(COMPLET))
    assert headers["content-type"] == b"application/json"
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_source"] == b"urn:siao:chrs-tilleuls"
    assert headers["ce_time"] == b"2026-03-01T12:30:15.250000+00:00"
    assert all(name == "content-type" or name.startswith("ce_") for name in headers)


def test_what_an_event_does_not_have_has_no_header() -> None:
    names = dict(to_headers(COMPLET._replace(causationid=None, traceparent=None)))
    assert not {"ce_causationid", "ce_traceparent"} & names.keys()


def test_the_moment_keeps_its_offset() -> None:
    summer = datetime.fromisoformat("2026-07-01T12:00:00+02:00")
    assert from_headers(to_headers(COMPLET._replace(time=summer))).time.utcoffset() == timedelta(hours=2)


@each_row("name", OBLIGATOIRES)
def test_a_missing_header_is_an_invalid_contract_that_names_it(name: str) -> None:
    headers = [(known, value) for known, value in to_headers(COMPLET) if known != name]
    with pytest.raises(InvalidContract, match=f"^attribut CloudEvents absent : {name}$"):
        from_headers(headers)


@each_row("name", OBLIGATOIRES)
def test_a_null_header_is_a_missing_one(name: str) -> None:
    with pytest.raises(InvalidContract, match=f"^attribut CloudEvents absent : {name}$"):
        from_headers(altered(name, None))


@each_row("name", [*OBLIGATOIRES, "ce_causationid", "ce_traceparent"])
def test_a_header_that_is_not_utf8_is_an_invalid_contract_that_names_it(name: str) -> None:
    with pytest.raises(InvalidContract, match=f"^attribut CloudEvents illisible : {name}$"):
        from_headers(altered(name, b"\xff\xfe"))


@each_row("name", LISIBLES)
def test_a_header_that_is_no_id_or_no_moment_is_named_and_its_value_is_not(name: str) -> None:
    with pytest.raises(InvalidContract) as refused:
        from_headers(altered(name, b"Camille Fictif"))
    assert str(refused.value) == f"attribut CloudEvents illisible : {name}"


@pytest.mark.parametrize("name", ["ce_causationid", "ce_traceparent"])
def test_the_optional_headers_may_be_null(name: str) -> None:
    attribute = name.removeprefix("ce_")
    assert getattr(from_headers(altered(name, None)), attribute) is None


def test_headers_that_are_not_ours_are_passed_over() -> None:
    assert from_headers([*to_headers(COMPLET), ("x-autre", b"\xff"), ("x-nul", None)]) == COMPLET


def test_the_same_input_gives_the_same_ids() -> None:
    message = uuid4()
    assert row_id(message, 3) == row_id(message, 3)
    assert derived_id(message, "livraison", "siao-59") == derived_id(message, "livraison", "siao-59")


def test_a_message_its_events_and_their_deliveries_lie_side_by_side_in_the_order_of_time() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    messages = [uuids.dated(noon + timedelta(minutes=2 * number)) for number in range(50)]
    events = [row_id(message, 1) for message in messages]
    deliveries = [derived_id(event, "livraison", "siao-59") for event in events]
    for idents in (messages, events, deliveries):
        assert idents == sorted(idents)
    together = sorted([*messages, *events, *deliveries])
    assert [set(together[at : at + 3]) for at in range(0, 150, 3)] == [
        set(three) for three in zip(messages, events, deliveries, strict=True)
    ]


def test_what_follows_from_an_id_of_the_version_before_has_the_id_that_it_had_then() -> None:
    message = uuid4()
    event = row_id(message, 3)
    assert event == uuid5(message, "3")
    assert derived_id(event, "livraison", "siao-59") == uuid5(event, "livraison\nsiao-59")


def test_ids_differ_by_source_row_purpose_and_destination() -> None:
    one, other = uuid4(), uuids.dated(COMPLET.time)
    ids = [
        *(row_id(message, row) for message in (one, other) for row in range(100)),
        *(
            derived_id(source, what, to)
            for source in (one, other)
            for what in ("livraison", "alerte")
            for to in ("siao-59", "chrs-tilleuls")
        ),
    ]
    assert len(set(ids)) == len(ids)
