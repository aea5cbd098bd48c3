"""Message that records a receipt: the proof that a delivery has reached a partner that must answer it. The
partner's deadlines start with the receipt."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe


class LivraisonRemise(Contrat):
    """Message by which the hub records that a partner has received a delivery about a subject, such as a
    referral. The partner's deadlines start at that moment."""

    DOMAINE = "livraison"
    NOM = "livraison.remise"
    NATURE: ClassVar[None] = None
    SUJET: ClassVar[str] = "objet"

    objet: Annotated[UUID, Classe.C0]
    partenaire: Annotated[str, Classe.C0]
    remise_le: Annotated[datetime, Classe.C0]
    nature: Annotated[Nature | None, Classe.C0] = None
    """Kind of the subject; None if the message does not tell."""

    @property
    def nature_du_sujet(self) -> Nature | None:
        return self.nature
