"""Choose the events to publish next: partners take turns, and small messages and bulk each have a window of
their own. Pure.

A window limits the events that are published and not yet applied. So a flood of small messages does not shut
out bulk, nor the reverse.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple, TypeAlias
from uuid import UUID

SMALL_ROWS = 100
"""Largest number of rows of a small message. A message with more rows is bulk, such as an import."""


Flow: TypeAlias = tuple[str, UUID]
"""Topic and subject. The events of a flow keep their order on the bus."""


class Queue(NamedTuple):
    """Pending events of one partner, either of its small messages or of its bulk."""

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
    """Queue in which the event waited to be published."""
    turn: Queue
    """Queue whose window counts the event until it is applied: the event's own queue, or that of the later
    event of its subject with which it was published."""
    flow: Flow
    at: float
    """Monotonic time at which the event was published. If the event stays pending for too long, Kafka is
    taken to have lost it, and its flow is published again from this event on."""


def is_bulk(rows: int) -> bool:
    """Tell whether a message of so many rows is bulk, whose events are published after those of small
    messages."""
    return rows > SMALL_ROWS


def next_in_turn(waiting: Iterable[Unpublished], out: Mapping[Queue, int], window: int) -> list[Unpublished]:
    """Return the waiting events that may be published now, in order of publication.

    `out` counts, by queue, the events that are published and not yet applied; `window` limits their total,
    once for small messages and once for bulk. Small messages come first. Then the queue with the fewest
    events out is next, and each queue keeps its order.
    """
    queues: defaultdict[bool, defaultdict[Queue, list[Unpublished]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(waiting):
        queues[each.queue.bulk][each.queue].append(each)
    room = {bulk: window - sum(n for queue, n in out.items() if queue.bulk is bulk) for bulk in (False, True)}
    return [each for bulk in (False, True) for each in _share(queues[bulk].values(), out, room[bulk])]


def _share(queues: Collection[list[Unpublished]], out: Mapping[Queue, int], room: int) -> list[Unpublished]:
    """Return the next events to publish of these queues, at most `room`. The next queue is the one with the
    fewest events published or chosen; among equals, the one with the oldest event. `out` counts the published
    events by queue."""
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
    """Return the last picked event of each subject, by subject, in the order of the picks.

    The caller publishes, with the picked event, all earlier events of the same subject, so that none
    overtakes another. All these events count for the queue of the picked event.
    """
    last: dict[UUID, Unpublished] = {}
    for each in picked:
        first = last.setdefault(each.subject, each)
        last[each.subject] = Unpublished(max(first.seq, each.seq), each.subject, first.queue)
    return last


def rows_of_a_queue(waiting: Iterable[Unpublished], page: int) -> dict[bool, int]:
    """Return how many rows to read next of each bulk queue (True) and of each queue of small messages
    (False). All queues of one kind together then give about `page` rows."""
    queues = Counter(queue.bulk for queue in {each.queue for each in waiting})
    return {bulk: max(1, page // max(1, queues[bulk])) for bulk in (False, True)}
