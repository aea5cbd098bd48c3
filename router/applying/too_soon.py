"""Events that a rule would set aside for want of an earlier event, accepted and not applied yet.

Subjects share no order on the bus. A request for aide sociale may come before the admission that the same centre sent
a second earlier, and the exit from a stay before the admission, an event of the place, that opens the stay.
"""

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

from contracts.base import Nature
from router.applying.work import Work
from router.domain import judging
from router.domain.at_the_door import opens
from router.domain.rules.alerts import SET_ASIDE
from router.store import openings, queues
from router.store.database import Connection
from router.store.outcomes import Outcome

Readable = Mapping[UUID, judging.Event]


class TooSoon(Exception):
    """Events of a batch come too soon. `subjects` are those of these events."""

    def __init__(self, subjects: Set[UUID]) -> None:
        super().__init__()
        self.subjects = subjects


async def check_none_too_soon(connection: Connection, work: Work, readable: Readable) -> None:
    """Check that no event is set aside while an earlier event of a subject that it names is pending, or one that opens
    its own. Raises TooSoon."""
    aside = [o for o in work.outcomes if o.kind == SET_ASIDE and o.event in readable]
    if not aside:
        return
    named = [
        (o.event, subject, work.turns[o.event].seq)
        for o in aside
        for subject in set(judging.concerned(readable[o.event].contrat)) - {_subject(readable, o)}
    ]
    behind = await queues.preceded(connection, named) if named else set()
    soon = {_subject(readable, o) for o in aside if o.event in behind}
    if soon := soon | await _to_be_opened(connection, aside, readable):
        raise TooSoon(soon)


async def _to_be_opened(connection: Connection, aside: Sequence[Outcome], readable: Readable) -> Set[UUID]:
    """Return the stays that were unknown, and that an admission opens which is pending or stands later in the batch."""
    unknown = {
        _subject(readable, o)
        for o in aside
        if o.etat is None and readable[o.event].contrat.NATURE is Nature.ORIENTATION
    }
    if not unknown:
        return unknown
    opened = {opens(event.contrat) for event in readable.values()}
    return unknown & (opened | await openings.pending(connection, unknown))


def _subject(readable: Readable, outcome: Outcome) -> UUID:
    return readable[outcome.event].attributes.subject
