"""Compute how long a household may take to answer an offer of housing. This is at least ten days (article
R441-10 of the housing code, CCH)."""

from datetime import timedelta

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.attribution import (
    DELAI_MAXIMAL_JOURS,
    DELAI_MINIMAL_JOURS,
    ConditionLevee,
    DecisionCommission,
)
from router.domain.calendar import day_in, working_day_from
from router.domain.rulebooks.candidature import Etat
from router.domain.subjects import Candidature


def offered(event: Event, candidacy: Candidature) -> Candidature:
    """Return the candidacy with the last day on which the household may answer the landlord's offer,
    always a working day. The time for the answer starts on the day on which the household was notified of
    the offer or, if the message does not name this day, on the day on which the hub accepted the message.
    If the message makes no offer, return the candidacy unchanged."""
    contrat, territoire = event.contrat, event.attributes.territoire
    if candidacy.etat is not Etat.ATTRIBUEE or not isinstance(contrat, DecisionCommission | ConditionLevee):
        return candidacy
    notified, days = None, None
    if isinstance(contrat, DecisionCommission):
        notified, days = contrat.notifiee_le, contrat.delai_jours
    start = notified or day_in(territoire, event.attributes.time)
    # The log may hold an offer of more days, accepted before there was a limit.
    left = timedelta(days=min(days or DELAI_MINIMAL_JOURS, DELAI_MAXIMAL_JOURS))
    end = working_day_from(territoire, start + left)
    return replace(candidacy, reponse_le=end)
