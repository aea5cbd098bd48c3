"""Connections at the door: who gives way, and who is not let in."""

from ipaddress import ip_network
from typing import Any

from connectors.visits import Room, Visit, Visits

HERE, THERE = "192.0.2.1", "198.51.100.1"


class Door:
    """Notes who gave way."""

    def __init__(self, **room: Any) -> None:
        self.visits = Visits(Room(**room))
        self.gave_way: list[str] = []

    def enters(self, name: str, host: str = HERE) -> Visit:
        visit = self.visits.begin(host, lambda: self.gave_way.append(name))
        assert visit is not None
        return visit

    def refuses(self, host: str = HERE) -> bool:
        return self.visits.begin(host, lambda: None) is None


def test_the_longest_waiting_gives_way_when_all_room_is_taken():
    door = Door(connections=2)
    first, _ = door.enters("first"), door.enters("second")
    door.visits.busy(first)
    door.visits.waits(first)
    assert door.enters("third")
    assert door.gave_way == ["second"]


def test_nobody_is_let_in_while_all_are_at_work():
    door = Door(connections=2)
    for name in ("first", "second"):
        door.visits.busy(door.enters(name))
    assert door.refuses()
    assert door.gave_way == []


def test_an_address_that_has_all_it_may_have_takes_the_room_of_nobody_else():
    door = Door(connections=10, of_one_address=2)
    door.enters("other", THERE)
    for name in ("first", "second", "third"):
        assert door.enters(name)
    assert door.gave_way == ["first"]


def test_an_address_at_work_on_all_it_may_have_is_refused_and_another_is_not():
    door = Door(connections=10, of_one_address=1)
    door.visits.busy(door.enters("first"))
    assert door.refuses()
    assert door.enters("other", THERE)


def test_a_named_proxy_has_the_connections_of_many():
    door = Door(connections=10, of_one_address=1, proxies=(ip_network(f"{HERE}/32"),))
    for name in ("first", "second", "third"):
        door.visits.busy(door.enters(name))
    assert door.gave_way == []


def test_who_left_leaves_its_room_whatever_is_said_of_it_later():
    door = Door(connections=1, of_one_address=1)
    visit = door.enters("first")
    for _ in range(2):
        door.visits.end(visit)
    door.visits.waits(visit)
    for name in ("second", "third"):
        visit = door.enters(name)
        door.visits.busy(visit)
        door.visits.end(visit)
    assert door.gave_way == []
