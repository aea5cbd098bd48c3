"""Every topic of the bus, its partitions and its retention.

Only the hub reads them: the relay produces, the workers consume. The key is the subject, so that its events stay
in order. Which message travels on which topic is in the message's row (`router/domain/messages.py`).
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the internal bus, by the name of the group of messages it carries."""

    groupe: str
    partitions: int = 6
    retention: timedelta = timedelta(days=30)
    """At most 30 days where there is personal data: it is sealed, and still does not stay."""

    def name(self, prefix: str) -> str:
        """Name on the broker; `prefix` sets installations on one broker apart."""
        return f"{prefix}.{self.groupe}.v1"


OFFRE = Topic("offre")  # all that is said of places: vacant, foreseeable, reserved, occupied, closed
DEMANDE = Topic("demande")  # households that partners bring, and what becomes of them
ORIENTATION = Topic("orientation")  # referrals, answers, admissions, stays
ATTRIBUTION = Topic("attribution")  # candidacies for housing, commissions, leases
MENAGE = Topic("menage")  # households ready for housing, and those that may be one
CONVENTION = Topic("convention", partitions=3)  # agreements and derogations
OBSERVATION = Topic("observation", partitions=3)  # pseudonymous records and published figures
LIVRAISON = Topic("livraison", partitions=3)  # receipts of what partners owe an answer to
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
"""What carries messages."""

HEADS = Topic("audit", partitions=1, retention=timedelta(days=400))
"""Signed heads of the audit: hashes alone, kept longer than what they prove."""
