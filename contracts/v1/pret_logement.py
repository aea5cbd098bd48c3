"""Messages about households ready for housing, about the lists of these households, and about possible
duplicates.

A reader of the list is a partner that receives the households ready for housing in its perimeter. A label
says that a household may have reserved dwellings.
"""

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
    """The state of a household in the prefect's register of reserved housing (SYPLO)."""

    INSCRIT = "INSCRIT"
    NON_INSCRIT = "NON_INSCRIT"
    NE_RELEVE_PAS = "NE_RELEVE_PAS"


class StatutDalo(StrEnum):
    """The state of a household's enforceable right to housing (DALO), as in the national register of
    demands."""

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
    """The household was erased. Only the hub says so."""


class IndiceDoublon(StrEnum):
    """Evidence that two households may be one. It does not reveal the values that were compared."""

    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    """Same numéro unique. The joint holders of a demand may have separated."""
    TELEPHONE = "TELEPHONE"
    DATE_IDENTIQUE = "DATE_IDENTIQUE"
    DATE_INVERSEE = "DATE_INVERSEE"
    """The dates agree once the day and the month of one of them are swapped."""
    DATE_PROCHE = "DATE_PROCHE"
    """The dates differ by one typing error, or one of them lacks the day."""
    PRENOM_IDENTIQUE = "PRENOM_IDENTIQUE"
    PRENOM_PROCHE = "PRENOM_PROCHE"
    NOM_IDENTIQUE = "NOM_IDENTIQUE"
    NOM_PROCHE = "NOM_PROCHE"
    NOM_DIFFERENT = "NOM_DIFFERENT"
    """The last names differ, but all else agrees: one of them may be the birth name."""
    NOM_ET_PRENOM_INVERSES = "NOM_ET_PRENOM_INVERSES"
    COMPOSITION = "COMPOSITION"
    AUTRE_MEMBRE = "AUTRE_MEMBRE"
    """Another member of one household resembles a member of the other."""


class ReponseListe(StrEnum):
    """The answer that a reader of the list gives about one household on the list."""

    LABELLISEE = "LABELLISEE"
    REFUSEE = "REFUSEE"
    INCOMPLETE = "INCOMPLETE"
    DESIGNEE = "DESIGNEE"


class MotifRefusListe(StrEnum):
    """Reason why a reader of the list refuses a household on the list."""

    HORS_CONTINGENT = "HORS_CONTINGENT"
    RESSOURCES = "RESSOURCES"
    DEJA_RELOGE = "DEJA_RELOGE"
    SANS_NUMERO_UNIQUE = "SANS_NUMERO_UNIQUE"
    AUTRE = "AUTRE"


class PieceManquante(StrEnum):
    """A document that a reader of the list lacks about a household on the list."""

    IDENTITE = "IDENTITE"
    RESSOURCES = "RESSOURCES"
    SITUATION_FAMILIALE = "SITUATION_FAMILIALE"
    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    EVALUATION_SOCIALE = "EVALUATION_SOCIALE"
    AUTRE = "AUTRE"


class ReponseDeclaration(StrEnum):
    """The answer that the SIAO gives to a partner which has declared a household ready for housing."""

    CONFIRMEE = "CONFIRMEE"
    REFUSEE = "REFUSEE"


class MotifRefusDeclaration(StrEnum):
    """Reason why the SIAO refuses to put on the list a household that a partner has declared ready for
    housing."""

    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    SANS_EVALUATION = "SANS_EVALUATION"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    HORS_TERRITOIRE = "HORS_TERRITOIRE"
    DOUBLON = "DOUBLON"
    AUTRE = "AUTRE"


class ChampDecrit(StrEnum):
    """Name of an optional field of a household's description. A message lists which of these fields are
    filled in, without their values. All fields of class C3 share one name in the list. Fields of class C4 are
    never listed, because their mere presence may reveal something."""

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
    """Base of messages that change the list of households ready for housing which a partner receives. The
    partner is called a reader of the list. The hub numbers the changes of each reader's list."""

    numero: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of this change in the recipient's list. A gap in these numbers shows that a message is
    missing."""
    fiche: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of the household in the recipient's list. The household keeps it if it leaves the list and comes
    back."""


class PretLogementDecrit(EvenementListe):
    """Base of messages that describe a household ready for housing: the household as it is now, and the housing
    that it needs."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    departement: Annotated[CodeDepartement, Classe.C1]
    """Département in which the household is to be housed. The services of its prefect may know the
    household."""
    communes: Annotated[tuple[CodeCommune, ...], Classe.C1] = ()
    """Communes where the household wants to live; empty if any commune of the département will do."""
    evaluee_le: Annotated[date, Classe.C1]
    """Day on which the SIAO or a partner found the household ready."""
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    """Support that the household needs to live in its housing."""
    syplo: Annotated[StatutSyplo | None, Classe.C3] = None
    dalo: Annotated[StatutDalo | None, Classe.C4] = None
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready, as far as readers of the list may read it."""
    label: Annotated[ReponseListe | None, Classe.C1, DuHub.DIT] = None
    """The label that the household's own SIAO gives; None if it gives none. The hub fills it in for each
    recipient."""
    renseigne: Annotated[tuple[ChampDecrit, ...] | None, Classe.C1, DuHub.NOTE] = None
    """Optional fields that the sender has filled in. The hub notes them at intake."""


class PretLogementDeclare(PretLogementDecrit):
    """Message that a household is ready for housing. If another partner than the SIAO sends this declaration,
    the SIAO has to confirm it."""

    NOM = "menage.pret-logement.declare"

    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that declares the household, if it is not the SIAO. Only the SIAO sees this partner's name,
    which may reveal violence, illness or a case in court."""


class PretLogementRepondu(EvenementMenage):
    """Message by which the SIAO answers a declaration that a household is ready for housing: the household is
    now on the list, or is refused for a reason."""

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
    """Message with a new description of a household ready for housing."""

    NOM = "menage.pret-logement.actualise"


class PretLogementRetire(EvenementListe):
    """Message with one of two effects, which its sender decides. From the SIAO, it takes a household off the list.
    From another partner, it only withdraws what this partner has declared about the household."""

    NOM = "menage.pret-logement.retire"

    menage: Annotated[UUID, Classe.C1]
    motif: Annotated[MotifRetrait, Classe.C1]
    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that withdraws its declaration. Only the household's SIAO sees the name."""


class PretLogementDiffuse(EvenementMenage):
    """Event that the hub makes for itself when a household comes onto lists, leaves lists, or gets other
    labels. From this event, the hub makes a message for each reader concerned."""

    NOM = "menage.pret-logement.diffuse"

    menage: Annotated[UUID, Classe.C1]


class ListeRepondue(EvenementListe):
    """Message about a household on the list of households ready for housing. It has one of two contents:

    * the answer of a reader of the list, for the household's own SIAO. It changes no list, so `numero` is empty.
    * the label that this SIAO gives or takes back, for the readers. It changes their lists: `numero` is the
      number of this change in the recipient's list.
    """

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
    """Message that requests the whole list for a reader. Either the reader has lost its copy, or the hour
    agreed with the reader has come."""

    DOMAINE = "menage"
    NOM = "liste.demandee"
    NATURE: ClassVar[Nature] = Nature.LISTE
    SUJET: ClassVar[str] = "liste"

    liste: Annotated[UUID, Classe.C0]
    """Id of the request, chosen by its sender."""
    lecteur: Annotated[str | None, Classe.C0, DuHub.NOTE] = None
    """Reader whose agreed hour has come, filled in by the hub. None if the reader itself sends the
    request."""


class EvenementDoublon(EvenementMenage):
    """Base of messages about two households that may be one."""

    menage: Annotated[UUID, Classe.C1]
    autre: Annotated[UUID, Classe.C1]


class DoublonSuspecte(EvenementDoublon):
    """Message that two households look alike. A person must decide whether they are one."""

    NOM = "menage.doublon-suspecte"

    indices: Annotated[tuple[IndiceDoublon, ...], Classe.C1] = ()


class DoublonConfirme(EvenementDoublon):
    """Message by which a SIAO decides that two households are one."""

    NOM = "menage.doublon-confirme"


class DoublonEcarte(EvenementDoublon):
    """Message by which a SIAO decides that two households are different."""

    NOM = "menage.doublon-ecarte"


class MenageSepare(EvenementDoublon):
    """Message that a household has split. The household `autre` has the members who left."""

    NOM = "menage.separe"


class MenageReuni(EvenementDoublon):
    """Message that two households now live as one. Each of the two keeps its id, its referrals and its
    demands."""

    NOM = "menage.reuni"
