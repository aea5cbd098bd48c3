"""Judgement of every transfer between two SIAO, by the messages that both received: a demand must always be
with exactly one. Pure."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from contracts.base import Contrat
from contracts.v1.demande import DemandeDecrite, DemandeTransferee, EvenementDemande
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from simulation.accelerated.hub import Received

ENDS = (DemandeTransfertAccepte, DemandeTransfertRefuse)


def misplaced(
    first: Sequence[Received], second: Sequence[Received], awaited: Collection[UUID]
) -> Iterator[str]:
    """Yield, in French, each fault in a transfer from the first SIAO to the second. `awaited`: subjects with
    a message still to come."""
    taken = {each.contrat.sujet: at for at, each in enumerate(first) if _is(each, DemandeTransfertAccepte)}
    asked = {each.contrat.sujet for each in second if _is(each, DemandeTransferee)}
    described = {each.contrat.sujet for each in second if _is(each, DemandeDecrite)}
    withdrawn = {each.contrat.sujet for each in second if _is(each, DemandeTransfertRetire)}
    answered = {each.contrat.sujet for each in first if _is(each, *ENDS)}
    yield from (f"la demande {each} n'est plus nulle part" for each in taken.keys() - described)
    yield from (f"la demande {each} est lue avant d'être acceptée" for each in described - taken.keys())
    told = [(at, each.contrat.sujet) for at, each in enumerate(first) if _is(each, EvenementDemande)]
    still = dict.fromkeys(demande for at, demande in told if at > taken.get(demande, at))
    yield from (f"la demande {each} est encore au premier SIAO" for each in still)
    unanswered = asked - answered - withdrawn - set(awaited)
    yield from (f"le transfert de la demande {each} est perdu de vue" for each in unanswered)


def _is(each: Received, *kinds: type[Contrat]) -> bool:
    return isinstance(each.contrat, kinds)
