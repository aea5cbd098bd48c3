"""French words for the state of the requests that a partner has not answered. Pure."""

from collections.abc import Iterable

from contracts.base import Nature
from contracts.mots import etat_of
from contracts.plurals import many
from router.domain.vitals import Correspondent, Unanswered


def stands_of(owed: Unanswered, partners: Iterable[Correspondent]) -> str:
    """Return in French the state of unanswered requests, and how many of them have not been received. For
    referrals and candidacies that have not been received at all, the text says instead who has to act first,
    and that no time to answer runs yet."""
    etat = etat_of(Nature(owed.nature), owed.etat)
    if owed.unproven < owed.number or owed.nature not in (Nature.ORIENTATION, Nature.CANDIDATURE):
        return f"{etat} ; {many(owed.unproven, 'non remise')}" if owed.unproven else etat
    has_box = any(each.id == owed.recipient and each.releve_h for each in partners)
    first = "à relever dans sa boîte" if has_box else "à remettre par le hub"
    return f"{etat} ; {first}, aucun délai de réponse ne court encore"
