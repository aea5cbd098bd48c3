"""Messages about households ready for housing, the list of these households that some partners read, and
possible duplicates."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import model_validator

from contracts.base import Contrat, Incoherence, Nature, Selon
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import MesureAccompagnement
from contracts.reference.identifiants import CodeCommune, CodeDepartement
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage


class StatutSyplo(StrEnum):
    """State of a household in the prefect's register of reserved housing (SYPLO), as SI-SIAO has it."""

    INSCRIT = "INSCRIT"
    NON_INSCRIT = "NON_INSCRIT"
    NE_RELEVE_PAS = "NE_RELEVE_PAS"


class StatutDalo(StrEnum):
    """State of a household's right to housing (DALO), as the national register has it."""

    NON = "NON"
    ACTIF = "ACTIF"
    CADUC = "CADUC"
    ACTREL = "ACTREL"


class MotifRetrait(StrEnum):
    """Reason why a household leaves the list of households ready for housing."""

    RELOGE = "RELOGE"
    RENONCIATION = "RENONCIATION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    ERREUR = "ERREUR"
    OUBLIE = "OUBLIE"
    """The household was erased. Only the hub sends this reason."""


class IndiceDoublon(StrEnum):
    """Kind of evidence that two households may be one. The kind reveals no values of the households."""

    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    """Both households have the same numéro unique (number of a demand in the national register). This may also
    mean that the joint holders of a demand have separated."""
    TELEPHONE = "TELEPHONE"
    DATE_IDENTIQUE = "DATE_IDENTIQUE"
    DATE_INVERSEE = "DATE_INVERSEE"
    """The dates of birth agree once day and month are swapped in one of them."""
    DATE_PROCHE = "DATE_PROCHE"
    """The dates of birth differ by one typing error, or one of them lacks the day."""
    PRENOM_IDENTIQUE = "PRENOM_IDENTIQUE"
    PRENOM_PROCHE = "PRENOM_PROCHE"
    NOM_IDENTIQUE = "NOM_IDENTIQUE"
    NOM_PROCHE = "NOM_PROCHE"
    NOM_DIFFERENT = "NOM_DIFFERENT"
    """The last names differ while all else agrees: one may be the birth name."""
    NOM_ET_PRENOM_INVERSES = "NOM_ET_PRENOM_INVERSES"
    COMPOSITION = "COMPOSITION"
    AUTRE_MEMBRE = "AUTRE_MEMBRE"
    """A second member of one household resembles a member of the other."""


class ReponseListe(StrEnum):
    """Answer of a partner about one household on its list of households ready for housing."""

    LABELLISEE = "LABELLISEE"
    REFUSEE = "REFUSEE"
    INCOMPLETE = "INCOMPLETE"
    DESIGNEE = "DESIGNEE"


class MotifRefusListe(StrEnum):
    """Reason why a partner that receives the list of households ready for housing refuses a household on
    it."""

    HORS_CONTINGENT = "HORS_CONTINGENT"
    RESSOURCES = "RESSOURCES"
    DEJA_RELOGE = "DEJA_RELOGE"
    SANS_NUMERO_UNIQUE = "SANS_NUMERO_UNIQUE"
    AUTRE = "AUTRE"


class PieceManquante(StrEnum):
    """Kind of document about a household. A partner that receives the list of households ready for housing asks
    for this document, because the partner lacks it."""

    IDENTITE = "IDENTITE"
    RESSOURCES = "RESSOURCES"
    SITUATION_FAMILIALE = "SITUATION_FAMILIALE"
    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    EVALUATION_SOCIALE = "EVALUATION_SOCIALE"
    AUTRE = "AUTRE"


class ReponseDeclaration(StrEnum):
    """Answer of the SIAO to a partner that declares a household ready for housing."""

    CONFIRMEE = "CONFIRMEE"
    REFUSEE = "REFUSEE"


class MotifRefusDeclaration(StrEnum):
    """Reason why the SIAO does not put a declared household on the list of households ready for housing."""

    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    SANS_EVALUATION = "SANS_EVALUATION"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    HORS_TERRITOIRE = "HORS_TERRITOIRE"
    DOUBLON = "DOUBLON"
    AUTRE = "AUTRE"


class ChampDecrit(StrEnum):
    """Path of an optional field of a household's description. Messages use it to say which fields a
    description fills in. Fields of the sensitive privacy classes C3 and C4 have no entry of their own: the
    mere fact that such a field is filled in may reveal something."""

    COMMUNES = "communes"
    ACCOMPAGNEMENT = "accompagnement"
    SYPLO = "syplo"
    DALO = "dalo"
    EVALUATION = "evaluation"
    TELEPHONE = "menage.telephone"
    NUMERO_UNIQUE = "menage.numero_unique"
    SITUATION = "menage.situation"
    MOTIF = "menage.motif"
    DROIT_SEJOUR = "menage.droit_sejour"
    RESSOURCES = "menage.ressources_mensuelles_euros"
    ACCOMPAGNEMENT_DU_MENAGE = "menage.accompagnement"
    SITUATION_SOCIALE = "situation_sociale"
    """Stands for every field about the social situation, resources or administrative status (privacy class
    C3)."""


class EvenementMenage(Contrat):
    """Base of all messages whose subject is a household."""

    DOMAINE = "menage"
    NATURE: ClassVar[Nature] = Nature.MENAGE
    SUJET: ClassVar[str] = "menage"


class EvenementListe(EvenementMenage):
    """Base of messages that change the list of households ready for housing. The hub numbers the changes for
    each partner that receives the list. Senders leave these numbers out."""

    numero: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of this change among the changes of the recipient's list. The numbers are consecutive, so that the
    recipient notices a missing number."""
    fiche: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number by which the recipient's list names the household. The household keeps this number if it leaves
    the list and comes back."""


class PretLogementDecrit(EvenementListe):
    """Base of messages that describe a household ready for housing as it is now, and the housing that it needs."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    departement: Annotated[CodeDepartement, Classe.C1]
    """Département whose prefect's services may know the household."""
    communes: Annotated[tuple[CodeCommune, ...], Classe.C1] = ()
    """Communes where the household wants to live. If the list is empty, the household accepts any commune of
    the département."""
    evaluee_le: Annotated[date, Classe.C1]
    """Day on which the SIAO or a partner found the household ready for housing."""
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    """Support that the household needs to live in its housing."""
    syplo: Annotated[StatutSyplo | None, Classe.C3] = None
    dalo: Annotated[StatutDalo | None, Classe.C4] = None
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready for housing. It contains only what partners that receive the
    list of these households may read."""
    label: Annotated[ReponseListe | None, Classe.C1, DuHub.DIT] = None
    """Label that the household's own SIAO gives: access to the prefect's reserved housing. None if that SIAO
    gives no label. The hub fills in this field for each partner that receives the household."""
    renseigne: Annotated[tuple[ChampDecrit, ...] | None, Classe.C1, DuHub.NOTE] = None
    """Optional fields that the sender has filled in. The hub sets this list at intake."""


class PretLogementDeclare(PretLogementDecrit):
    """Declaration that a household is ready for housing. If the declaration comes from another partner than the
    SIAO, the SIAO has to confirm it."""

    NOM = "menage.pret-logement.declare"

    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that declares the household, if it is another than the household's SIAO. Only that SIAO sees the
    partner's name, which may reveal violence, health or justice."""


class PretLogementRepondu(EvenementMenage):
    """Answer of the SIAO to a partner that declared a household ready for housing: the household is now on the
    list, or the SIAO refuses the household for the reason given."""

    NOM = "menage.pret-logement.repondu"
    SELON: ClassVar[Selon] = {"motif_refus": ("reponse", (ReponseDeclaration.REFUSEE,))}

    menage: Annotated[UUID, Classe.C1]
    reponse: Annotated[ReponseDeclaration, Classe.C1]
    motif_refus: Annotated[MotifRefusDeclaration | None, Classe.C1] = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.calls_for("motif_refus") != (self.motif_refus is not None):
            raise Incoherence(
                "un motif va avec un refus, et lui seul : ajoutez-le, ou retirez-le", "motif_refus", "reponse"
            )
        return self


class PretLogementActualise(PretLogementDecrit):
    """New description of a household ready for housing."""

    NOM = "menage.pret-logement.actualise"


class PretLogementRetire(EvenementListe):
    """Removal of a household from the list of households ready for housing. If another partner than the SIAO
    sends this message, the message withdraws that partner's declaration."""

    NOM = "menage.pret-logement.retire"

    menage: Annotated[UUID, Classe.C1]
    motif: Annotated[MotifRetrait, Classe.C1]
    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that withdraws its declaration. Only the household's SIAO sees the partner's name."""


class PretLogementDiffuse(EvenementMenage):
    """Event that the hub sends to itself about one household: partners' lists gain or lose the household, or
    its labels (access to reserved housing) change. The hub then notifies the partners concerned."""

    NOM = "menage.pret-logement.diffuse"

    menage: Annotated[UUID, Classe.C1]


class ListeRepondue(EvenementListe):
    """Answer of a partner about one household on the partner's list of households ready for housing. The
    message may also say that the household's SIAO gives or takes back a label (access to the prefect's reserved
    housing). Only a label becomes a numbered change of the lists."""

    NOM = "liste.repondue"
    SELON: ClassVar[Selon] = {
        "motif_refus": ("reponse", (ReponseListe.REFUSEE,)),
        "pieces": ("reponse", (ReponseListe.INCOMPLETE,)),
    }

    menage: Annotated[UUID, Classe.C1]
    reponse: Annotated[ReponseListe, Classe.C1]
    repondue_le: Annotated[date, Classe.C1]
    motif_refus: Annotated[MotifRefusListe | None, Classe.C1] = None
    pieces: Annotated[tuple[PieceManquante, ...], Classe.C1] = ()
    """Documents about the household that the answering partner lacks."""
    lecteur: Annotated[str | None, Classe.C1, DuHub.NOTE] = None
    """Id of the partner that answers, filled in by the hub. This partner receives the list of households ready
    for housing."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.calls_for("motif_refus") != (self.motif_refus is not None):
            raise Incoherence(
                "un motif va avec un refus, et lui seul : ajoutez-le, ou retirez-le", "motif_refus", "reponse"
            )
        if self.calls_for("pieces") != bool(self.pieces):
            raise Incoherence(
                "des pièces vont avec un dossier incomplet, et lui seul : nommez-les, ou retirez-les",
                "pieces",
                "reponse",
            )
        return self


class ListeDemandee(Contrat):
    """Request for a partner's whole list of households ready for housing, because the partner's copy is lost or
    the agreed hour has come. The partner then receives every household on the list, with the number of the
    list's last change."""

    DOMAINE = "menage"
    NOM = "liste.demandee"
    NATURE: ClassVar[Nature] = Nature.LISTE
    SUJET: ClassVar[str] = "liste"

    liste: Annotated[UUID, Classe.C0]
    """Id of the request, chosen by its sender."""
    lecteur: Annotated[str | None, Classe.C0, DuHub.NOTE] = None
    """Id of the partner that gets the whole list because its agreed hour has come. The hub fills in this field."""


class EvenementDoublon(EvenementMenage):
    """Base of messages about two households that may be one and the same."""

    menage: Annotated[UUID, Classe.C1]
    autre: Annotated[UUID, Classe.C1]


class DoublonSuspecte(EvenementDoublon):
    """Message that two households look alike, so that a person can decide whether they are one and the same."""

    NOM = "menage.doublon-suspecte"

    indices: Annotated[tuple[IndiceDoublon, ...], Classe.C1] = ()
    """Kinds of evidence that the two households may be one."""


class DoublonConfirme(EvenementDoublon):
    """Decision that two households are one and the same."""

    NOM = "menage.doublon-confirme"


class DoublonEcarte(EvenementDoublon):
    """Decision that two households are different."""

    NOM = "menage.doublon-ecarte"


class MenageSepare(EvenementDoublon):
    """Message that a household has split: `autre` is the household of the members who left."""

    NOM = "menage.separe"


class MenageReuni(EvenementDoublon):
    """Message that two households live as one from now on. Each household keeps its id, referrals and
    demands."""

    NOM = "menage.reuni"
