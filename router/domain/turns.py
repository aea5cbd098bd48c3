"""Choose the pending events that the relay publishes on Kafka next.

The queues of the partners take turns. Small messages and bulk (messages with more than `SMALL_ROWS` rows)
each have a window, which limits the number of events that are published and not yet applied. So neither of
the two can block the other.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple, TypeAlias
from uuid import UUID

SMALL_ROWS = 100
"""Largest number of rows of a small message. A message with more rows is bulk."""


Flow: TypeAlias = tuple[str, UUID]
"""Pair of a topic and a subject. Events of the same flow keep their order on Kafka."""


class Queue(NamedTuple):
    """Name of a queue: the partner, and whether the queue is for the partner's bulk or for its small
    messages."""

    bulk: bool
    partner: str


class Unpublished(NamedTuple):
    """A pending event that is not yet on Kafka."""

    seq: int
    subject: UUID
    queue: Queue


class Published(NamedTuple):
    """An event that is on Kafka, and that is perhaps not yet applied."""

    event: UUID
    queue: Queue
    """Queue in which the event waited."""
    charged: Queue
    """Queue in whose share of the window the event is counted. This is its own queue, or that of a later
    event of the same subject, if the event was published together with that later event."""
    flow: Flow
    at: float
    """Monotonic time of publication, in seconds. An event that is still not applied long after this time is
    published again, because Kafka may have lost it."""


def is_bulk(rows: int) -> bool:
    """Tell whether a message with this number of rows is bulk."""
    return rows > SMALL_ROWS


def next_in_turn(waiting: Iterable[Unpublished], out: Mapping[Queue, int], window: int) -> list[Unpublished]:
    """Return the events that the relay publishes now, in order: first small messages, then bulk. Within each
    of the two, the queues take turns. `out` counts, for each queue, the events that are published and not yet
    applied. `window` is the largest number of such events, once for all small messages and once for all
    bulk."""
    queues: defaultdict[bool, defaultdict[Queue, list[Unpublished]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(waiting):
        queues[each.queue.bulk][each.queue].append(each)
    room = {bulk: window - sum(n for queue, n in out.items() if queue.bulk is bulk) for bulk in (False, True)}
    return [each for bulk in (False, True) for each in _share(queues[bulk].values(), out, room[bulk])]


def _share(queues: Collection[list[Unpublished]], out: Mapping[Queue, int], room: int) -> list[Unpublished]:
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
    """Return one entry for each subject in `picked`, the events to publish next. Subjects are in the order of
    their first events in `picked`. An entry combines the subject's events in `picked`:

    * `seq` is the highest number of these events. The relay publishes all pending events of the subject up to
      this number.
    * `queue` is the queue of the first of these events. The relay counts all events that it publishes for the
      entry in this queue.
    """
    last: dict[UUID, Unpublished] = {}
    for each in picked:
        first = last.setdefault(each.subject, each)
        last[each.subject] = Unpublished(max(first.seq, each.seq), each.subject, first.queue)
    return last


def rows_of_a_queue(waiting: Iterable[Unpublished], page: int) -> dict[bool, int]:
    """Return how many rows the relay reads from each queue: under True for queues of bulk, under False for
    queues of small messages. The queues of one kind share `page` rows equally, but each gets at least one
    row. `waiting` are the events read last time; they show how many queues there are."""
    queues = Counter(queue.bulk for queue in {each.queue for each in waiting})
    return {bulk: max(1, page // max(1, queues[bulk])) for bulk in (False, True)}
