"""The events after a referral: admission, arrival, stay, departure, support."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.reference.codes import MesureAccompagnement, SituationSortie
from contracts.reference.identifiants import Etablissement, ReferenceActe
from contracts.v1.menage import Menage
from contracts.v1.orientation import EvenementOrientation


class AdmissionPrononcee(EvenementOrientation):
    """The head of the centre admits the household."""

    NOM = "admission.prononcee"

    admission_le: Annotated[date, Classe.C1]


class AdmissionDirecte(Contrat):
    """A household is admitted without the SIAO: under a derogation, or in an emergency (L345-2-7, R345-4 CASF; duty
    C2)."""

    DOMAINE = "orientation"
    NOM = "admission.directe"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]
    menage: Menage
    admission_le: Annotated[date, Classe.C1]
    derogation: Annotated[ReferenceActe | None, Classe.C0] = None


class EntreeConstatee(EvenementOrientation):
    """The household has arrived."""

    NOM = "entree.constatee"

    entree_le: Annotated[date, Classe.C1]


class PresentationAbsence(EvenementOrientation):
    """The household did not come."""

    NOM = "presentation.absence"

    constatee_le: Annotated[date, Classe.C1]


class SejourProlonge(EvenementOrientation):
    """The stay is prolonged."""

    NOM = "sejour.prolonge"

    jusqu_au: Annotated[date, Classe.C1]


class SortieDeclaree(EvenementOrientation):
    """The household has left, or will."""

    NOM = "sortie.declaree"

    sortie_le: Annotated[date, Classe.C1]
    vers: Annotated[SituationSortie | None, Classe.C3] = None


class AccompagnementDemande(EvenementOrientation):
    """The SIAO asks for the support that it judged necessary (duty C10)."""

    NOM = "accompagnement.demande"

    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None
    menage: Menage | None = None
    """The household to support, where the SIAO asks an operator."""
    operateur: Annotated[Etablissement | None, Classe.C1] = None
    """SIRET or FINESS of the operator asked. Only it and the recipient of the referral may answer."""


class AccompagnementRepondu(EvenementOrientation):
    """The operator has answered."""

    NOM = "accompagnement.repondu"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None
