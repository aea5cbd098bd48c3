"""Whose event goes on the bus next."""

from collections import Counter
from collections.abc import Sequence
from itertools import count
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from router.domain.turns import (
    SMALL_ROWS,
    Queue,
    Unpublished,
    by_subject,
    is_bulk,
    next_in_turn,
    rows_of_a_queue,
)

DESK, FLOOD, IMPORT, OTHER_IMPORT = (
    Queue(bulk=False, partner="siao"),
    Queue(bulk=False, partner="centre"),
    Queue(bulk=True, partner="bailleur"),
    Queue(bulk=True, partner="centre"),
)
queues = st.sampled_from([DESK, FLOOD, IMPORT, OTHER_IMPORT])


def waiting(*numbers: tuple[Queue, int]) -> list[Unpublished]:
    """So many events of each queue, each queue's after those of the one before, each about a subject of its own."""
    seqs = count(1)
    return [Unpublished(next(seqs), uuid4(), queue) for queue, number in numbers for _ in range(number)]


def whose(picked: Sequence[Unpublished]) -> list[Queue]:
    return [each.queue for each in picked]


def test_a_small_message_goes_before_bulk_that_was_there_before_it() -> None:
    picked = next_in_turn(waiting((IMPORT, 5), (DESK, 1)), {}, window=3)
    assert whose(picked) == [DESK, IMPORT, IMPORT, IMPORT]


def test_bulk_that_fills_its_window_leaves_that_of_small_messages_alone() -> None:
    picked = next_in_turn(waiting((IMPORT, 5), (DESK, 2)), {IMPORT: 3}, window=3)
    assert whose(picked) == [DESK, DESK]


def test_small_messages_that_fill_their_window_leave_that_of_bulk_alone() -> None:
    picked = next_in_turn(waiting((FLOOD, 5), (IMPORT, 5)), {FLOOD: 3}, window=3)
    assert whose(picked) == [IMPORT] * 3


def test_two_partners_advance_alternately_however_much_one_of_them_has() -> None:
    picked = next_in_turn(waiting((IMPORT, 50), (OTHER_IMPORT, 2)), {}, window=6)
    assert whose(picked) == [IMPORT, OTHER_IMPORT] * 2 + [IMPORT] * 2


def test_whoever_has_the_fewest_events_on_the_bus_is_next() -> None:
    picked = next_in_turn(waiting((FLOOD, 9), (DESK, 2)), {FLOOD: 7}, window=10)
    assert whose(picked) == [DESK, DESK, FLOOD]


def test_among_equals_whoever_has_waited_longest_is_next() -> None:
    newer, older = Unpublished(2, uuid4(), FLOOD), Unpublished(1, uuid4(), DESK)
    assert next_in_turn([newer, older], {}, window=1) == [older]


@given(st.lists(queues), st.dictionaries(queues, st.integers(0, 9)), st.integers(0, 12))
def test_each_queue_keeps_its_order_no_window_overflows_and_no_room_is_left_while_somebody_waits(
    whose_events: list[Queue], out: dict[Queue, int], window: int
) -> None:
    waits = [Unpublished(seq, UUID(int=seq), queue) for seq, queue in enumerate(whose_events)]
    picked = next_in_turn(reversed(waits), out, window)
    for queue in {DESK, FLOOD, IMPORT, OTHER_IMPORT}:
        own = [each for each in picked if each.queue == queue]
        assert own == [each for each in waits if each.queue == queue][: len(own)]
    for bulk in (False, True):
        there = sum(number for queue, number in out.items() if queue.bulk is bulk)
        wants = sum(queue.bulk is bulk for queue in whose_events)
        assert sum(each.queue.bulk is bulk for each in picked) == min(wants, max(0, window - there))


@given(st.lists(queues), st.integers(1, 12))
def test_shares_of_a_window_differ_by_one_at_most_between_those_who_want_more(
    whose_events: list[Queue], window: int
) -> None:
    waits = [Unpublished(seq, UUID(int=seq), queue) for seq, queue in enumerate(whose_events)]
    got, wanted = Counter(whose(next_in_turn(waits, {}, window))), Counter(whose_events)
    for one in got:
        for other in wanted:
            if one.bulk is other.bulk and got[other] < wanted[other]:
                assert got[one] <= got[other] + 1


def test_all_events_of_a_subject_go_in_the_turn_of_the_first_up_to_the_last_one_picked() -> None:
    place, other = uuid4(), uuid4()
    picked = [Unpublished(8, place, DESK), Unpublished(9, other, DESK), Unpublished(4, place, IMPORT)]
    turns = by_subject(picked)
    assert list(turns) == [place, other]
    assert turns[place] == Unpublished(8, place, DESK)


def test_a_page_is_shared_by_the_queues_of_a_kind_and_each_gets_something() -> None:
    waits = waiting((DESK, 3), (FLOOD, 1), (IMPORT, 9))
    assert rows_of_a_queue(waits, page=10) == {False: 5, True: 10}
    assert rows_of_a_queue(waits, page=1) == {False: 1, True: 1}
    assert rows_of_a_queue([], page=10) == {False: 10, True: 10}


def test_a_message_is_bulk_from_so_many_rows() -> None:
    assert not is_bulk(SMALL_ROWS)
    assert is_bulk(SMALL_ROWS + 1)
