"""Who receives an event: one table from message group to the role it concerns. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.v1 import attribution, livraison, orientation
from router.partners import Registry
from router.subjects import Subject


class Role(StrEnum):
    """A part that a partner plays towards a subject."""

    SIAO = "siao"  # the SIAO of the event's territory
    EMETTEUR = "emetteur"  # who sent the referral or the candidacy
    DESTINATAIRE = "destinataire"  # who owes the answer
    PERSONNE = "personne"  # the hub only


BY_CONTRACT: Mapping[type[Contrat], Role] = {
    orientation.OrientationProposee: Role.DESTINATAIRE,
    orientation.OrientationAnnulee: Role.DESTINATAIRE,
    attribution.CandidaturePresentee: Role.DESTINATAIRE,
    attribution.CandidatureRetiree: Role.DESTINATAIRE,
    livraison.LivraisonRemise: Role.PERSONNE,
}
BY_GROUP: Mapping[str, Role] = {
    "offre": Role.SIAO,
    "orientation": Role.EMETTEUR,
    "attribution": Role.EMETTEUR,
    "alerte": Role.SIAO,
}


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


def recipient(contrat: Contrat, territoire: str, subject: Subject | None, registry: Registry) -> str | None:
    """The partner that receives an event; None when only the hub is concerned.

    Raises Unroutable when nobody of the registry plays the role, or has no way out.
    """
    role = role_of(contrat)
    if role is Role.PERSONNE:
        return None
    siao = registry.siao_of(territoire)
    played = subject.text(role) if subject is not None else None
    partner = registry.get(played) if played else (siao if role in (Role.SIAO, Role.EMETTEUR) else None)
    if partner is None or partner.sortie is None:
        raise Unroutable(f"aucun partenaire à livrer pour le rôle « {role} » (territoire {territoire})")
    return partner.id
