"""Make the events that the hub itself sends. They have no personal data, and nothing encrypted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.envelope import HUB, Attributes, derived_id
from contracts.sealed import clear_half, to_bytes
from contracts.v1.alerte import DOUBTS, TO_ANOTHER, AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.observation import ObservationEnregistrement
from contracts.v1.suite import AdmissionHorsSiao, Titre
from router.domain.proof import Prover
from router.store import log
from router.store.database import OUTBOX, Connection, Database

BESIDE = (*DOUBTS, MotifAnomalie.RESERVE_A_L_ETAT, MotifAnomalie.NUMERO_DE_SEJOUR_PRIS)
"""Motives of alerts that a message may cause in addition to another alert about the same subject."""

SEVERAL_ANSWER = (Nature.MENAGE, Nature.DEMANDE)
"""Types of subjects for which one deadline may wait for several partners: the readers of a household on the
list, the partners asked to evaluate the household of a demand."""


def entry_of(cause: Attributes, contrat: Contrat) -> log.Entry:
    """Return the log entry of the event `contrat`, which the hub derives from the event `cause`."""
    chain = cause.correlationid, cause.id, cause.traceparent
    return _entry(contrat, _id_of(cause, contrat), cause.territoire, *chain)


def first_entry(contrat: Contrat, ident: UUID, territoire: str) -> log.Entry:
    """Return the log entry of an event that the hub sends without another event as its cause. Two processes
    that make the same event must give it the same `ident`, so that it is stored once."""
    return _entry(contrat, ident, territoire, ident)


async def say(
    database: Database, connection: Connection, prover: Prover, entries: Sequence[log.Entry]
) -> None:
    """Append events to the log with their proofs, and notify the relay when the transaction commits."""
    await log.append(connection, prover, entries)
    if entries:
        await database.notify(connection, OUTBOX)


def _entry(
    contrat: Contrat,
    ident: UUID,
    territoire: str,
    correlation: UUID,
    causation: UUID | None = None,
    trace: str | None = None,
) -> log.Entry:
    attributes = Attributes(
        id=ident,
        type=contrat.TYPE,
        source=HUB,
        subject=contrat.sujet,
        time=datetime.now(UTC),
        territoire=territoire,
        correlationid=correlation,
        causationid=causation,
        traceparent=trace,
    )
    return log.Entry(attributes, to_bytes(clear_half(contrat), ()))


def _id_of(cause: Attributes, contrat: Contrat) -> UUID:
    # Made of the record alone, so that nobody can trace the record back to its cause.
    if isinstance(contrat, ObservationEnregistrement):
        return derived_id(contrat.sujet, contrat.TYPE, str(contrat.sujet))
    if isinstance(contrat, AlerteEcheance) and contrat.nature in SEVERAL_ANSWER:
        return derived_id(cause.id, contrat.TYPE, f"{contrat.sujet} {contrat.addressee}")
    if (
        isinstance(contrat, AlerteAnomalie) and contrat.motif in TO_ANOTHER
    ):  # one alert for each partner that deals with the household
        return derived_id(cause.id, contrat.TYPE, f"{contrat.sujet} {contrat.addressee}")
    if (
        isinstance(contrat, AlerteAnomalie) and contrat.motif in BESIDE
    ):  # the same message may also cause another alert
        return derived_id(cause.id, contrat.TYPE, f"{contrat.sujet} {contrat.motif}")
    if (
        isinstance(contrat, AdmissionHorsSiao) and contrat.titre is Titre.AUCUN
    ):  # an admission may also tell the State of the household before
        return derived_id(cause.id, contrat.TYPE, f"{contrat.sujet} {contrat.titre}")
    if isinstance(contrat, LivraisonRemise):  # a successor SIAO may also receive the referral, perhaps first
        return derived_id(cause.id, contrat.TYPE, f"{contrat.sujet} {contrat.partenaire}")
    return derived_id(cause.id, contrat.TYPE, str(contrat.sujet))
