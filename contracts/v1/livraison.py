"""Receipts: proof that a message has reached the system of the partner that must answer it. The partner's
deadlines start at that proof, not when the SIAO sent the referral."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe


class LivraisonRemise(Contrat):
    """A referral or a candidacy has provably reached its partner."""

    DOMAINE = "livraison"
    NOM = "livraison.remise"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C0]
    partenaire: Annotated[str, Classe.C0]
    remise_le: Annotated[datetime, Classe.C0]
    nature: Annotated[Nature | None, Classe.C0] = None
    """Kind of the subject, if the message states it."""

    @property
    def nature_du_sujet(self) -> Nature | None:
        return self.nature
