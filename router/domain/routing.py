"""Who may say an event, and who receives it: one table each, from messages to the parts that partners play. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.v1 import attribution, orientation, place, suite
from router.domain.partners import Registry
from router.domain.subjects import Subject


class Role(StrEnum):
    """A part that a partner plays towards a subject."""

    SIAO = "siao"  # the SIAO of the territory
    GESTIONNAIRE = "gestionnaire"  # who manages the place
    EMETTEUR = "emetteur"  # who sent the referral or the candidacy
    DESTINATAIRE = "destinataire"  # who owes the answer
    PERSONNE = "personne"  # the hub only


Part = Role | Famille
"""What a sender speaks as: a part in the subject, or its family."""

AUTHORS: Mapping[type[Contrat], tuple[Part, ...]] = {
    place.EvenementPlace: (Role.GESTIONNAIRE,),
    place.PlaceReservee: (Role.GESTIONNAIRE, Role.SIAO),
    suite.AdmissionDirecte: (Role.GESTIONNAIRE,),
    orientation.EvenementOrientation: (Role.DESTINATAIRE,),
    orientation.OrientationProposee: (Famille.SIAO,),
    orientation.OrientationAnnulee: (Role.EMETTEUR,),
    suite.AccompagnementDemande: (Role.EMETTEUR, Role.DESTINATAIRE),
    suite.AccompagnementRepondu: (Role.DESTINATAIRE, Famille.ACCOMPAGNEMENT),
    attribution.EvenementCandidature: (Role.DESTINATAIRE,),
    attribution.CandidaturePresentee: (Famille.SIAO,),
    attribution.CandidatureRetiree: (Role.EMETTEUR,),
    attribution.EligibiliteReconnue: (Role.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE),
    attribution.InstanceAvis: (Role.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE),
    attribution.DesignationContingent: (Famille.CONTINGENT,),
    attribution.RadiationSne: (Role.DESTINATAIRE, Famille.CONTINGENT, Famille.COLLECTIVITE),
}
"""Who may say what, a message or all of its kind (duties C1, C5 to C9). The hub says what it derives."""

BY_CONTRACT: Mapping[type[Contrat], Role] = {suite.AdmissionDirecte: Role.SIAO}
BY_GROUP: Mapping[str, Role] = {
    "offre": Role.SIAO,
    "orientation": Role.EMETTEUR,
    "attribution": Role.EMETTEUR,
    "alerte": Role.SIAO,
    "livraison": Role.PERSONNE,
}
"""Whom a message is meant for."""
OTHER: Mapping[Role, Role] = {Role.EMETTEUR: Role.DESTINATAIRE, Role.SIAO: Role.GESTIONNAIRE}
"""Whom it is meant for where the sender is that partner itself."""
ALERTABLE = frozenset({"si_siao_json"})
"""Outgoing dialects that carry alerts."""


def addressed(contrat: Contrat, registry: Registry) -> Contrat:
    """A referral to a structure with the partner that speaks for it; its structure is C4 where that is secret."""
    if not isinstance(contrat, orientation.OrientationProposee) or contrat.structure is None:
        return contrat
    manager = registry.manager_of(contrat.structure)
    if manager is None:
        return contrat
    secret = contrat.structure in manager.structures_protegees
    return contrat.model_copy(update={"gestionnaire": manager.id, "protegee": secret})


def role_of(contrat: Contrat) -> Role:
    """The role that a message is meant for."""
    return BY_CONTRACT.get(type(contrat)) or BY_GROUP[contrat.TYPE.split(".")[2]]


def may_say(contrat: Contrat, source: str, subject: Subject | None, registry: Registry) -> bool:
    """Whether a sender plays a part in which it may say this of a subject."""
    kind = next(cls for cls in type(contrat).__mro__ if cls in AUTHORS)
    return any(_plays(source, part, subject, registry) for part in AUTHORS[kind])


def _plays(source: str, part: Part, subject: Subject | None, registry: Registry) -> bool:
    if isinstance(part, Famille):
        partner = registry.get(source)
        return partner is not None and partner.famille is part
    if part is not Role.SIAO:
        return subject is not None and subject.text(part) == source
    manager = registry.get(subject.text(Role.GESTIONNAIRE) or "") if subject else None
    return manager is not None and _player(part, manager.territoire, subject, registry) == source


def recipient(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    """The partner that receives an event; None when only the hub is concerned.

    Raises Unroutable when nobody of the registry plays the role, or has no way out.
    """
    role = role_of(contrat)
    if role is Role.PERSONNE:
        return None
    player = _player(role, territoire, subject, registry)
    if player == source and role in OTHER:
        player = _player(OTHER[role], territoire, subject, registry) or player
    partner = registry.get(player or "")
    if partner is None or partner.sortie is None:
        raise Unroutable(f"aucun partenaire à livrer pour le rôle « {role} » (territoire {territoire})")
    return partner.id


def _player(role: Role, territoire: str, subject: Subject | None, registry: Registry) -> str | None:
    if role is Role.SIAO:
        siao = registry.siao_of(territoire)
        return siao.id if siao else None
    return subject.text(role) if subject else None


def alerted(partner_id: str | None, registry: Registry) -> tuple[str, ...]:
    """A partner that an alert is about, if it has a way out and a system that can read alerts."""
    partner = registry.get(partner_id or "")
    hears = partner is not None and partner.sortie is not None and partner.dialecte_sortant in ALERTABLE
    return (partner.id,) if partner and hears else ()
