"""Determine which types of partners may send and receive each message. The type of a partner (`famille`) is,
for example, SIAO, landlord or shelter."""

from collections.abc import Mapping

from contracts.base import Contrat, Nature
from contracts.partner import DECLARING, Famille
from router.domain.messages import ASSESSORS, BRINGERS, CONVENED, DEROGATING, FACTS, Facts
from router.domain.parts import Party

BROUGHT_BY = frozenset(BRINGERS)
BY_THE_SIAO = frozenset({Famille.SIAO})

ADDRESSEES: Mapping[Nature, frozenset[Famille]] = {
    Nature.DEMANDE: BY_THE_SIAO,
    Nature.ORIENTATION: frozenset({Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ARS}),
    Nature.CANDIDATURE: frozenset({Famille.BAILLEUR, Famille.CIL, Famille.COLLECTIVITE, Famille.CONTINGENT}),
    Nature.AIDE_SOCIALE: frozenset({Famille.ETAT}),
    Nature.DAHO: BY_THE_SIAO,
    Nature.SUIVI: frozenset({Famille.ACCOMPAGNEMENT}),
    Nature.EXAMEN: BY_THE_SIAO,
}
"""Types of partners that may be the addressee of a request, for each type of request (demand, referral…)."""

_OWED = {row.contrat.NATURE for row in FACTS.values() if row.owed_an_answer}
if lacking := _OWED - ADDRESSEES.keys():
    raise LookupError(f"router/domain/audience.py : qui reçoit {sorted(map(str, lacking))} ?")


def _openers(nature: Nature) -> frozenset[Famille]:
    rows = (row for row in FACTS.values() if row.needs_key and row.contrat.NATURE is nature)
    return frozenset(part for row in rows for part in row.said_by if isinstance(part, Famille))


OPENERS: Mapping[Nature, frozenset[Famille]] = {nature: _openers(nature) for nature in ADDRESSEES}
"""Types of partners that may create a subject, for each type of subject."""
SENDERS: Mapping[Nature, frozenset[Famille]] = {
    nature: openers - ADDRESSEES[nature] for nature, openers in OPENERS.items()
}
"""Types of partners that may create a subject but are never its addressee, for each type of subject."""


SIGNATORIES: Mapping[Nature, frozenset[Famille]] = {
    Nature.CONVENTION: frozenset(CONVENED),
    Nature.DEROGATION: frozenset(DEROGATING),
}
"""Types of partners that may sign an agreement, and those that may sign a derogation."""


def receivable_by(famille: Famille) -> list[type[Contrat]]:
    """Return the message types that the hub may deliver to this type of partner."""
    return [row.contrat for row in FACTS.values() if _may_receive(famille, row)]


def sayable_by(famille: Famille, contrat: type[Contrat]) -> bool:
    """Tell whether partners of this type may send messages of the type `contrat`."""
    row = FACTS[contrat]
    sides = {Party.EMETTEUR: SENDERS, Party.DESTINATAIRE: ADDRESSEES}
    nature = contrat.NATURE
    return any(
        part is famille
        if isinstance(part, Famille)
        else part is not Party.HUB
        and (nature is None or famille in sides.get(part, {}).get(nature, frozenset(Famille)))
        for part in row.said_by
    )


def _may_receive(famille: Famille, row: Facts) -> bool:
    if famille in (*row.beside.around, row.beside.named) or (row.beside.siao and famille is Famille.SIAO):
        return True
    if row.beside.only not in (None, famille):
        return False
    if row.addressee in (Party.SIAO, Party.REPRENEUR):
        return famille is Famille.SIAO
    nature = row.contrat.NATURE
    if row.addressee is Party.EVALUATEUR:
        return famille in ASSESSORS
    if row.addressee is Party.DECLARANT:
        return famille in DECLARING
    if row.addressee is Party.SIGNATAIRE:
        return nature is not None and famille in SIGNATORIES[nature]
    senders, addressees = (
        sides.get(nature, frozenset()) if nature else () for sides in (SENDERS, ADDRESSEES)
    )
    of_the_sender = {Party.EMETTEUR, *senders} & set(row.said_by)
    of_others = set(row.said_by) - of_the_sender
    if row.addressee is Party.DESTINATAIRE:
        return famille in addressees and (bool(of_the_sender) or Party.REPRENEUR in row.said_by)
    if row.addressee is not Party.EMETTEUR:
        return False
    to_addressees = famille in addressees and bool(of_the_sender) and row.beside.named is None
    openers = OPENERS.get(nature, frozenset()) if nature and row.beside.optional else senders
    return to_addressees or (famille in openers and bool(of_others))
