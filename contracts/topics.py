"""Topics of the bus, with their partitions and their retention.

Topics are internal: the relay writes them, the workers read them. The kind of a message's subject (such as a
place or referral) decides the topic. The key of a record is the subject's id, so that events of one subject
stay in order.
"""

from dataclasses import dataclass
from datetime import timedelta

from contracts.base import Nature


@dataclass(frozen=True, slots=True)
class Topic:
    """Internal Kafka topic. Its name comes from its group of messages (`groupe`)."""

    groupe: str
    natures: tuple[Nature, ...] = ()
    """Kinds of subject (such as a place or referral) whose messages travel on the topic."""
    partitions: int = 3
    """Number of partitions with which the topic is created. In an installation, the topic may have more
    partitions."""
    retention: timedelta = timedelta(days=30)
    """Time for which records are kept. Personal data, even encrypted, is kept at most 30 days."""
    compacted: bool = False
    """Whether the last record of each key is kept for ever."""

    def name(self, prefix: str) -> str:
        """Return the topic's name on the broker: it begins with `prefix`, so that two installations of the
        hub do not share topics."""
        return f"{prefix}.{self.groupe}.v1"


N = Nature
# places: vacant, foreseeably vacant, reserved, occupied, closed
OFFRE = Topic("offre", (N.PLACE, N.GROUPE_PLACES))
# households that partners bring to the SIAO, and their fate
DEMANDE = Topic("demande", (N.DEMANDE, N.SIGNALEMENT))
# referrals and their answers, admissions, stays, requests for aide sociale or accompaniment, DAHO
ORIENTATION = Topic("orientation", (N.ORIENTATION, N.AIDE_SOCIALE, N.DAHO, N.SUIVI))
# candidacies for housing, commissions, leases, households on the agendas of bodies
ATTRIBUTION = Topic("attribution", (N.CANDIDATURE, N.EXAMEN))
# households ready for housing, and possible duplicates
MENAGE = Topic("menage", (N.MENAGE, N.LISTE))
# agreements and derogations
CONVENTION = Topic("convention", (N.CONVENTION, N.DEROGATION), partitions=1)
# pseudonymous records and published figures
OBSERVATION = Topic("observation", (N.OBSERVATION,), partitions=1)
# receipts of deliveries that partners must answer
LIVRAISON = Topic("livraison", partitions=1)
# conflicts and anomalies for the SIAO
ALERTE = Topic("alerte", partitions=1)

_PLACES_AND_PEOPLE = OFFRE, DEMANDE, ORIENTATION, ATTRIBUTION, MENAGE
TOPICS = {each.groupe: each for each in (*_PLACES_AND_PEOPLE, CONVENTION, OBSERVATION, LIVRAISON, ALERTE)}
"""Topics that carry messages, by the name of their group of messages."""
OF_NATURE = {nature: topic for topic in TOPICS.values() for nature in topic.natures}
"""Kafka topic on which messages travel. The key is the kind of the messages' subject (such as a place or
referral)."""

HEADS = Topic("audit", partitions=1, retention=timedelta(days=400))
"""Topic of the signed heads (newest hashes) of the audit's hash chain. It contains hashes only."""
STAMPS = Topic("horodatage", partitions=1, retention=timedelta(days=400))
"""Topic of the time stamps on the signed heads (newest hashes) of the audit's hash chain."""

JOURNAL = Topic("journal", partitions=1, compacted=True)
"""Topic of facts that a restore of the database must not undo: ids of forgotten households, and which PostgreSQL
server accepts writes."""
