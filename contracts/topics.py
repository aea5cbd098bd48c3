"""Every topic of the bus, its partitions and its retention.

Only the hub reads them: the relay produces, the workers consume. The key is the subject, so that its events stay
in order.
"""

from dataclasses import dataclass
from datetime import timedelta

from contracts.errors import InvalidContract


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the internal bus. `groupe` is the second word of the CloudEvents types it carries."""

    groupe: str
    partitions: int = 6
    retention: timedelta = timedelta(days=30)
    """At most 30 days where there is personal data: it is sealed, and still does not stay."""

    def name(self, prefix: str) -> str:
        """Name on the broker; `prefix` sets installations on one broker apart."""
        return f"{prefix}.{self.groupe}.v1"


TOPICS = {
    topic.groupe: topic
    for topic in (
        Topic("offre"),  # places: declared, vacant, foreseeable, reserved, occupied, closed
        Topic("orientation"),  # referrals, answers, admissions, stays
        Topic("attribution"),  # candidacies for housing, commissions, leases
        Topic("livraison", partitions=3),  # receipts of what partners owe an answer to
        Topic("alerte", partitions=3),  # conflicts and anomalies for the SIAO
    )
}

HEADS = Topic("audit", partitions=1, retention=timedelta(days=400))
"""Signed heads of the audit: hashes alone, kept longer than what they prove."""

ABOUT_A_PLACE = "fr.siao.orientation.admission.directe."
"""A fact of the group « orientation » whose subject is a place: it travels with the others of that place, in order."""


def topic_of(event_type: str) -> Topic:
    """The topic of a CloudEvents type (`fr.siao.<groupe>.…`). Raises InvalidContract for an unknown one."""
    groupe = event_type.split(".", 3)[2] if event_type.count(".") > 2 else ""
    groupe = "offre" if event_type.startswith(ABOUT_A_PLACE) else groupe
    if groupe not in TOPICS:
        raise InvalidContract(f"aucun topic pour le type « {event_type} »")
    return TOPICS[groupe]
