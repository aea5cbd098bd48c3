"""Messages about referrals of households to places, and the structures' answers."""

from datetime import date, datetime
from operator import not_
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field, ValidationInfo, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import PROTEGEABLE, Classe, DuHub
from contracts.reference.codes import AuteurRefus, Dispositif, MotifRefus, ResultatPreadmission
from contracts.reference.identifiants import Etablissement, ReferenceConvention
from contracts.reference.regle import RELU
from contracts.v1.menage import Menage
from contracts.v1.numero_acte import citing
from contracts.v1.protection import Protegeable

MAX_AUTRES_PLACES = 19
"""Largest number of places that a referral may name besides its first place."""


class EvenementOrientation(Contrat):
    """Base of all messages about one referral, or about one stay without a referral."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    SUJET: ClassVar[str] = "orientation"

    orientation: Annotated[UUID, Classe.C0]


class OrientationProposee(EvenementOrientation, Protegeable):
    """Message by which the SIAO refers a household to one or several places of one manager, or to a structure
    that will choose. Several places are reserved together or not at all, and share one answer."""

    NOM = "orientation.proposee"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)
    AU_MOINS_UN: ClassVar[tuple[tuple[str, ...], ...]] = (("place", "structure"),)

    menage: Menage
    demande: Annotated[UUID | None, Classe.C1] = None
    """Demand to which the referral responds; None if the SIAO names none."""
    place: Annotated[UUID | None, Classe.C0] = None
    autres_places: Annotated[
        tuple[UUID, ...], Classe.C0, Field(max_length=MAX_AUTRES_PLACES, exclude_if=not_)
    ] = ()
    """Places besides `place`, for a household that needs several."""
    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    gestionnaire: Annotated[str | None, Classe.C0, DuHub.NOTE] = None
    """Partner that manages `structure`. The hub fills it in, because `structure` may be encrypted."""
    dispositif: Annotated[Dispositif, Classe.C0]
    presentation_le: Annotated[date | None, Classe.C1] = None
    """Day on which the household is to arrive."""
    convention: Annotated[ReferenceConvention | None, Classe.C1] = None
    """Number of the agreement that allows the referral. It is needed for a place reserved for the State, or for
    a place or structure of another SIAO."""
    acte: Annotated[UUID | None, Classe.C1, DuHub.NOTE] = None
    """Id of the agreement whose number is in `convention`. The hub derives the id from this number."""
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household, if the prefect's services have designated it for this place."""

    @model_validator(mode="before")
    @classmethod
    def _under_its_act(cls, values: Any) -> Any:
        return citing(values, "convention", Nature.CONVENTION)

    @model_validator(mode="after")
    def _one_destination(self, info: ValidationInfo) -> Self:
        nowhere = self.lacks_one() and self.gestionnaire is None
        # A stored referral may name a structure that is sealed here, and so seem to name none.
        if nowhere and info.context is not RELU:
            raise Incoherence(
                "une orientation vise une place ou une structure : nommez l'une des deux",
                "place",
                "structure",
            )
        if self.autres_places and (self.place is None or len(set(self.places)) <= len(self.autres_places)):
            raise Incoherence(
                "les autres places d'une orientation s'ajoutent à sa place : nommez celle-ci, et chacune une fois",
                "autres_places",
                "place",
            )
        return self

    @property
    def places(self) -> tuple[UUID, ...]:
        """Return all places that the referral names."""
        return (*(() if self.place is None else (self.place,)), *self.autres_places)


class OrientationAccusee(EvenementOrientation):
    """Message by which a structure acknowledges that it has read a referral."""

    NOM = "orientation.accusee"


class OrientationMiseEnAttente(EvenementOrientation):
    """Message that the structure puts the household of a referral on its waiting list."""

    NOM = "orientation.mise-en-attente"


class OrientationPreadmissionPlanifiee(EvenementOrientation):
    """Message that the structure will interview the household of a referral before its admission, on the day
    `entretien_le`. A later message of this type has the result of the interview."""

    NOM = "orientation.preadmission-planifiee"

    entretien_le: Annotated[datetime, Classe.C1]
    resultat: Annotated[ResultatPreadmission, Classe.C1] = ResultatPreadmission.EN_COURS


class OrientationAcceptee(EvenementOrientation):
    """Message by which a structure accepts a referral: it will receive the household."""

    NOM = "orientation.acceptee"

    accueil_le: Annotated[date | None, Classe.C1] = None


class OrientationRefusee(EvenementOrientation):
    """Message that a referral is refused. `auteur` says by whom, and `motif` why (R345-4 CASF)."""

    NOM = "orientation.refusee"

    auteur: Annotated[AuteurRefus, Classe.C1]
    motif: Annotated[MotifRefus, Classe.C1]

    @model_validator(mode="after")
    def _motive_is_the_authors(self) -> Self:
        if self.motif.auteur is not self.auteur:
            admis = ", ".join(motif for motif in MotifRefus if motif.auteur is self.auteur)
            raise Incoherence(
                f"ce motif ne va pas avec cet auteur : prenez l'un des siens ({admis}), ou corrigez l'auteur",
                "motif",
                "auteur",
            )
        return self


class OrientationAnnulee(EvenementOrientation):
    """Message by which the SIAO withdraws a referral."""

    NOM = "orientation.annulee"
