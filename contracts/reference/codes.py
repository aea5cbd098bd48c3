"""Code lists. The files in `data/` hold the lists of SI-SIAO (the national software of the SIAO) and of
FINESS (the national register of establishments). The hub's own lists are enumerations. SI-SIAO gives each
code a numeric id; here it is a string ("25")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, partial
from types import MappingProxyType
from typing import Annotated, Any

from contracts.privacy import Classe, ValeursSensibles
from contracts.reference.donnees import texte
from contracts.reference.regle import Regle


class _Sensibles(ValeursSensibles):
    """Annotation that names those codes of a field that have a higher privacy class than the field. It can be
    hashed, as the annotations of optional types must be."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash((self.valeur_large, frozenset(self.classes.items())))


@cache
def listes() -> Mapping[str, Mapping[str, str]]:
    """Return all code lists in `data/`. A list's key is its name in SI-SIAO; the list gives the French label
    of each code. The list `categoriesFiness` has the categories of FINESS, which SI-SIAO lacks."""
    finess = {text: entry.libelle for text, entry in CATEGORIES_FINESS.items()}
    tables: dict[str, dict[str, str]] = {**_json("si_siao_codes.json"), "categoriesFiness": finess}
    return MappingProxyType({nom: MappingProxyType(table) for nom, table in tables.items()})


def code(liste: str, text: str) -> str:
    """Return the code `text` if the list `liste` has it. Raises ValueError for an unknown code; the error
    does not quote `text`."""
    if text not in listes()[liste]:
        raise ValueError(f"code inconnu de la liste « {liste} »")
    return text


def libelle(liste: str, text: str) -> str:
    """Return the French label of the code `text` in the list `liste`. Raises ValueError for an unknown
    code."""
    return listes()[liste][code(liste, text)]


@cache
def sensibles(liste: str) -> ValeursSensibles:
    """Return the annotation for contract fields whose values are codes of the list `liste`. The annotation
    names those codes that have a higher privacy class than the field (from `data/valeurs_sensibles.json`)."""
    entry = _json("valeurs_sensibles.json")[liste]
    classes = {text: Classe[valeur["classe"]] for text, valeur in entry["valeurs"].items()}
    return _Sensibles(MappingProxyType(classes), entry["valeur_large"]["code"])


def _regle(liste: str) -> Regle:
    return Regle("code_inconnu", partial(code, liste), valeurs=tuple(listes()[liste]))


@cache
def _json(nom: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(texte(nom))
    return table


@dataclass(frozen=True, slots=True)
class CategorieFinessInfo:
    """Category of establishments in FINESS. If `ofii` is true, the OFII (immigration office) assigns the
    places of these establishments, and no SIAO does."""

    libelle: str
    ofii: bool


CATEGORIES_FINESS: Mapping[str, CategorieFinessInfo] = MappingProxyType(
    {text: CategorieFinessInfo(**entry) for text, entry in _json("categories_finess.json").items()}
)

SituationDemande = Annotated[str, _regle("situationDemandes"), sensibles("situationDemandes")]
MotifDemande = Annotated[str, _regle("motifDemandes"), sensibles("motifDemandes")]
CompositionCode = Annotated[str, _regle("compositions")]
SituationSortie = Annotated[str, _regle("situationSortieDemande"), sensibles("situationSortieDemande")]
DroitSejour = Annotated[str, _regle("droitSejours"), sensibles("droitSejours")]
MesureAccompagnement = Annotated[str, _regle("mesureAccompagnement")]
CategoriePlace = Annotated[str, _regle("categoriePlaces")]
TypePlace = Annotated[str, _regle("typePlaces"), sensibles("typePlaces")]


class Dispositif(StrEnum):
    """Kind of shelter or housing that a place offers."""

    URGENCE = "URGENCE"
    STABILISATION = "STABILISATION"
    INSERTION = "INSERTION"
    LOGEMENT_ACCOMPAGNE = "LOGEMENT_ACCOMPAGNE"
    LOGEMENT = "LOGEMENT"


class Reservataire(StrEnum):
    """Body for which a dwelling or a place is reserved."""

    ETAT = "ETAT"
    """State: the prefect's reserved housing (contingent préfectoral)."""
    ACTION_LOGEMENT = "ACTION_LOGEMENT"
    COLLECTIVITE = "COLLECTIVITE"
    BAILLEUR = "BAILLEUR"
    """The landlord or manager itself, which chooses the household freely."""


class TrancheLoyer(StrEnum):
    """Band of the monthly rent of a dwelling, charges included, in euros."""

    MOINS_DE_300 = "MOINS_DE_300"
    DE_300_A_449 = "DE_300_A_449"
    DE_450_A_599 = "DE_450_A_599"
    DE_600_A_799 = "DE_600_A_799"
    A_PARTIR_DE_800 = "A_PARTIR_DE_800"


class Sexe(StrEnum):
    """Sex, as in civil status. A field for it stays empty if the sex is unknown."""

    F = "F"
    M = "M"


class TrancheAge(StrEnum):
    """Age band, for recipients that are not allowed to know the date of birth."""

    MOINS_DE_3 = "MOINS_DE_3"
    DE_3_A_10 = "DE_3_A_10"
    DE_11_A_17 = "DE_11_A_17"
    DE_18_A_24 = "DE_18_A_24"
    DE_25_A_34 = "DE_25_A_34"
    DE_35_A_49 = "DE_35_A_49"
    DE_50_A_64 = "DE_50_A_64"
    DE_65_ET_PLUS = "DE_65_ET_PLUS"


TRANCHES_MINEURES = frozenset({TrancheAge.MOINS_DE_3, TrancheAge.DE_3_A_10, TrancheAge.DE_11_A_17})


class AuteurRefus(StrEnum):
    STRUCTURE = "STRUCTURE"
    PERSONNE = "PERSONNE"
    AUTRE = "AUTRE"


class MotifRefus(StrEnum):
    """Reason why a referral failed. A centre that refuses a household must give its reason (R345-4 CASF)."""

    PLACE_NON_DISPONIBLE = "PLACE_NON_DISPONIBLE"
    COMPOSITION_INADAPTEE = "COMPOSITION_INADAPTEE"
    PUBLIC_HORS_AGREMENT = "PUBLIC_HORS_AGREMENT"
    ACCESSIBILITE = "ACCESSIBILITE"
    ANIMAL = "ANIMAL"
    RESSOURCES_INSUFFISANTES = "RESSOURCES_INSUFFISANTES"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    ANTECEDENT_STRUCTURE = "ANTECEDENT_STRUCTURE"
    ACCOMPAGNEMENT_INADAPTE = "ACCOMPAGNEMENT_INADAPTE"
    LOCALISATION = "LOCALISATION"
    TYPE_HEBERGEMENT = "TYPE_HEBERGEMENT"
    COHABITATION = "COHABITATION"
    AUTRE_SOLUTION = "AUTRE_SOLUTION"
    SANS_MOTIF = "SANS_MOTIF"
    INJOIGNABLE = "INJOIGNABLE"
    NE_S_EST_PAS_PRESENTE = "NE_S_EST_PAS_PRESENTE"
    ERREUR_ORIENTATION = "ERREUR_ORIENTATION"

    @property
    def auteur(self) -> AuteurRefus:
        """Return which kind of author refuses a referral for this reason. Each reason belongs to one kind of
        author."""
        return AUTEURS_AUTRES_QUE_STRUCTURE.get(self, AuteurRefus.STRUCTURE)


AUTEURS_AUTRES_QUE_STRUCTURE: Mapping[MotifRefus, AuteurRefus] = MappingProxyType(
    {
        MotifRefus.LOCALISATION: AuteurRefus.PERSONNE,
        MotifRefus.TYPE_HEBERGEMENT: AuteurRefus.PERSONNE,
        MotifRefus.COHABITATION: AuteurRefus.PERSONNE,
        MotifRefus.AUTRE_SOLUTION: AuteurRefus.PERSONNE,
        MotifRefus.SANS_MOTIF: AuteurRefus.PERSONNE,
        MotifRefus.INJOIGNABLE: AuteurRefus.AUTRE,
        MotifRefus.NE_S_EST_PAS_PRESENTE: AuteurRefus.AUTRE,
        MotifRefus.ERREUR_ORIENTATION: AuteurRefus.AUTRE,
    }
)

MOTIFS_INTERDITS: Mapping[Dispositif, frozenset[MotifRefus]] = MappingProxyType(
    {Dispositif.URGENCE: frozenset({MotifRefus.RESSOURCES_INSUFFISANTES})}
)
"""Reasons for which the law forbids to refuse a referral, by kind of offer. Access to emergency shelter is
unconditional (L345-2-2 CASF)."""


def motif_permis(motif: MotifRefus, dispositif: Dispositif | None) -> bool:
    """Return whether the law allows to refuse a referral to this kind of offer (`dispositif`) for the reason
    `motif`. If the kind of offer is None (unknown), return True."""
    return dispositif is None or motif not in MOTIFS_INTERDITS.get(dispositif, frozenset())


class ResultatPreadmission(StrEnum):
    """Result of an interview of a household before its admission, as in SI-SIAO."""

    EN_COURS = "EN_COURS"
    ADMIS = "ADMIS"
    REFUS_SERVICE = "REFUS_SERVICE"
    REFUS_PERSONNE = "REFUS_PERSONNE"
    REFUS_AUTRE = "REFUS_AUTRE"
    PERSONNE_INJOIGNABLE = "PERSONNE_INJOIGNABLE"
    AUTRE = "AUTRE"


class ResultatCommission(StrEnum):
    """Decision of the commission that attributes social housing (CALEOL)."""

    ATTRIBUTION = "ATTRIBUTION"
    ATTRIBUTION_RANG = "ATTRIBUTION_RANG"
    SOUS_CONDITION = "SOUS_CONDITION"
    NON_ATTRIBUTION = "NON_ATTRIBUTION"
    IRRECEVABILITE = "IRRECEVABILITE"


class MotifRadiation(StrEnum):
    """Reason why a demand leaves the national register (SNE)."""

    NON_RENOUVELLEMENT = "NON_RENOUVELLEMENT"
    ATTRIBUTION = "ATTRIBUTION"
    RENONCIATION = "RENONCIATION"
    IRRECEVABILITE_PLAFOND = "IRRECEVABILITE_PLAFOND"
    IRRECEVABILITE_SEJOUR = "IRRECEVABILITE_SEJOUR"
    NON_REPONSE = "NON_REPONSE"
    FUSION = "FUSION"
    """Merger of two demands: this one continues under another number."""


class MotifIndisponibilite(StrEnum):
    """Reason why a place is out of use."""

    DESINSECTISATION = "DESINSECTISATION"
    REMISE_EN_ETAT = "REMISE_EN_ETAT"
    SOUS_OCCUPATION = "SOUS_OCCUPATION"
    TRAVAUX = "TRAVAUX"
    VACANCE_ADMINISTRATIVE = "VACANCE_ADMINISTRATIVE"
    SINISTRE = "SINISTRE"


class Piece(StrEnum):
    """Kind of document in a request for aide sociale, by which a centre asks the State to pay for a stay. The
    law (R345-4 CASF) names only the signed request; the hub adds the other kinds."""

    DEMANDE_SIGNEE = "DEMANDE_SIGNEE"
    DECISION_D_ACCUEIL = "DECISION_D_ACCUEIL"
    IDENTITE = "IDENTITE"
    RESSOURCES = "RESSOURCES"
    EVALUATION = "EVALUATION"
    AUTRE = "AUTRE"


_PIECES = "|".join(Piece)


def piece_datee(text: str) -> str:
    """Return a kind of document and its date in the form that the hub stores (`IDENTITE 2026-03-01`). `text`: a
    code of `Piece`, a space, and a date in ISO 8601. Raises ValueError, in French, for any other text."""
    nature, _, day = text.strip().rpartition(" ")
    try:
        return f"{Piece(nature)} {date.fromisoformat(day).isoformat()}"
    except ValueError:
        raise ValueError(
            f"écrivez la pièce puis sa date, IDENTITE 2026-03-01 ; les pièces : {', '.join(Piece)}"
        ) from None


PieceDatee = Annotated[str, Regle("piece", piece_datee, rf"^({_PIECES}) [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$")]
"""Kind and date of a document. The form leaves no room for a person's name."""
