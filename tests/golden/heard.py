"""What a partner of a family is sent, in which dialects, and what it owes then: from the rules, for its page of the
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
"""Where a term begins with the proven receipt of what is sent."""
WANT_A_PLACE = frozenset({OrientationProposee, AdmissionDirecte})
"""What may meet another household in a place: who says it is told of the conflict."""
SAID_ANEW = frozenset({OccupationReleve, PlaceVacante})
"""What a partner says anew each day: it is told where it has not."""


def dialects(famille: Famille) -> list[str]:
    """Those of the family's own; CloudEvents say nothing of what it may say."""
    named = (nom for nom, adapter in sorted(ADAPTERS.items()) if famille in adapter.DECLARATION.familles)
    return [nom for nom in named if nom != cloudevents_json.DECLARATION.nom]


def ways_out(famille: Famille) -> list[str]:
    """Those of them in which a partner of the family may be delivered to."""
    return [nom for nom in dialects(famille) if not lacks(famille, ADAPTERS[nom].DECLARATION)]


def sent(famille: Famille) -> frozenset[type[Contrat]]:
    """All that a partner of the family may be sent, where its dialect carries it."""
    return frozenset({*receivable_by(famille), *_own_alerts(famille)})


def _own_alerts(famille: Famille) -> Iterable[type[Contrat]]:
    """Of what it said itself, or owes. That it is silent is told of it, and never to it."""
    if not rights(famille).may_receive(AlerteAnomalie):
        return
    says = {*chain.from_iterable(ADAPTERS[nom].DECLARATION.lit for nom in dialects(famille))}
    yield AlerteAnomalie
    if says & WANT_A_PLACE:
        yield AlerteConflit
    if says & SAID_ANEW or any(owed(famille, contrat) for contrat in receivable_by(famille)):
        yield AlerteEcheance


def owed(famille: Famille, contrat: type[Contrat]) -> list[Terme]:
    """The terms that begin for a partner of a family with a message that it is sent; of one that it need not answer,
    none."""
    if FACTS[contrat].beside.named is famille:
        return [terme for terme in _of(contrat) if terme.attendu is Attendu.OPERATEUR]
    only_told = FACTS[contrat].beside.siao and famille is Famille.SIAO
    if not FACTS[contrat].owed_an_answer or only_told:
        return []
    return [t for t in _of(contrat) if t.attendu is Attendu.DESTINATAIRE and t.depuis == ON_RECEIPT]


def _of(contrat: type[Contrat]) -> Iterable[Terme]:
    return (terme for terme in TERMES if terme.nature is contrat.NATURE)


def answers() -> list[tuple[type[Contrat], Sequence[Terme]]]:
    """Every message that some family owes an answer to, with its terms."""
    each = ((contrat, owed(famille, contrat)) for famille in Famille for contrat in receivable_by(famille))
    found = {contrat: terms for contrat, terms in each if terms}
    return [(contrat, found[contrat]) for contrat in FACTS if contrat in found]


def by_when(terms: Iterable[Terme]) -> list[tuple[str, str]]:
    """What is awaited and in how long without another agreement, in French: a line of `deadlines.toml` that names kinds
    of places goes before the one for all."""
    return [
        (ATTENDUS[echeance], ", sinon ".join(map(_long, several)))
        for echeance, several in groupby(terms, key=lambda terme: terme.echeance)
    ]


def _long(terme: Terme) -> str:
    kinds = f" ({', '.join(sorted(terme.dispositifs))})" if terme.dispositifs else ""
    return f"{terme.duree}{kinds}"
