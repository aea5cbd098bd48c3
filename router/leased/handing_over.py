"""Deliver the past messages about a subject to the SIAO that becomes responsible for it. Deliver to a merged
SIAO's successor the messages that the merged SIAO has not received."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from contracts.envelope import derived_id
from contracts.v1.demande import DemandeTransferee
from router.domain.partners import Registry
from router.domain.subjects import Subject
from router.domain.succession import history_for
from router.store import consequences, log, successions
from router.store.consequences import Consequences
from router.store.database import Connection, Database
from router.store.deliveries import Owed

AT_ONCE = 2000


def owed_to(
    recipient: str, event: UUID, subject: UUID, stands: Subject | None, *, bulk: bool = False
) -> Owed:
    """Return the delivery of an event to `recipient`. `stands` is the subject after the event: its state decides
    which fields the recipient may see. If `stands` is None, the recipient may see the fields that are open
    before a household is admitted."""
    etat = stands.etat_for(recipient) if stands else None
    menage = getattr(stands, "menage", None)
    return Owed(derived_id(event, "livraison", recipient), recipient, subject, event, etat, menage, bulk)


async def past(
    connection: Connection,
    handed: Iterable[tuple[UUID, str]],
    states: Mapping[UUID, Subject],
    registry: Registry,
) -> Sequence[Owed]:
    """Return deliveries of past messages to the partners that take over a subject. `handed` has pairs of a
    subject and its new partner. The partner gets those of the subject's past messages that it may receive,
    oldest first. A partner that is only asked to take over the subject gets the last proposal, and nothing else.
    `states` has the subjects by id."""
    found: dict[UUID, Owed] = {}
    for subject, name in handed:
        partner, stands = registry.get(name), states.get(subject)
        kinds = [kind.TYPE for kind in history_for(partner, stands)] if partner else []
        events = await log.history(connection, subject, kinds)
        for event in events[-1:] if kinds == [DemandeTransferee.TYPE] else events:
            owed = owed_to(name, event, subject, stands)
            found[owed.id] = owed
    return list(found.values())


async def take_over(database: Database, connection: Connection, siaos: Sequence[str], successor: str) -> int:
    """Close unfinished deliveries to the SIAO of `siaos`, which all merged into `successor`. Create deliveries
    of the same events to `successor`. One call treats at most `AT_ONCE` deliveries. Return how many were closed.
    """
    rows = await successions.owed(connection, siaos, AT_ONCE)
    owed = [
        Owed(
            derived_id(row.event_id, "livraison", successor),
            successor,
            row.subject,
            row.event_id,
            row.subject_etat,
        )
        for row in rows
    ]
    await successions.close(connection, [row.id for row in rows])
    await consequences.write(connection, database.channel, Consequences(deliveries=owed))
    return len(rows)
