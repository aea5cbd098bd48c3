"""The parts that partners play towards a subject, and the hub's own name as a sender."""

from enum import StrEnum

from contracts.partner import Famille

HUB = "siao-hub"
"""Source of the events that the hub derives."""


class Role(StrEnum):
    """A part towards one subject."""

    SIAO = "siao"  # the SIAO of the territory
    GESTIONNAIRE = "gestionnaire"  # who manages the place
    EMETTEUR = "emetteur"  # who brought the demand, or sent the referral or the candidacy
    DESTINATAIRE = "destinataire"  # who owes the answer
    OPERATEUR = "operateur"  # who was asked to accompany the household of the referral
    PREMIER = "premier"  # who speaks first of what the hub does not know yet
    HUB = "hub"  # the hub itself


Part = Role | Famille
"""What a sender speaks as: a part towards the subject, or its family."""
