"""Lock what a batch needs: its pending events, the quarantined events that block the subjects of these events,
and the subjects that the rules may read or change."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from uuid import UUID

import structlog

from contracts.envelope import Event
from contracts.v1 import CONTRATS
from router.applying.work import Work
from router.domain import judging
from router.domain.proof import Prover
from router.domain.subjects import Subject
from router.store import log, outcomes, quarantine, subjects, taking
from router.store.database import Connection
from router.store.outcomes import Outcome

logger = structlog.get_logger()
PARKED_AT_ONCE = 5_000
"""Largest number of parked events that a batch may apply. A parked event waits behind a quarantined event of
its subject, and is applied after the batch has replayed that event. A batch of one event has no limit."""


class TooMuch(Exception):
    """Raised if a batch would apply more than `PARKED_AT_ONCE` parked events at once."""


async def take(
    connection: Connection, prover: Prover, batch: Sequence[log.Entry], readable: Mapping[UUID, Event]
) -> Work:
    """Lock the pending events of a batch, and park those that are blocked. Return those that are not blocked, in
    the order in which to apply them, then the parked events that they release. Not returned are:

    * events that are no longer pending;
    * events whose predecessor is pending, but does not come before them in the batch: the relay will publish
      both again;
    * pending events of a type that only a newer version of the hub knows.

    `readable` has, by id, the batch's events that could be read. An event that could not be read is returned all
    the same. If a restore has removed an event from the log, the event is appended again, with a proof that
    `prover` makes. Raises TooMuch if a batch of several events would release more than `PARKED_AT_ONCE` parked
    events.
    """
    unique = await _in_order(connection, batch)
    about = {r.attributes.subject for r in unique.values()}
    moved = {s for i in unique.keys() & readable.keys() for s in judging.concerned(readable[i].contrat)}
    taken = await taking.take(connection, unique, about, moved)
    missing = [record for i, record in unique.items() if i not in taken.pending]
    again = await _take_in_again(connection, prover, missing) if missing else {}
    if again:  # appending them may have waited for another process: read anew
        taken = (await taking.take(connection, {}, about, moved))._replace(pending=taken.pending | again)
    entries = [taken.pending[i] for i in unique if i in taken.pending]
    if not again:  # Kafka orders a batch by topic: a departure may come before its admission
        entries.sort(key=lambda entry: entry.seq)
    await log.park(connection, [entry for entry in entries if taken.blocks(entry)])
    entries = [entry for entry in entries if not taken.blocks(entry)]
    replayed = {
        e.attributes.id: e.attributes.subject for e in entries if e.attributes.subject in taken.blocked
    }
    if not replayed:
        return Work(_by_id(entries), taken.states)
    along = await _take_parked(connection, list(replayed.values()), alone=len(batch) == 1)
    ready = _by_id([*entries, *along])
    closed = await quarantine.to_close(connection, ready)
    return Work(ready, taken.states, along, replayed.keys(), closed)


async def _take_in_again(
    connection: Connection, prover: Prover, records: Sequence[log.Entry]
) -> dict[UUID, log.Entry]:
    """Append again the events that a restore has removed from the log. `records` has events that were read from
    Kafka and are not pending. Return, by event id, those that were appended. Skip events that are older than the
    log's retention: they were applied, and then deleted because of their age."""
    oldest = datetime.now(UTC) - log.KEPT
    ids = [record.attributes.id for record in records if record.attributes.time > oldest]
    lost = set(ids) - await log.known(connection, ids)
    again = [record for record in records if record.attributes.id in lost]
    await outcomes.note(connection, [Outcome(i, "repris_du_bus", "inconnu_du_journal") for i in lost])
    appended = await log.append(connection, prover, again, deferred=True)
    return {i: e._replace(seq=appended[i], bulk=False) for e in again if (i := e.attributes.id) in appended}


async def load(
    connection: Connection,
    work: Work,
    readable: Mapping[UUID, Event],
    along: Mapping[UUID, Event],
) -> dict[UUID, Subject]:
    """Lock all subjects that the rules may read or change for the events of `readable`. Return these subjects by
    id, together with the subjects of `work.states`, which are locked already. `along` has the events of `readable` that
    were parked until now, and are not in the batch."""
    states = await _states(connection, work.states, along.values())
    contrats = [event.contrat for event in readable.values()]
    handing = {contrat.sujet for contrat in contrats if judging.changes_hands(contrat)}
    recomposed = {menage for contrat in contrats for menage in judging.recomposed(contrat)}
    if handing or recomposed:
        states |= await subjects.of_households(connection, handing, recomposed)
    if dwellings := judging.dwellings_at_stake(contrats, states):
        rivals = await subjects.candidacies_for(connection, dwellings)
        states |= await _states(connection, rivals | states, ())
    return states


async def _states(
    connection: Connection, found: Mapping[UUID, Subject], more: Iterable[Event]
) -> dict[UUID, Subject]:
    states = dict(found)
    if moved := {i for event in more for i in judging.concerned(event.contrat)} - states.keys():
        states |= await subjects.load(connection, moved)
    asked = set(states)
    while linked := {i for state in states.values() for i in state.linked} - asked:
        asked |= linked
        states |= await subjects.load(connection, linked)
    return states


def _by_id(entries: Iterable[log.Entry]) -> dict[UUID, log.Entry]:
    return {entry.attributes.id: entry for entry in entries}


async def _in_order(connection: Connection, records: Sequence[log.Entry]) -> dict[UUID, log.Entry]:
    """Return the records by event id, each once. A record is left out if its predecessor is pending but does
    not come before it in the batch: the relay will publish both again, in order. A pending event is also left
    out if only a newer version of the hub knows its type."""
    predecessors = {record.predecessor for record in records if record.predecessor is not None}
    unread = {record.attributes.id for record in records if record.attributes.type not in CONTRATS}
    pending: Set[UUID] = frozenset()
    if predecessors or unread:
        pending = await log.still_pending(connection, predecessors | {r.attributes.id for r in records})
    unique: dict[UUID, log.Entry] = {}
    skipped: set[UUID] = set()
    newer = unread & pending
    for record in records:
        ident, before = record.attributes.id, record.predecessor
        if ident in newer:
            continue
        if ident in pending and before in pending and before not in unique:
            skipped.add(ident)
        else:
            unique.setdefault(ident, record)
    if newer:
        logger.warning("worker.too_old", events=len(newer))
    if skipped - unique.keys():
        logger.warning("worker.out_of_turn", events=len(skipped - unique.keys()))
    return unique


async def _take_parked(connection: Connection, subjects: Sequence[UUID], *, alone: bool) -> list[log.Entry]:
    if not alone and await log.parked_exceed(connection, subjects, PARKED_AT_ONCE):
        raise TooMuch
    return await log.take_parked(connection, subjects)
