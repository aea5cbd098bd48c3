"""Detect events that would be refused only because an earlier accepted event is not yet applied.

Kafka keeps no order between subjects. A departure is an event of its stay. The admission that opens this stay
is an event of the place, and may be read later.
"""

from collections.abc import Mapping, Set
from uuid import UUID

from contracts.envelope import Event
from router.applying.work import Work
from router.domain import judging
from router.domain.at_the_door import opens
from router.domain.rules.alerts import SET_ASIDE
from router.store import openings, queues, subjects
from router.store.database import Connection


class TooSoon(Exception):
    """Raised if events of a batch have to wait for an earlier event that is still pending. `subjects` has the
    ids of the subjects of the waiting events."""

    def __init__(self, subjects: Set[UUID]) -> None:
        super().__init__()
        self.subjects = subjects


async def check_none_too_soon(connection: Connection, work: Work, judged: Mapping[UUID, Event]) -> None:
    """Raise TooSoon if a rule refused an event that it might accept once an earlier event is applied. The
    earlier event is about another subject that the refused event names. If the refused event names a stay, the
    earlier event may also be the admission that opens this stay. `work`: the state of the batch after the rules
    have judged it; `judged`: its readable events, by id."""
    aside = {o.event for o in work.consequences.outcomes if o.kind == SET_ASIDE} & judged.keys()
    if not aside:
        return
    named = {ident: set(judging.concerned(judged[ident].contrat)) for ident in aside}
    others = [
        (i, each, work.entries[i].seq) for i in aside for each in named[i] - {judged[i].attributes.subject}
    ]
    behind = await queues.preceded(connection, others) if others else set()
    behind |= await _unopened(connection, named, work, judged)
    if behind:
        raise TooSoon({judged[i].attributes.subject for i in behind})


async def _unopened(
    connection: Connection,
    named: Mapping[UUID, Set[UUID]],
    work: Work,
    judged: Mapping[UUID, Event],
) -> Set[UUID]:
    """Return the ids of the refused events that came too early: each names a stay, and the accepted admission
    that opens this stay is applied only later. `named` has the subjects that each refused event names, by event
    id; `judged` has all events of the batch, by id. `work` has what the batch has done so far."""
    order = {ident: n for n, ident in enumerate(judged)}
    opening = {opens(judged[i].contrat): order[i] for i in order.keys() & work.applied - named.keys()}
    early = {i for i, subjects_of in named.items() if any(opening.get(s, -1) > order[i] for s in subjects_of)}
    unknown = {i: each - work.states.keys() for i, each in named.items()}
    asked = [(s, judged[i].source, work.entries[i].seq) for i, each in unknown.items() for s in each]
    if not asked:
        return early
    opened = await openings.to_come(connection, asked)
    opened |= (await subjects.read(connection, {stay for stay, _, _ in asked})).keys()
    return early | {i for i, each in unknown.items() if each & opened}
