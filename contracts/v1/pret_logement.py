"""Messages about households ready for housing, the list of them, and possible duplicates."""

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
    """State of a household in the prefect's register of reserved housing (SYPLO)."""

    INSCRIT = "INSCRIT"
    NON_INSCRIT = "NON_INSCRIT"
    NE_RELEVE_PAS = "NE_RELEVE_PAS"


class StatutDalo(StrEnum):
    """State of the right to housing (DALO), as the national register has it."""

    NON = "NON"
    ACTIF = "ACTIF"
    CADUC = "CADUC"
    ACTREL = "ACTREL"


class MotifRetrait(StrEnum):
    """Reason why a household leaves the list."""

    RELOGE = "RELOGE"
    RENONCIATION = "RENONCIATION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    ERREUR = "ERREUR"
    OUBLIE = "OUBLIE"
    """The household was erased. Only the hub says so."""


class IndiceDoublon(StrEnum):
    """Evidence that two households may be one. It does not reveal the values that were compared."""

    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    """Same numéro unique. The joint holders of a demand may have separated."""
    TELEPHONE = "TELEPHONE"
    DATE_IDENTIQUE = "DATE_IDENTIQUE"
    DATE_INVERSEE = "DATE_INVERSEE"
    """The dates agree once day and month of one are swapped."""
    DATE_PROCHE = "DATE_PROCHE"
    """The dates differ by one typing error, or one lacks the day."""
    PRENOM_IDENTIQUE = "PRENOM_IDENTIQUE"
    PRENOM_PROCHE = "PRENOM_PROCHE"
    NOM_IDENTIQUE = "NOM_IDENTIQUE"
    NOM_PROCHE = "NOM_PROCHE"
    NOM_DIFFERENT = "NOM_DIFFERENT"
    """The last names differ while all else agrees: one may be the birth name."""
    NOM_ET_PRENOM_INVERSES = "NOM_ET_PRENOM_INVERSES"
    COMPOSITION = "COMPOSITION"
    AUTRE_MEMBRE = "AUTRE_MEMBRE"
    """Another member of one household resembles a member of the other."""


class ReponseListe(StrEnum):
    """Answer of a partner about one household on its list."""

    LABELLISEE = "LABELLISEE"
    REFUSEE = "REFUSEE"
    INCOMPLETE = "INCOMPLETE"
    DESIGNEE = "DESIGNEE"


class MotifRefusListe(StrEnum):
    """Reason why a reader of the list refuses a household on it."""

    HORS_CONTINGENT = "HORS_CONTINGENT"
    RESSOURCES = "RESSOURCES"
    DEJA_RELOGE = "DEJA_RELOGE"
    SANS_NUMERO_UNIQUE = "SANS_NUMERO_UNIQUE"
    AUTRE = "AUTRE"


class PieceManquante(StrEnum):
    """Document about a household that a reader of the list lacks."""

    IDENTITE = "IDENTITE"
    RESSOURCES = "RESSOURCES"
    SITUATION_FAMILIALE = "SITUATION_FAMILIALE"
    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    EVALUATION_SOCIALE = "EVALUATION_SOCIALE"
    AUTRE = "AUTRE"


class ReponseDeclaration(StrEnum):
    """Answer of the SIAO to a partner that declares a household."""

    CONFIRMEE = "CONFIRMEE"
    REFUSEE = "REFUSEE"


class MotifRefusDeclaration(StrEnum):
    """Reason why the SIAO does not put a declared household on the list."""

    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    SANS_EVALUATION = "SANS_EVALUATION"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    HORS_TERRITOIRE = "HORS_TERRITOIRE"
    DOUBLON = "DOUBLON"
    AUTRE = "AUTRE"


class ChampDecrit(StrEnum):
    """Path of an optional field in the description of a household. A list of such paths says which fields are
    filled in.

    Fields of class C3 are named together, as `SITUATION_SOCIALE`, and fields of class C4 never, because to
    know that they are filled in may reveal something.
    """

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
    """Any field of class C3."""


class EvenementMenage(Contrat):
    """Base of all messages whose subject is a household."""

    DOMAINE = "menage"
    NATURE: ClassVar[Nature] = Nature.MENAGE
    SUJET: ClassVar[str] = "menage"


class EvenementListe(EvenementMenage):
    """Base of messages that change a reader's list of households ready for housing. The hub numbers the
    changes of each list."""

    numero: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of this change in the recipient's list. A gap shows a missing message."""
    fiche: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of the household in the recipient's list, kept when it leaves and comes back."""


class PretLogementDecrit(EvenementListe):
    """Base of messages that describe a household ready for housing as it is now, and the housing that it
    needs."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    departement: Annotated[CodeDepartement, Classe.C1]
    """Département whose prefect's services may know the household."""
    communes: Annotated[tuple[CodeCommune, ...], Classe.C1] = ()
    """Communes where the household wants to live; empty for any of the département."""
    evaluee_le: Annotated[date, Classe.C1]
    """Day on which the SIAO or a partner found the household ready."""
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    """Support that the household needs to live in its housing."""
    syplo: Annotated[StatutSyplo | None, Classe.C3] = None
    dalo: Annotated[StatutDalo | None, Classe.C4] = None
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready, as far as readers of the list may read it."""
    label: Annotated[ReponseListe | None, Classe.C1, DuHub.DIT] = None
    """Label that the household's own SIAO gives, if any, filled in by the hub for each recipient."""
    renseigne: Annotated[tuple[ChampDecrit, ...] | None, Classe.C1, DuHub.NOTE] = None
    """Optional fields that the sender has filled in, set at intake."""


class PretLogementDeclare(PretLogementDecrit):
    """Declaration that a household is ready for housing. The SIAO has to confirm the declaration of another
    partner."""

    NOM = "menage.pret-logement.declare"

    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner other than the SIAO that declares the household. Only the SIAO sees it: it may reveal violence,
    health or justice."""


class PretLogementRepondu(EvenementMenage):
    """Answer of the SIAO to a declaration: the household is on the list, or refused for a reason."""

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
    """Removal of a household from the list by the SIAO. From another partner, it only withdraws that
    partner's declaration."""

    NOM = "menage.pret-logement.retire"

    menage: Annotated[UUID, Classe.C1]
    motif: Annotated[MotifRetrait, Classe.C1]
    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that withdraws its declaration. Only the household's SIAO sees the name."""


class PretLogementDiffuse(EvenementMenage):
    """Event of the hub for itself: lists gain or lose this household, or its labels change. From it the hub
    makes a message to each reader concerned."""

    NOM = "menage.pret-logement.diffuse"

    menage: Annotated[UUID, Classe.C1]


class ListeRepondue(EvenementListe):
    """Answer of a reader of the list about one household on it, or a label that a partner gives or takes
    back. Only a label counts as a numbered change of the list."""

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
    """Documents that the answering partner lacks."""
    lecteur: Annotated[str | None, Classe.C1, DuHub.NOTE] = None
    """Partner that answers, filled in by the hub."""

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
    """Request for the whole list of a reader, because the reader has lost its copy, or because the hour
    agreed with it has come."""

    DOMAINE = "menage"
    NOM = "liste.demandee"
    NATURE: ClassVar[Nature] = Nature.LISTE
    SUJET: ClassVar[str] = "liste"

    liste: Annotated[UUID, Classe.C0]
    """Id of the request, chosen by its sender."""
    lecteur: Annotated[str | None, Classe.C0, DuHub.NOTE] = None
    """Partner whose agreed hour has come, filled in by the hub."""


class EvenementDoublon(EvenementMenage):
    """Base of messages about two households that may be one and the same."""

    menage: Annotated[UUID, Classe.C1]
    autre: Annotated[UUID, Classe.C1]


class DoublonSuspecte(EvenementDoublon):
    """Message that two households look alike. A person decides whether they are one."""

    NOM = "menage.doublon-suspecte"

    indices: Annotated[tuple[IndiceDoublon, ...], Classe.C1] = ()


class DoublonConfirme(EvenementDoublon):
    """Decision that two households are one and the same."""

    NOM = "menage.doublon-confirme"


class DoublonEcarte(EvenementDoublon):
    """Decision that two households are different."""

    NOM = "menage.doublon-ecarte"


class MenageSepare(EvenementDoublon):
    """Message that a household has split: `autre` has the members who left."""

    NOM = "menage.separe"


class MenageReuni(EvenementDoublon):
    """Message that two households live as one. Each keeps its id, referrals and demands."""

    NOM = "menage.reuni"
