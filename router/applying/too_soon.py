"""Detect events that would be refused, or raise an alert, only because an earlier event is not yet applied.

This happens because Kafka keeps no order between subjects. For example, a departure is an event about a stay.
The admission that opens the stay is an event about a place, and the worker may read it after the departure.
"""

from collections.abc import Mapping, Set
from uuid import UUID

from contracts.envelope import Event
from contracts.v1.alerte import AlerteAnomalie
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
    """Raise TooSoon if an event of the batch has to wait for an earlier event. A rule has refused the waiting
    event, or raised an alert about it, and might not do so once the earlier event is applied. The earlier event
    is about a subject that the waiting event names beside its own. If the waiting event names a stay, the
    earlier event may also be the admission that opens the stay. `work` is the state of the batch after the rules
    have judged it. `judged` has the batch's readable events, by id."""
    made = work.consequences
    aside = {o.event for o in made.outcomes if o.kind == SET_ASIDE}
    alerted = {e.attributes.causationid for e in made.events if e.attributes.type == AlerteAnomalie.TYPE}
    doubted = {ident for ident in judged if ident in aside or ident in alerted}
    if not doubted:
        return
    named = {ident: set(judging.concerned(judged[ident].contrat)) for ident in doubted}
    others = [
        (i, each, work.entries[i].seq)
        for i in doubted
        for each in named[i] - {judged[i].attributes.subject, opens(judged[i].contrat)}
    ]
    behind = await queues.preceded(connection, others) if others else set()
    behind |= await _unopened(connection, named, aside, work, judged)
    if behind:
        raise TooSoon({judged[i].attributes.subject for i in behind})


async def _unopened(
    connection: Connection,
    named: Mapping[UUID, Set[UUID]],
    aside: Set[UUID],
    work: Work,
    judged: Mapping[UUID, Event],
) -> Set[UUID]:
    """Return the ids of the events in `named` that came too early. There are three cases:

    * a refused event names a stay, and the admission that opens this stay comes after the event in the same
      batch;
    * a refused event names a stay that a pending admission will open;
    * an event, refused or not, names a subject that was unknown while the batch was judged, and is known now.

    `named` has the subjects that each event names, by event id. `aside` has the ids of the refused events.
    `judged` has the batch's readable events, by id. `work` has what the batch has done so far.
    """
    order = {ident: n for n, ident in enumerate(judged)}
    opening = {opens(judged[i].contrat): order[i] for i in order.keys() & work.applied - aside}
    early = {i for i in named.keys() & aside if any(opening.get(s, -1) > order[i] for s in named[i])}
    unknown = {i: each - work.states.keys() for i, each in named.items()}
    if not (asked := set().union(*unknown.values())):
        return early
    refused = [(s, judged[i].source, work.entries[i].seq) for i in unknown.keys() & aside for s in unknown[i]]
    opened = await openings.to_come(connection, refused) if refused else set()
    opened |= (await subjects.read(connection, asked)).keys()
    return early | {i for i, each in unknown.items() if each & opened}
