"""Events that a rule would set aside for want of an earlier event, accepted and not applied yet.

Subjects share no order on the bus. A request for aide sociale may come before the admission that the same centre sent
a second earlier.
"""

from collections.abc import Mapping, Set
from uuid import UUID

from router.applying.work import Work
from router.domain import judging
from router.domain.rules.alerts import SET_ASIDE
from router.store import queues
from router.store.database import Connection


class TooSoon(Exception):
    """Events of a batch come too soon. `subjects` are those of these events."""

    def __init__(self, subjects: Set[UUID]) -> None:
        super().__init__()
        self.subjects = subjects


async def check_none_too_soon(
    connection: Connection, work: Work, readable: Mapping[UUID, judging.Event]
) -> None:
    """Check that no event is set aside while an earlier event of a subject that it names is pending. Raises TooSoon."""
    aside = [readable[o.event] for o in work.outcomes if o.kind == SET_ASIDE and o.event in readable]
    named = [
        (event.attributes.id, subject, work.turns[event.attributes.id].seq)
        for event in aside
        for subject in set(judging.concerned(event.contrat)) - {event.attributes.subject}
    ]
    if named and (soon := await queues.preceded(connection, named)):
        raise TooSoon({readable[ident].attributes.subject for ident in soon})
