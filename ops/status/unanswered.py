"""French words for where the requests stand that a partner has not answered. Pure."""

from collections.abc import Iterable

from contracts.base import Nature
from contracts.mots import etat_of
from router.domain.vitals import Correspondent, Unanswered


def stands_of(owed: Unanswered, partners: Iterable[Correspondent]) -> str:
    """Return the French words for where unanswered requests stand: their state and, if none of them has been
    received, who has to act first, for then no time to answer runs."""
    etat = etat_of(Nature(owed.nature), owed.etat)
    if owed.unproven < owed.number or owed.nature not in (Nature.ORIENTATION, Nature.CANDIDATURE):
        return etat
    has_box = any(each.id == owed.recipient and each.releve_h for each in partners)
    first = "à relever dans sa boîte" if has_box else "à remettre par le hub"
    return f"{etat} ; {first}, aucun délai de réponse ne court encore"
