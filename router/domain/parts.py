"""Name the parties of a subject. A partner may send a message as a party of the subject, or because of its
own type."""

from enum import StrEnum

from contracts.partner import Famille


class Party(StrEnum):
    """What a partner is for a subject, such as its manager or its recipient. A partner may be several parties
    of the same subject."""

    SIAO = "siao"  # the SIAO of the territory
    GESTIONNAIRE = "gestionnaire"  # the manager of the place
    EMETTEUR = "emetteur"  # the partner that sent the demand, referral or candidacy
    DESTINATAIRE = "destinataire"  # the partner that has to answer
    REPRENEUR = "repreneur"  # the SIAO to which the transfer of the demand is proposed
    OPERATEUR = "operateur"  # the operator asked to accompany the household of the referral
    EVALUATEUR = "evaluateur"  # the partner asked to evaluate the household of the demand
    DECLARANT = "declarant"  # the partner, no SIAO, that declared the household ready
    SIGNATAIRE = "signataire"  # a partner that signs the agreement or derogation
    PREMIER = "premier"  # the sender of the first message about the subject
    HUB = "hub"  # the hub itself


Part = Party | Famille
"""Who may send a message: a party of the subject, or a type of partner."""
