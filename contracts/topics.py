"""Kafka topics of the hub, with their partitions and retention. The relay writes them, the workers read them. The key
of a record is its subject, so that events of one subject stay in order."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Topic:
    """Internal Kafka topic, named after its group of messages."""

    groupe: str
    partitions: int = 6
    retention: timedelta = timedelta(days=30)
    """Time for which records are kept: at most 30 days for personal data, even encrypted."""
    compacted: bool = False
    """Whether the last record of each key is kept for ever, regardless of `retention`."""

    def name(self, prefix: str) -> str:
        """Return the topic's name on the broker. `prefix` separates installations that share a broker."""
        return f"{prefix}.{self.groupe}.v1"


OFFRE = Topic("offre")  # places: vacant, foreseeably vacant, reserved, occupied, closed
DEMANDE = Topic("demande")  # households that partners bring to the SIAO, and their fate
ORIENTATION = Topic("orientation")  # referrals, answers, admissions, stays
ATTRIBUTION = Topic("attribution")  # candidacies for housing, commissions, leases
MENAGE = Topic("menage")  # households ready for housing, and those that may be one
CONVENTION = Topic("convention", partitions=3)  # agreements and derogations
OBSERVATION = Topic("observation", partitions=3)  # pseudonymous records and published figures
LIVRAISON = Topic("livraison", partitions=3)  # receipts of deliveries that partners must answer
ALERTE = Topic("alerte", partitions=3)  # conflicts and anomalies for the SIAO

TOPICS = {
    topic.groupe: topic
    for topic in (
        OFFRE,
        DEMANDE,
        ORIENTATION,
        ATTRIBUTION,
        MENAGE,
        CONVENTION,
        OBSERVATION,
        LIVRAISON,
        ALERTE,
    )
}
"""Topics that carry messages, by name of the group."""

HEADS = Topic("audit", partitions=1, retention=timedelta(days=400))
"""Topic of the audit's signed heads. It has hashes only, and keeps them longer than events are kept."""
STAMPS = Topic("horodatage", partitions=1, retention=timedelta(days=400))
"""Topic of the time stamps that an outside authority gives to the audit's signed heads."""

JOURNAL = Topic("journal", partitions=1, compacted=True)
"""Topic of facts that a restore of the database must not undo: ids of forgotten households, and which PostgreSQL
server accepts writes."""
