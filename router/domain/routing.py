"""Who may say an event, and who receives it, by the row of its message and the parts that partners play. Pure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from adapters.registry import declaration_for
from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner
from contracts.v1 import orientation
from contracts.v1.alerte import EvenementAlerte
from contracts.v1.protection import Protegeable
from contracts.v1.suite import AccompagnementDemande
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.parts import HUB, Part, Party
from router.domain.rights import rights
from router.domain.sandbox import heard_in
from router.domain.subjects import Subject

OTHER: Mapping[Party, Party] = {Party.EMETTEUR: Party.DESTINATAIRE, Party.SIAO: Party.GESTIONNAIRE}
"""Whom a message is meant for where its sender is that partner itself."""


def addressed(contrat: Contrat, registry: Registry) -> Contrat:
    """A referral to a structure with the partner that speaks for it; its structure is C4 where that is secret, and
    where nobody speaks for it: nobody can judge whether it is."""
    if not isinstance(contrat, orientation.OrientationProposee) or contrat.structure is None:
        return contrat
    manager = registry.manager_of(contrat.structure)
    secret = registry.open_structure(contrat.structure) is None
    return contrat.model_copy(update={"gestionnaire": manager and manager.id, "protegee": secret})


def is_unaddressed(contrat: Contrat) -> bool:
    """Whether the clear half of a message does not say where a household is directed: nobody spoke for the structure
    when it was taken in. Who has the key may ask `addressed` again."""
    if not isinstance(contrat, orientation.OrientationProposee):
        return False
    return contrat.place is None and contrat.structure is None and contrat.gestionnaire is None


def open_structure(contrat: Protegeable, registry: Registry) -> str | None:
    """The structure that a message names, where its address is no secret."""
    structure: str | None = getattr(contrat, "structure", None)
    return None if contrat.proteges() else registry.open_structure(structure)


def may_say(
    contrat: Contrat | type[Contrat], source: str, subject: Subject | None, registry: Registry
) -> bool:
    """Whether a sender plays a part in which it may say this of a subject."""
    return any(_plays(source, part, subject, registry) for part in facts_of(contrat).said_by)


def _plays(source: str, part: Part, subject: Subject | None, registry: Registry) -> bool:
    match part:
        case Famille():
            partner = registry.get(source)
            return partner is not None and partner.famille is part
        case Party.HUB:
            return source == HUB
        case Party.PREMIER:
            return subject is None
        case Party.SIAO:
            manager = _manager(subject, registry)
            return manager is not None and _player(part, heard_in(manager), subject, registry) == source
    return subject is not None and subject.played_by(source, part)


def recipient(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    """The partner that receives an event; None when nobody else is concerned, or only the hub.

    Raises Unroutable when nobody of the registry is the party, or has no way out.
    """
    facts = facts_of(contrat)
    party = facts.heard_by
    if party is Party.HUB:
        return None
    player = _player(party, territoire, subject, registry)
    if isinstance(contrat, AccompagnementDemande) and player == source:
        _operator(contrat, registry)
        return None
    if player == source and party in OTHER:
        player = _player(OTHER[party], territoire, subject, registry) or player
    elif player == source:
        return None
    partner = registry.get(player or "")
    if partner is not None and partner.sortie is None and facts.beside.optional:
        return None
    if partner is None or partner.sortie is None:
        raise Unroutable(_nobody(party, player, territoire))
    return partner.id


def _nobody(party: Party, player: str | None, territoire: str) -> str:
    """Whom the registry lacks."""
    if player is not None:
        return f"« {player} » n'est pas au registre, ou n'y a pas de sortie"
    if party is Party.SIAO:
        return f"aucun SIAO au registre pour le territoire {territoire}"
    return f"aucun partenaire du registre pour le rôle « {party} » (territoire {territoire})"


def listeners(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> Iterator[str]:
    """Partners that hear an event without being who it is meant for: those of the territory, or one that is asked."""
    if isinstance(contrat, AccompagnementDemande) and contrat.operateur is not None:
        yield _operator(contrat, registry)
    famille = facts_of(contrat).beside.around
    if famille is None or (subject is not None and not subject.told_around):
        return
    manager = _manager(subject, registry)
    there = registry.listeners(famille, heard_in(manager) if manager else territoire)
    yield from (p.id for p in there if p.id != source)


def _operator(contrat: AccompagnementDemande, registry: Registry) -> str:
    """Who is asked to accompany a household. Raises Unroutable for nobody, or nobody who can be told."""
    operator = registry.manager_of(contrat.operateur or "")
    if operator is None or operator.sortie is None:
        raise Unroutable("aucun partenaire à livrer n'a le SIRET ou FINESS de l'opérateur nommé")
    return operator.id


def _player(party: Party, territoire: str, subject: Subject | None, registry: Registry) -> str | None:
    """Of a place, the SIAO is that of its manager's territory, whoever has moved it."""
    if party is Party.SIAO:
        manager = _manager(subject, registry)
        siao = registry.siao_of(heard_in(manager) if manager else territoire)
        return siao.id if siao else None
    return subject.player(party) if subject else None


def _manager(subject: Subject | None, registry: Registry) -> Partner | None:
    return registry.get((subject and subject.player(Party.GESTIONNAIRE)) or "")


def alerted(alert: EvenementAlerte, registry: Registry) -> tuple[str, ...]:
    """The partner that an alert is about, if it has a way out and a system that can read such an alert."""
    partner = registry.get(alert.emetteur or "")
    return (partner.id,) if partner and _reads(partner, type(alert)) else ()


def _reads(partner: Partner, kind: type[Contrat]) -> bool:
    if partner.sortie is None or partner.dialecte_sortant is None:
        return False
    return rights(partner.famille).may_receive(kind) and _carries(partner, partner.dialecte_sortant, kind)


@lru_cache(maxsize=1000)
def _carries(partner: Partner, dialect: str, kind: type[Contrat]) -> bool:
    return kind in declaration_for(partner, dialect).ecrit
