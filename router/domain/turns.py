"""Choose the events to publish next. Pure.

Partners take turns. Small and large messages (bulk) each have a window: a limit on the events that are
published and not yet applied. So neither kind shuts out the other.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple, TypeAlias
from uuid import UUID

SMALL_ROWS = 100
"""Largest number of rows of a small message. A larger message is bulk."""


Flow: TypeAlias = tuple[str, UUID]
"""Topic and subject. On the bus, events with the same topic and subject keep their order."""


class Queue(NamedTuple):
    """Pending events of one partner, either of its small or of its large messages."""

    bulk: bool
    partner: str


class Unpublished(NamedTuple):
    """Pending event that has not been published."""

    seq: int
    subject: UUID
    queue: Queue


class Published(NamedTuple):
    """Event that was published on the bus and is not known to be applied."""

    event: UUID
    queue: Queue
    """Queue from which the event was published."""
    turn: Queue
    """Queue in whose window (limit on events under way) the event counts until it is applied: its own queue,
    or the queue of a later event of its subject that was published with it."""
    flow: Flow
    at: float
    """Monotonic time at which the event was published. An event that stays pending for too long is taken as
    lost by Kafka, and published again."""


def is_bulk(rows: int) -> bool:
    """Tell whether a message of so many rows is bulk, which gives way to small messages."""
    return rows > SMALL_ROWS


def next_in_turn(waiting: Iterable[Unpublished], out: Mapping[Queue, int], window: int) -> list[Unpublished]:
    """Return the waiting events that may be published now, in order.

    `out` has the number of published and not yet applied events, by queue. `window` limits their total, for
    small messages and again for bulk. Small messages come first, then the queue with the fewest events out.
    """
    queues: defaultdict[bool, defaultdict[Queue, list[Unpublished]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(waiting):
        queues[each.queue.bulk][each.queue].append(each)
    room = {bulk: window - sum(n for queue, n in out.items() if queue.bulk is bulk) for bulk in (False, True)}
    return [each for bulk in (False, True) for each in _share(queues[bulk].values(), out, room[bulk])]


def _share(queues: Collection[list[Unpublished]], out: Mapping[Queue, int], room: int) -> list[Unpublished]:
    """Return the next events to publish of these queues, at most `room`. The queue with the fewest published
    or chosen events is next. `out` counts the published events by queue."""
    heads = [(out.get(queue[0].queue, 0), queue[0], 0, queue) for queue in queues]
    heapify(heads)
    picked: list[Unpublished] = []
    while heads and len(picked) < room:
        number, head, place, queue = heads[0]
        picked.append(head)
        if place + 1 < len(queue):
            heapreplace(heads, (number + 1, queue[place + 1], place + 1, queue))
        else:
            heappop(heads)
    return picked


def by_subject(picked: Iterable[Unpublished]) -> dict[UUID, Unpublished]:
    """Return the last chosen event of each subject, in the order of choice. The caller publishes it together
    with all earlier events of the subject, so that no event overtakes another."""
    last: dict[UUID, Unpublished] = {}
    for each in picked:
        first = last.setdefault(each.subject, each)
        last[each.subject] = Unpublished(max(first.seq, each.seq), each.subject, first.queue)
    return last


def rows_of_a_queue(waiting: Iterable[Unpublished], page: int) -> dict[bool, int]:
    """Return how many rows to read from each bulk queue (True) and from each other queue (False), so that all
    queues of a kind give about `page` rows."""
    queues = Counter(queue.bulk for queue in {each.queue for each in waiting})
    return {bulk: max(1, page // max(1, queues[bulk])) for bulk in (False, True)}
