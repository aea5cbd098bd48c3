"""Quick ids are those of the standard library, to everybody who meets them."""

import pickle
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import uuids
from tests.rows import each_row


@given(namespace=st.uuids(), name=st.text())
def test_a_named_id_is_the_one_that_the_standard_says(namespace: uuid.UUID, name: str) -> None:
    ident = uuids.named(namespace, name)
    assert ident == uuid.uuid5(namespace, name)
    assert hash(ident) == hash(uuid.uuid5(namespace, name))
    assert isinstance(ident, uuid.UUID)
    assert (str(ident), ident.bytes) == (str(uuid.UUID(int=ident.int)), uuid.UUID(int=ident.int).bytes)


def test_a_random_id_is_new_and_says_what_it_is() -> None:
    one, other = uuids.random(), uuids.random()
    assert one != other
    assert {(each.version, each.variant) for each in (one, other)} == {(4, uuid.RFC_4122)}


def test_a_dated_id_is_new_and_begins_with_its_moment() -> None:
    moment = datetime(2026, 11, 27, 12, 0, 0, 123_000, tzinfo=UTC)
    one, other = uuids.dated(moment), uuids.dated(moment)
    assert one != other
    assert {(each.version, each.variant) for each in (one, other)} == {(7, uuid.RFC_4122)}
    assert {each.int >> 80 for each in (one, other)} == {int(moment.timestamp() * 1000)}


def test_a_dated_id_tells_its_moment_unless_no_date_can_be_that_late() -> None:
    moment = datetime(2026, 11, 27, 12, 0, 0, 123_000, tzinfo=UTC)
    assert uuids.moment_of(uuids.dated(moment)) == moment
    assert uuids.moment_of(uuid.UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")) is None


@given(seconds=st.integers(0, 2**37), names=st.lists(st.text(), min_size=2, max_size=2, unique=True))
def test_ids_beside_a_dated_one_begin_with_its_minute_and_differ_by_name(
    seconds: int, names: list[str]
) -> None:
    ident = uuids.dated(datetime.fromtimestamp(seconds, UTC))
    one, other = (uuids.beside(ident, name) for name in names)
    assert uuids.beside(ident, names[0]) == one != other
    assert {(each.version, each.variant) for each in (one, other)} == {(8, uuid.RFC_4122)}
    assert {each.int >> 96 for each in (one, other, uuids.beside(one, names[0]))} == {ident.int >> 96}


def test_ids_beside_a_dated_one_do_not_say_to_the_second_when_it_was_made() -> None:
    ident = uuids.dated(datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC))
    said = {uuids.beside(ident, str(number)).int >> 80 & 0xFFFF for number in range(100)}
    assert len(said) > 90


@given(ident=st.uuids(version=4), name=st.text())
def test_beside_an_id_without_a_moment_ids_are_named_by_the_standard(ident: uuid.UUID, name: str) -> None:
    assert uuids.beside(ident, name) == uuid.uuid5(ident, name)


@given(ident=st.uuids())
def test_an_id_is_read_as_it_is_written_and_travels_between_processes(ident: uuid.UUID) -> None:
    assert pickle.loads(pickle.dumps(uuids.read(str(ident)))) == ident  # noqa: S301  our own bytes


@each_row("text", ["", "CH-102", "8ddf8780-39b7-4767-84a5-bcf4f0c4f65e0", "é" * 36])
def test_what_is_no_id_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="invalid UUID"):
        uuids.read(text)
