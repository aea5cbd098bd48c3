"""What follows a referral: admission, arrival, stay, departure, accompaniment."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.reference.codes import MesureAccompagnement, SituationSortie
from contracts.v1.menage import Menage
from contracts.v1.orientation import EvenementOrientation


class AdmissionPrononcee(EvenementOrientation):
    """The head of the centre admits the household."""

    TYPE = "fr.siao.orientation.admission.prononcee.v1"

    admission_le: Annotated[date, Classe.C1]


class AdmissionDirecte(Contrat):
    """Admitted without the SIAO: under a derogation, or in an emergency (L345-2-7, R345-4 CASF; duty C2)."""

    TYPE = "fr.siao.orientation.admission.directe.v1"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]
    menage: Menage
    admission_le: Annotated[date, Classe.C1]
    derogation: Annotated[str | None, Classe.C0, Field(max_length=200)] = None


class EntreeConstatee(EvenementOrientation):
    """The household has arrived."""

    TYPE = "fr.siao.orientation.entree.constatee.v1"

    entree_le: Annotated[date, Classe.C1]


class PresentationAbsence(EvenementOrientation):
    """The household did not come."""

    TYPE = "fr.siao.orientation.presentation.absence.v1"

    constatee_le: Annotated[date, Classe.C1]


class SejourProlonge(EvenementOrientation):
    """The stay goes on."""

    TYPE = "fr.siao.orientation.sejour.prolonge.v1"

    jusqu_au: Annotated[date, Classe.C1]


class SortieDeclaree(EvenementOrientation):
    """The household has left, or will."""

    TYPE = "fr.siao.orientation.sortie.declaree.v1"

    sortie_le: Annotated[date, Classe.C1]
    vers: Annotated[SituationSortie | None, Classe.C3] = None


class AccompagnementDemande(EvenementOrientation):
    """The accompaniment judged necessary is asked for (duty C1)."""

    TYPE = "fr.siao.orientation.accompagnement.demande.v1"

    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None


class AccompagnementRepondu(EvenementOrientation):
    """The operator's answer."""

    TYPE = "fr.siao.orientation.accompagnement.repondu.v1"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None
