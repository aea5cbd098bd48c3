"""Topics of the bus (the hub's own Kafka), with their partitions and retention. The relay writes accepted
events there, and the workers read and apply them.

The kind of an event's subject decides the topic; only alerts and receipts have topics of their own. The
subject's id is the key of the Kafka record, so the events of one subject on one topic stay in order.
"""

from dataclasses import dataclass
from datetime import timedelta

from contracts.base import Nature


@dataclass(frozen=True, slots=True)
class Topic:
    """Kafka topic of the hub. It is named after the group of messages that it carries (`groupe`)."""

    groupe: str
    natures: tuple[Nature, ...] = ()
    """Kinds of subject whose messages travel on the topic."""
    partitions: int = 3
    """Number of partitions when the topic is created. An installation may have more later."""
    retention: timedelta = timedelta(days=30)
    """Time for which records are kept. It is at most 30 days for topics with personal data, even
    encrypted."""
    compacted: bool = False
    """Whether Kafka keeps the last record of each key for ever."""

    def name(self, prefix: str) -> str:
        """Return the topic's name in Kafka. Each installation has a `prefix` of its own, so that two of them
        may share a Kafka."""
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
"""Topics that carry messages, by their group."""
OF_NATURE = {nature: topic for topic in TOPICS.values() for nature in topic.natures}
"""Topic of the messages about a subject, except alerts and receipts, by the subject's kind."""
if homeless := set(N) - OF_NATURE.keys() - {N.INSCRIPTION, N.PARTENAIRE}:
    raise LookupError(
        f"contracts/topics.py : quel topic porte les messages de {sorted(map(str, homeless))} ?"
    )

HEADS = Topic("audit", partitions=1, retention=timedelta(days=400))
"""Topic of the audit's heads (the last signed hashes of its chain). It contains hashes, and no personal
data."""
STAMPS = Topic("horodatage", partitions=1, retention=timedelta(days=400))
"""Topic of the time stamps on the audit's heads."""

JOURNAL = Topic("journal", partitions=1, compacted=True)
"""Topic of facts that a restore of the database must not undo: which households are forgotten, and which
PostgreSQL server accepts writes."""
