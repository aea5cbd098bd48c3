"""Messages about a household after its referral: admission, arrival, stay, departure, accompaniment."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import model_validator

from contracts.base import Contrat, Nature, Personnes
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import CompositionCode, Dispositif, MesureAccompagnement, SituationSortie
from contracts.reference.identifiants import Etablissement, ReferenceActe
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.menage import Menage
from contracts.v1.numero_acte import citing
from contracts.v1.orientation import EvenementOrientation


class AdmissionPrononcee(EvenementOrientation):
    """Message that the head of the centre admits the household of a referral."""

    NOM = "admission.prononcee"

    admission_le: Annotated[date, Classe.C1]


class MotifAdmission(StrEnum):
    """Reason for which the head of a centre may admit a household without the SIAO."""

    URGENCE = "URGENCE"
    """The head of the centre decides, and informs the SIAO (L345-2-7, R345-4 CASF)."""


class Titre(StrEnum):
    """Grounds on which a household is admitted without the SIAO."""

    DEROGATION = "DEROGATION"
    URGENCE = "URGENCE"
    AUCUN = "AUCUN"


class AdmissionDirecte(Contrat):
    """Message that a household is admitted to a place without a referral: under a derogation, or in an
    emergency (L345-2-7, R345-4 CASF). If the message gives the stay an id (field `orientation`), the centre
    must later report the end of this stay."""

    DOMAINE = "orientation"
    NOM = "admission.directe"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]
    menage: Menage
    admission_le: Annotated[date, Classe.C1]
    derogation: Annotated[ReferenceActe | None, Classe.C0] = None
    """Number of the derogation under which the household is admitted."""
    acte: Annotated[UUID | None, Classe.C0, DuHub.NOTE] = None
    """Id of the derogation, derived by the hub from its number."""
    motif_admission: Annotated[MotifAdmission | None, Classe.C1] = None
    orientation: Annotated[UUID | None, Classe.C0] = None
    """Hub's id of the stay that begins with the admission. The centre itself sends its own number of the
    stay, and the hub replaces it."""

    @model_validator(mode="before")
    @classmethod
    def _under_its_act(cls, values: Any) -> Any:
        return citing(values, "derogation", Nature.DEROGATION)


class AdmissionHorsSiao(Contrat):
    """Message by which the hub tells the State that a household was admitted without the SIAO. The message
    does not name the household."""

    DOMAINE = "orientation"
    NOM = "admission.hors-siao"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]
    structure: Annotated[Etablissement | None, Classe.C0] = None
    """Structure to which the place belongs; None if the structure's address is secret."""
    dispositif: Annotated[Dispositif | None, Classe.C0] = None
    admission_le: Annotated[date, Classe.C1]
    composition: Annotated[CompositionCode, Classe.C1]
    adultes: Annotated[Personnes, Classe.C1]
    enfants: Annotated[Personnes, Classe.C1] = 0
    titre: Annotated[Titre, Classe.C1]
    numero: Annotated[ReferenceActe | None, Classe.C0] = None
    """Number of the derogation under which the household was admitted; None if there is none."""
    manque: Annotated[MotifAnomalie | None, Classe.C0] = None
    """Reason why the admission is not justified; None if it is."""


class EntreeConstatee(EvenementOrientation):
    """Message that the household of a referral has arrived at the structure."""

    NOM = "entree.constatee"

    entree_le: Annotated[date, Classe.C1]


class PresentationAbsence(EvenementOrientation):
    """Message that the household of a referral did not come to the structure."""

    NOM = "presentation.absence"

    constatee_le: Annotated[date, Classe.C1]


class SejourProlonge(EvenementOrientation):
    """Message that a stay is prolonged."""

    NOM = "sejour.prolonge"

    jusqu_au: Annotated[date, Classe.C1]


class SortieDeclaree(EvenementOrientation):
    """Message that the household of a referral or stay has left, or will leave."""

    NOM = "sortie.declaree"

    sortie_le: Annotated[date, Classe.C1]
    vers: Annotated[SituationSortie | None, Classe.C3] = None


class AccompagnementDemande(EvenementOrientation):
    """Message by which the SIAO, or the structure, requests social work (accompaniment) for the household of a
    referral or stay."""

    NOM = "accompagnement.demande"

    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None
    menage: Menage | None = None
    """Household to accompany. None if the message goes to the recipient of the referral, which knows the
    household."""
    operateur: Annotated[Etablissement | None, Classe.C1] = None


class AccompagnementRepondu(EvenementOrientation):
    """Message by which an operator answers whether it accompanies the household of a referral or stay."""

    NOM = "accompagnement.repondu"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None


class AccompagnementSansContact(EvenementOrientation):
    """Message that the operator has not reached the household of a referral or stay yet. The operator still has
    to answer."""

    NOM = "accompagnement.sans-contact"

    tente_le: Annotated[date | None, Classe.C1] = None
