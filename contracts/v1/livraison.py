"""Receipts: the proof that a partner's system holds what it owes an answer to.

A partner's deadlines start here, not when the SIAO sent the referral.
"""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe


class LivraisonRemise(Contrat):
    """A referral or a candidacy has provably reached its partner."""

    DOMAINE = "livraison"
    NOM = "livraison.remise"
    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C0]
    partenaire: Annotated[str, Classe.C0]
    remise_le: Annotated[datetime, Classe.C0]
