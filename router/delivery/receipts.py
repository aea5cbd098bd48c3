"""Make the event that says that a partner has received a delivery. The deadlines for the partner's answer start
with this event."""

from datetime import datetime

from contracts.envelope import Attributes
from contracts.v1 import CONTRATS
from contracts.v1.livraison import LivraisonRemise
from router.domain.messages import facts_of
from router.store import log
from router.store.hub_events import entry_of


def receipt_of(attributes: Attributes, partner: str, at: datetime) -> log.Entry | None:
    """Return the event that records when a partner received a delivery. `partner` is the partner, `at` the
    moment, and `attributes` the envelope of the delivered event. Return None if nobody has to answer the
    delivered event."""
    if not facts_of(CONTRATS[attributes.type]).owed_an_answer:
        return None
    return entry_of(attributes, LivraisonRemise(objet=attributes.subject, partenaire=partner, remise_le=at))
