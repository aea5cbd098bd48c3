"""Parties to a subject, and the parts by which a sender is allowed to send a message."""

from enum import StrEnum

from contracts.partner import Famille


class Party(StrEnum):
    """What a partner is to one subject: its sender, its recipient, the manager of its place…"""

    SIAO = "siao"  # the SIAO of the territory
    GESTIONNAIRE = "gestionnaire"  # who manages the place
    EMETTEUR = "emetteur"  # who brought the demand, or sent the referral or the candidacy
    DESTINATAIRE = "destinataire"  # who owes the answer
    REPRENEUR = "repreneur"  # the SIAO to which the transfer of the demand is proposed
    OPERATEUR = "operateur"  # who was asked to accompany the household of the referral
    EVALUATEUR = "evaluateur"  # who was asked to evaluate the household of the demand
    DECLARANT = "declarant"  # who has declared the household ready for its SIAO
    SIGNATAIRE = "signataire"  # who signs the agreement or the derogation
    PREMIER = "premier"  # who speaks first of what the hub does not know yet
    HUB = "hub"  # the hub itself


Part = Party | Famille
"""Condition on the sender of a message: a party to the subject, or a family of partners."""
