"""Determine which partners receive an event, from its message type (`messages.py`) and the parties of its
subject."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from adapters.declaration import Declaration
from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import EvenementAlerte
from contracts.v1.demande import DemandeTransferee, EvaluationDemandee
from contracts.v1.pret_logement import PretLogementDeclare, PretLogementRepondu
from contracts.v1.suite import AccompagnementDemande
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from router.domain.location import dispositif_of, lieu_of, no_siao
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rights import rights
from router.domain.subjects import Demande, Subject
from router.domain.territories import Lieu

HOUSEHOLDS_AT_ONCE = 1000
"""Largest number of households in one delivery of a list."""
OTHER: Mapping[Party, Party] = {Party.EMETTEUR: Party.DESTINATAIRE, Party.SIAO: Party.GESTIONNAIRE}
"""Party that receives a message in place of the addressee, if the addressee itself sent the message."""


BETWEEN_SIAO = (DemandeTransferee, DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire)
"""Types of messages about a transfer. They are left out when a SIAO receives the past messages about a
demand."""
FOR_THE_OTHERS = (DemandeTransfertRetire, PretLogementRepondu)
"""Types of messages that are applied even if their addressee cannot be reached, because other partners need
their effect."""


def recipient(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    """Return the id of the partner to which an event is addressed. An antenna that receives no deliveries is
    replaced by its SIAO. `source` is the sender's id, `territoire` the event's territory. `subject` is None if
    unknown to the caller. Return None in three cases:

    * nobody has to receive the event, or nobody can give the accompaniment that it asks for;
    * the addressee is not in the registry or receives no deliveries, and the message is applied even without it
      (`FOR_THE_OTHERS`);
    * the message may skip its addressee (`Beside.optional`), and the addressee is in the registry but receives
      no deliveries, or is also the subject's recipient.

    Raises Unroutable in any other case in which the addressee is not in the registry, or receives no
    deliveries.
    """
    facts = facts_of(contrat)
    party = facts.addressee
    if party in (Party.HUB, Party.SIGNATAIRE):
        return None
    about = (contrat, territoire, subject, registry)
    player = _player(party, *about)
    if player == source:
        if isinstance(contrat, AccompagnementDemande):
            return operator_of(contrat, registry)
        if party not in OTHER:
            return None
        player = _player(OTHER[party], *about) or player
    partner = _reached(player, registry)
    if partner is None or partner.sortie is None:
        if isinstance(contrat, FOR_THE_OTHERS) or (partner and facts.beside.optional):
            return None
        raise Unroutable(_nobody(party, player, territoire, dispositif_of(contrat, subject)))
    itself = party is Party.EMETTEUR and subject and subject.played_by(partner.id, Party.DESTINATAIRE)
    return None if facts.beside.optional and itself else partner.id  # a SIAO needs no news of its own demand


def is_reached(partner_id: str | None, registry: Registry) -> bool:
    """Tell whether a partner is in the registry and receives deliveries. Return False for None."""
    partner = registry.get(partner_id or "")
    return partner is not None and partner.sortie is not None


def _reached(player: str | None, registry: Registry) -> Partner | None:
    """Return the partner with this id. For an antenna that receives no deliveries, return the antenna's SIAO.
    Return None for an unknown id."""
    partner = registry.get(player or "")
    if partner is None or partner.sortie is not None or partner.antenne_de is None:
        return partner
    return registry.get(partner.antenne_de)


def _nobody(party: Party, player: str | None, territoire: str, dispositif: Dispositif | None) -> str:
    if player is not None:
        return f"« {player} » n'est pas au registre, ou n'y a pas de sortie"
    if party is Party.SIAO:
        return no_siao(territoire, dispositif)  # never names the commune: the household lives there
    return f"aucun partenaire du registre pour le rôle « {party} » (territoire {territoire})"


def listeners(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> Iterator[str]:
    """Yield the ids of the partners that receive an event besides its addressee. The facts about its message
    type (`Facts.beside`) say which: the SIAO responsible for the subject, partners of certain types in the
    subject's territory, or both. The sender is left out. A request for accompaniment also goes to the operator
    that it names; a reminder to evaluate a household, to all partners whose evaluation is still awaited."""
    if isinstance(contrat, AccompagnementDemande) and (operator := operator_of(contrat, registry)):
        yield operator
    if isinstance(contrat, EvaluationDemandee) and contrat.rappel and isinstance(subject, Demande):
        yield from (each for each in subject.evaluating if is_reached(each, registry))
    beside = facts_of(contrat).beside
    if beside.siao:
        siao = _reached(_player(Party.SIAO, contrat, territoire, subject, registry), registry)
        if siao is not None and reads(siao, type(contrat)) and siao.id != source:
            yield siao.id
    if not beside.around or (subject is not None and not subject.notified_around):
        return
    if beside.motif in (None, *_motifs(contrat, subject)):
        there = _around(beside.around, lieu_of(contrat, territoire, subject, registry), registry)
        yield from (name for name in there if name != source)


def _motifs(contrat: Contrat, subject: Subject | None) -> Iterator[str | None]:
    yield vars(contrat).get("motif")
    yield from (facts.get("motif") for facts in getattr(subject, "dit", {}).values())


def _around(familles: tuple[Famille, ...], lieu: Lieu, registry: Registry) -> Iterator[str]:
    return (partner.id for famille in familles for partner in registry.listeners(famille, lieu))


def readers(household: Subject, territoire: str, registry: Registry) -> tuple[str, ...]:
    """Return the ids of a household's readers: the partners whose perimeter contains the household. The
    household's own SIAO is left out. `territoire` is the territory of this SIAO."""
    lieu = lieu_of(None, territoire, household, registry)
    there = _around(facts_of(PretLogementDeclare).beside.around, lieu, registry)
    return tuple(name for name in there if name != household.player(Party.EMETTEUR))


def households_at_once(reader: str, registry: Registry) -> int:
    """Return how many households one delivery of the whole list to `reader` may have at most. Raises Unroutable
    if this partner cannot receive the list."""
    partner = registry.get(reader)
    if partner is None or partner.dialecte_sortant is None or not reads_the_list(partner):
        raise Unroutable(f"« {reader} » n'est pas au registre, ou n'y a pas de sortie qui écrive la liste")
    return min(HOUSEHOLDS_AT_ONCE, _declaration(partner, partner.dialecte_sortant).ecrit_au_plus)


def reads_the_list(partner: Partner) -> bool:
    """Tell whether a partner can receive the list of households ready for housing. This is so if the partner
    receives deliveries, partners of its type are readers of the list, and its dialect can write the list."""
    readers = facts_of(PretLogementDeclare).beside.around
    return partner.famille in readers and reads(partner, PretLogementDeclare)


def operator_of(contrat: AccompagnementDemande, registry: Registry) -> str | None:
    """Return the id of the operator that a request for accompaniment names. Return None if the request names
    no operator, or if the operator is not in the registry or receives no deliveries."""
    operator = registry.manager_of(contrat.operateur or "")
    return operator.id if operator and operator.sortie else None


def _player(
    party: Party, contrat: Contrat, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    if party is Party.EVALUATEUR:
        return getattr(subject, "evaluateur", None) or (subject.player(Party.EMETTEUR) if subject else None)
    if party is Party.REPRENEUR:
        named = getattr(contrat, "siao", None) if isinstance(contrat, DemandeTransfertRetire) else None
        return named or getattr(subject, "repreneur", None)
    if party is not Party.SIAO or (subject and subject.player(party)):
        return subject.player(party) if subject else None
    sides = _sides(subject)
    has_part = next((s for s in map(registry.get, sides) if s and s.famille is Famille.SIAO), None)
    if has_part is not None:
        return has_part.id
    siao = registry.siao_of(lieu_of(contrat, territoire, subject, registry), dispositif_of(contrat, subject))
    return siao.id if siao else None


def _sides(subject: Subject | None) -> tuple[str, ...]:
    sides = map(subject.player, (Party.EMETTEUR, Party.DESTINATAIRE)) if subject else ()
    return tuple(filter(None, sides))


def alerted(alert: EvenementAlerte, registry: Registry) -> tuple[str, ...]:
    """Return the id of an alert's addressee, in a tuple. Return an empty tuple if the alert names no
    addressee, or if the addressee cannot receive alerts."""
    partner = _reached(alert.addressee, registry)
    return (partner.id,) if partner and reads(partner, type(alert)) else ()


def reads(partner: Partner, kind: type[Contrat]) -> bool:
    """Tell whether a partner can receive messages of the type `kind`. This is so if the partner receives
    deliveries, its dialect can write such messages, and partners of its type may read them."""
    if partner.sortie is None or partner.dialecte_sortant is None:
        return False
    return (
        rights(partner.famille).may_receive(kind)
        and kind in _declaration(partner, partner.dialecte_sortant).ecrit
    )


@lru_cache(maxsize=1000)
def _declaration(partner: Partner, dialect: str) -> Declaration:
    from adapters.registry import (
        declaration_for,  # imported late: it imports all dialects
    )

    return declaration_for(partner, dialect)
