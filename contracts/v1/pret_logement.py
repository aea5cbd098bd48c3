"""Households that are ready for housing (duties C5 and C6), and households that may be duplicates (duty C11)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import Classe, DuHub
from contracts.reference.codes import MesureAccompagnement
from contracts.reference.identifiants import CodeCommune, CodeDepartement
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage


class StatutSyplo(StrEnum):
    """State of a household in the prefect's register of reserved housing, as SI-SIAO has it."""

    INSCRIT = "INSCRIT"
    NON_INSCRIT = "NON_INSCRIT"
    NE_RELEVE_PAS = "NE_RELEVE_PAS"


class StatutDalo(StrEnum):
    """State of the household's right to housing, as the national register has it."""

    NON = "NON"
    ACTIF = "ACTIF"
    CADUC = "CADUC"
    ACTREL = "ACTREL"


class MotifRetrait(StrEnum):
    """Reasons why a household no longer has to be housed ([choix])."""

    RELOGE = "RELOGE"
    RENONCIATION = "RENONCIATION"
    SANS_NOUVELLES = "SANS_NOUVELLES"
    DEPART_DU_TERRITOIRE = "DEPART_DU_TERRITOIRE"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    ERREUR = "ERREUR"
    OUBLIE = "OUBLIE"
    """The household was forgotten, and nothing more can be said about it. Only the hub sends it."""


class IndiceDoublon(StrEnum):
    """Kinds of evidence that two households may be one. They never contain a value."""

    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    """Both have the same numéro unique. Co-holders who separate share it, too."""
    TELEPHONE = "TELEPHONE"
    DATE_IDENTIQUE = "DATE_IDENTIQUE"
    DATE_INVERSEE = "DATE_INVERSEE"
    """In one date of birth, day and month are swapped."""
    DATE_PROCHE = "DATE_PROCHE"
    """The dates of birth differ by one typing error, or one has no day."""
    PRENOM_IDENTIQUE = "PRENOM_IDENTIQUE"
    PRENOM_PROCHE = "PRENOM_PROCHE"
    NOM_IDENTIQUE = "NOM_IDENTIQUE"
    NOM_PROCHE = "NOM_PROCHE"
    NOM_DIFFERENT = "NOM_DIFFERENT"
    """The names differ and everything else agrees: one may be the name at birth, the other the name of
    marriage."""
    NOM_ET_PRENOM_INVERSES = "NOM_ET_PRENOM_INVERSES"
    COMPOSITION = "COMPOSITION"
    AUTRE_MEMBRE = "AUTRE_MEMBRE"
    """A second member of one household resembles a member of the other, too."""


class ReponseListe(StrEnum):
    """Answers of a reader of the list about a household on it."""

    LABELLISEE = "LABELLISEE"
    REFUSEE = "REFUSEE"
    INCOMPLETE = "INCOMPLETE"
    DESIGNEE = "DESIGNEE"


class MotifRefusListe(StrEnum):
    """Reasons why a reader does not take a household ([choix])."""

    HORS_CONTINGENT = "HORS_CONTINGENT"
    RESSOURCES = "RESSOURCES"
    DEJA_RELOGE = "DEJA_RELOGE"
    SANS_NUMERO_UNIQUE = "SANS_NUMERO_UNIQUE"
    AUTRE = "AUTRE"


class PieceManquante(StrEnum):
    """Papers that a reader lacks ([choix])."""

    IDENTITE = "IDENTITE"
    RESSOURCES = "RESSOURCES"
    SITUATION_FAMILIALE = "SITUATION_FAMILIALE"
    NUMERO_UNIQUE = "NUMERO_UNIQUE"
    EVALUATION_SOCIALE = "EVALUATION_SOCIALE"
    AUTRE = "AUTRE"


class ReponseDeclaration(StrEnum):
    """Answers of the SIAO to a partner that declares a household ready for housing."""

    CONFIRMEE = "CONFIRMEE"
    REFUSEE = "REFUSEE"


class MotifRefusDeclaration(StrEnum):
    """Reasons why the SIAO does not put a household on the list that a partner declares ready ([choix])."""

    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"
    SANS_EVALUATION = "SANS_EVALUATION"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    HORS_TERRITOIRE = "HORS_TERRITOIRE"
    DOUBLON = "DOUBLON"
    AUTRE = "AUTRE"


class ChampDecrit(StrEnum):
    """Optional fields of a description, by their paths. Messages name them in clear, so they no longer name
    single fields of class C3 or C4: that such a field is filled in, as a residence permit, may already reveal
    something."""

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
    """At least one field of class C3."""


class EvenementMenage(Contrat):
    """Any event of one household, which is its own subject."""

    DOMAINE = "menage"
    NATURE: ClassVar[Nature] = Nature.MENAGE
    SUJET: ClassVar[str] = "menage"


class EvenementListe(EvenementMenage):
    """Any event by which the list of households ready for housing changes.

    For each reader of the list, the hub numbers its changes. Senders leave the numbers out.
    """

    numero: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of this change in the reader's list. A reader's numbers follow each other, so that a missing one is
    noticed."""
    fiche: Annotated[int | None, Classe.C0, DuHub.DIT] = None
    """Number of the household in the reader's list. If the household leaves and comes back, it has the same
    number."""


class PretLogementDecrit(EvenementListe):
    """Any event that describes the household as it is now, and the housing that it can live in."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    departement: Annotated[CodeDepartement, Classe.C1]
    """The département whose prefect's services may know the household."""
    communes: Annotated[tuple[CodeCommune, ...], Classe.C1] = ()
    """Communes where the household wants to live; empty means anywhere in the département."""
    evaluee_le: Annotated[date, Classe.C1]
    """The day on which the SIAO or a partner found the household ready."""
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    """Support that the household needs in order to live in its housing."""
    syplo: Annotated[StatutSyplo | None, Classe.C3] = None
    dalo: Annotated[StatutDalo | None, Classe.C4] = None
    evaluation: Evaluation | None = None
    """Evaluation that found the household ready, without the fields that readers may not read."""
    label: Annotated[ReponseListe | None, Classe.C1, DuHub.DIT] = None
    """Label that the household's own SIAO gives it; None if it gives none. The hub fills it in for each
    reader."""
    renseigne: Annotated[tuple[ChampDecrit, ...] | None, Classe.C1, DuHub.NOTE] = None
    """Optional fields that the sender has filled in, as the hub finds at intake. Whatever the sender writes
    here is replaced."""


class PretLogementDeclare(PretLogementDecrit):
    """The household is ready for housing, as its SIAO says, or as a partner says and its SIAO has to confirm."""

    NOM = "menage.pret-logement.declare"

    declarant: Annotated[str | None, Classe.C4, DuHub.NOTE] = None
    """Partner that declares the household in the place of its SIAO. The hub fills it in for that SIAO alone: the name
    may reveal violence, health or justice."""


class PretLogementRepondu(EvenementMenage):
    """The SIAO answers a partner that has declared a household ready: it puts the household on the list, or says why
    not."""

    NOM = "menage.pret-logement.repondu"

    menage: Annotated[UUID, Classe.C1]
    reponse: Annotated[ReponseDeclaration, Classe.C1]
    motif_refus: Annotated[MotifRefusDeclaration | None, Classe.C1] = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.reponse is ReponseDeclaration.REFUSEE) != (self.motif_refus is not None):
            raise Incoherence(
                "un motif va avec un refus, et lui seul : ajoutez-le, ou retirez-le", "motif_refus", "reponse"
            )
        return self


class PretLogementActualise(PretLogementDecrit):
    """The information on a household ready for housing has changed."""

    NOM = "menage.pret-logement.actualise"


class PretLogementRetire(EvenementListe):
    """The household no longer has to be housed, or not yet."""

    NOM = "menage.pret-logement.retire"

    menage: Annotated[UUID, Classe.C1]
    motif: Annotated[MotifRetrait, Classe.C1]


class PretLogementDiffuse(EvenementMenage):
    """The readers of the household may have changed, because a reader has joined or has another perimeter.
    Only the hub sends it."""

    NOM = "menage.pret-logement.diffuse"

    menage: Annotated[UUID, Classe.C1]


class ListeRepondue(EvenementListe):
    """A reader of the list answers about one of its households, or its SIAO gives or takes back its label. The label is
    part of the list: only then is the answer a numbered change."""

    NOM = "liste.repondue"

    menage: Annotated[UUID, Classe.C1]
    reponse: Annotated[ReponseListe, Classe.C1]
    repondue_le: Annotated[date, Classe.C1]
    motif_refus: Annotated[MotifRefusListe | None, Classe.C1] = None
    pieces: Annotated[tuple[PieceManquante, ...], Classe.C1] = ()
    """The papers that are missing."""
    lecteur: Annotated[str | None, Classe.C1, DuHub.NOTE] = None
    """Reader that answers. The hub fills it in."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.reponse is ReponseListe.REFUSEE) != (self.motif_refus is not None):
            raise Incoherence(
                "un motif va avec un refus, et lui seul : ajoutez-le, ou retirez-le", "motif_refus", "reponse"
            )
        if (self.reponse is ReponseListe.INCOMPLETE) != bool(self.pieces):
            raise Incoherence(
                "des pièces vont avec un dossier incomplet, et lui seul : nommez-les, ou retirez-les",
                "pieces",
                "reponse",
            )
        return self


class ListeDemandee(Contrat):
    """A reader asks for its whole list, because it has lost its copy or its agreed hour has come. It receives
    every household that is on the list at that moment. The files or messages give the number of the last
    change that they contain."""

    DOMAINE = "menage"
    NOM = "liste.demandee"
    NATURE: ClassVar[Nature] = Nature.LISTE
    SUJET: ClassVar[str] = "liste"

    liste: Annotated[UUID, Classe.C0]
    """Id of the request. A sender gives a reference of its own."""
    lecteur: Annotated[str | None, Classe.C0, DuHub.NOTE] = None
    """Reader whose agreed hour has come. Only the hub fills it in."""


class EvenementDoublon(EvenementMenage):
    """Any event about two households that may be one."""

    menage: Annotated[UUID, Classe.C1]
    autre: Annotated[UUID, Classe.C1]


class DoublonSuspecte(EvenementDoublon):
    """Two households look alike; a person decides whether they are one."""

    NOM = "menage.doublon-suspecte"

    indices: Annotated[tuple[IndiceDoublon, ...], Classe.C1] = ()
    """Kinds of evidence found."""


class DoublonConfirme(EvenementDoublon):
    """The two are one household."""

    NOM = "menage.doublon-confirme"


class DoublonEcarte(EvenementDoublon):
    """The two are different households."""

    NOM = "menage.doublon-ecarte"


class MenageSepare(EvenementDoublon):
    """The household has split: `autre` is the household of those who left. Nobody joins the two again by mistake."""

    NOM = "menage.separe"


class MenageReuni(EvenementDoublon):
    """The two households live as one from now on. Each keeps its id, and everything begun under it goes
    on."""

    NOM = "menage.reuni"
