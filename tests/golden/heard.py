"""What a partner of a family is sent, in which dialects, and which answers it owes, computed from the rules for the
guide. Pure."""

from collections.abc import Iterable, Sequence
from itertools import chain, groupby

from adapters.cloudevents import json as cloudevents_json
from adapters.registry import ADAPTERS
from contracts.base import Contrat
from contracts.explications import ATTENDUS
from contracts.partner import Famille
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, AlerteEcheance
from contracts.v1.occupation import OccupationReleve
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceVacante
from contracts.v1.suite import AdmissionDirecte
from ops.partners.registry_file import lacks
from router.domain.audience import receivable_by
from router.domain.deadlines import TERMES, Attendu, Terme
from router.domain.messages import FACTS
from router.domain.rights import rights

ON_RECEIPT = "remise_le"
"""Value of a term's `depuis` when the term starts with the receipt of the delivery."""
WANT_A_PLACE = frozenset({OrientationProposee, AdmissionDirecte})
"""Messages that may collide with another household in a place. Their senders are notified of the conflict."""
SAID_ANEW = frozenset({OccupationReleve, PlaceVacante})
"""Messages that a partner repeats each day. It is reminded if it does not."""


def dialects(famille: Famille) -> list[str]:
    """Return the family's own dialects. CloudEvents are left out, because they say nothing about a family."""
    named = (nom for nom, adapter in sorted(ADAPTERS.items()) if famille in adapter.DECLARATION.familles)
    return [nom for nom in named if nom != cloudevents_json.DECLARATION.nom]


def ways_out(famille: Famille) -> list[str]:
    """Return the family's dialects in which the hub can deliver to it."""
    return [nom for nom in dialects(famille) if not lacks(famille, ADAPTERS[nom].DECLARATION)]


def sent(famille: Famille) -> frozenset[type[Contrat]]:
    """Return every type of message that a partner of the family may be sent, if its dialect can carry it."""
    return frozenset({*receivable_by(famille), *_own_alerts(famille)})


def _own_alerts(famille: Famille) -> Iterable[type[Contrat]]:
    """Yield the types of alerts about a partner's own messages and duties. Its silence is notified to others only."""
    if not rights(famille).may_receive(AlerteAnomalie):
        return
    says = {*chain.from_iterable(ADAPTERS[nom].DECLARATION.lit for nom in dialects(famille))}
    yield AlerteAnomalie
    if says & WANT_A_PLACE:
        yield AlerteConflit
    if says & SAID_ANEW or any(owed(famille, contrat) for contrat in receivable_by(famille)):
        yield AlerteEcheance


def owed(famille: Famille, contrat: type[Contrat]) -> list[Terme]:
    """Return the terms that start for a partner of this family when it is sent this message; none if it owes no
    answer."""
    if FACTS[contrat].beside.named is famille:
        return [terme for terme in _of(contrat) if terme.attendu is Attendu.OPERATEUR]
    only_told = FACTS[contrat].beside.siao and famille is Famille.SIAO
    if not FACTS[contrat].owed_an_answer or only_told:
        return []
    return [t for t in _of(contrat) if t.attendu is Attendu.DESTINATAIRE and t.depuis == ON_RECEIPT]


def _of(contrat: type[Contrat]) -> Iterable[Terme]:
    return (terme for terme in TERMES if terme.nature is contrat.NATURE)


def answers() -> list[tuple[type[Contrat], Sequence[Terme]]]:
    """Return every type of message to which some family owes an answer, with its terms."""
    each = ((contrat, owed(famille, contrat)) for famille in Famille for contrat in receivable_by(famille))
    found = {contrat: terms for contrat, terms in each if terms}
    return [(contrat, found[contrat]) for contrat in FACTS if contrat in found]


def by_when(terms: Iterable[Terme]) -> list[tuple[str, str]]:
    """Return the answers due and their delays, in French. A term for certain kinds of places comes before the
    general one."""
    return [
        (ATTENDUS[echeance], ", sinon ".join(map(_long, several)))
        for echeance, several in groupby(terms, key=lambda terme: terme.echeance)
    ]


def _long(terme: Terme) -> str:
    kinds = f" ({', '.join(sorted(terme.dispositifs))})" if terme.dispositifs else ""
    return f"{terme.duree}{kinds}"
