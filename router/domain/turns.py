"""Choose the events that the relay publishes next. Pure.

The queues of the partners are served in turn. A limit holds for the number of events that are published and not
yet applied, once for small messages and once for large ones (bulk). So neither small nor large messages block
the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple, TypeAlias
from uuid import UUID

SMALL_ROWS = 100
"""Largest number of rows of a small message. A larger message is bulk."""


Flow: TypeAlias = tuple[str, UUID]
"""Topic of an event, and id of the referral, demand… that it is about. Events with the same topic and id keep
their order on Kafka."""


class Queue(NamedTuple):
    """Queue of pending events: those of one partner's small messages, or those of its large messages (`bulk`)."""

    bulk: bool
    partner: str


class Unpublished(NamedTuple):
    """Pending event that is not yet published on Kafka."""

    seq: int
    subject: UUID
    queue: Queue


class Published(NamedTuple):
    """Event that is published on Kafka. The hub does not know yet whether it is applied."""

    event: UUID
    queue: Queue
    """Queue in which the event waited before it was published."""
    charged: Queue
    """Queue that has to count this event while it is published and not yet applied. The number of such events
    is limited.

    It is the event's own queue. But if the event was published together with a later event about the same
    referral, demand…, it is the queue of that later event.
    """
    flow: Flow
    at: float
    """Monotonic time, in seconds, at which the event was published. If the event is not applied long after
    that, it is published again, because Kafka may have lost it."""


def is_bulk(rows: int) -> bool:
    """Tell whether a message with this number of rows is bulk. Bulk is published after small messages."""
    return rows > SMALL_ROWS


def next_in_turn(waiting: Iterable[Unpublished], out: Mapping[Queue, int], window: int) -> list[Unpublished]:
    """Return the waiting events that may be published now, in the order of publication. Small messages come
    before bulk (messages of many rows). Among small messages, and among bulk, the queue with the fewest
    unfinished events comes first. An unfinished event is published and not applied yet.

    `out` has the number of unfinished events of each queue. `window` limits the sum of these numbers, once for
    small messages and once for bulk.
    """
    queues: defaultdict[bool, defaultdict[Queue, list[Unpublished]]] = defaultdict(lambda: defaultdict(list))
    for each in sorted(waiting):
        queues[each.queue.bulk][each.queue].append(each)
    room = {bulk: window - sum(n for queue, n in out.items() if queue.bulk is bulk) for bulk in (False, True)}
    return [each for bulk in (False, True) for each in _share(queues[bulk].values(), out, room[bulk])]


def _share(queues: Collection[list[Unpublished]], out: Mapping[Queue, int], room: int) -> list[Unpublished]:
    """Return at most `room` events of these queues. The next event always comes from the queue with the fewest
    events that are published or already chosen. `out` has the number of published events of each queue."""
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
    """Return the last of the chosen events about each subject (referral, demand…). The key is the subject's
    id, in the order in which the subjects were first chosen. To keep the order of events, the caller
    publishes each event together with all earlier events about its subject."""
    last: dict[UUID, Unpublished] = {}
    for each in picked:
        first = last.setdefault(each.subject, each)
        last[each.subject] = Unpublished(max(first.seq, each.seq), each.subject, first.queue)
    return last


def rows_of_a_queue(waiting: Iterable[Unpublished], page: int) -> dict[bool, int]:
    """Return how many rows to read from each queue: from a queue of bulk (key True), and from a queue of small
    messages (key False). All bulk queues share `page` rows equally, and so do all other queues. Each queue gets
    at least one row."""
    queues = Counter(queue.bulk for queue in {each.queue for each in waiting})
    return {bulk: max(1, page // max(1, queues[bulk])) for bulk in (False, True)}
