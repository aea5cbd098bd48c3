"""Codes of the SNE (the national register of demands for social housing), and the SNE's types for the hub's
events.

Each territory creates its own types of events, and none is public: `EVENEMENTS` and `CARACTERISTIQUES` are
assumed. The reasons of a radiation (removal of a demand) are the SNE's own.
"""

from collections.abc import Mapping

from adapters import valeurs
from adapters.objets import Champ, Objet
from adapters.rejets import Illisible, listed, unknown_code
from adapters.valeurs import Lire
from contracts.reference.codes import MotifRadiation, ResultatCommission
from contracts.v1 import attribution
from contracts.v1.attribution import Canal, EvenementCandidature

PRESENTATION, RETRAIT = "PRESENTE", "RETIRE"
"""Types of two SNE events: the presentation of a candidacy, and its withdrawal."""
ACCOMPAGNEMENT = "ACCOMPAGN"
AVIS_DU_SIAO = "AVISSIAO"
"""Type of the SNE event for the SIAO's opinion on a household."""
RAPPEL = "RAPPEL"
"""Type of the SNE event that reminds of an awaited answer, or tells that the answer is overdue."""
RADIATION, DERADIATION = "RADIATION", "DERADIE"
FUSION = "RADFUS"
AVIS = "INFO"
"""Type of the SNE event for an alert: a message had no effect, or a household has changed."""
REFERENCE = "REFCAND"
"""Code of the characteristic (« caractéristique », a value that an SNE event carries) with the candidacy's
id."""
MENAGE = "REFMEN"
"""Code of the characteristic with the household's id."""

EVENEMENTS: Mapping[str, tuple[type[EvenementCandidature], Mapping[str, bool]]] = {
    "ACCUSE": (attribution.CandidatureAccusee, {}),
    "INSCRIT": (attribution.CandidatureInscrite, {}),
    "ELIGIBLE": (attribution.EligibiliteReconnue, {}),
    "AVIS": (attribution.InstanceAvis, {}),
    "DESIGNE": (attribution.DesignationContingent, {}),
    "DECISION": (attribution.DecisionCommission, {}),
    "CONDLEVEE": (attribution.ConditionLevee, {}),
    "PROPACC": (attribution.PropositionAcceptee, {}),
    "PROPREF": (attribution.PropositionRefusee, {"silence": False}),
    "PROPSIL": (attribution.PropositionRefusee, {"silence": True}),
    "BAIL": (attribution.BailSigne, {}),
    RADIATION: (attribution.RadiationSne, {}),
    DERADIATION: (attribution.RadiationAnnulee, {}),
}
SURVENANCE = "dateSurvenance"
SURVENUES: Mapping[type[EvenementCandidature], str] = {
    attribution.CandidatureInscrite: "commission_le",
    attribution.InstanceAvis: "avis_le",
    attribution.DesignationContingent: "designation_le",
    attribution.DecisionCommission: "commission_le",
    attribution.BailSigne: "signature_le",
    attribution.RadiationSne: "radiation_le",
    attribution.RadiationAnnulee: "annulee_le",
}
"""Field of the contract with the event's day, which the SNE calls `dateSurvenance`, by contract."""

MOTIFS = {
    "RADREN": MotifRadiation.NON_RENOUVELLEMENT,
    "RADATT": MotifRadiation.ATTRIBUTION,
    "RADABA": MotifRadiation.RENONCIATION,
    "RADIRR/IRRRES": MotifRadiation.IRRECEVABILITE_PLAFOND,
    "RADIRR/IRRSEJ": MotifRadiation.IRRECEVABILITE_SEJOUR,
    "RADCON": MotifRadiation.NON_REPONSE,
    FUSION: MotifRadiation.FUSION,
}
"""Reason of a radiation, by the SNE's code. The code is `motifRadiation`, followed by a slash and
`sousMotifIrrecevabilite` if the latter is given. The code RADFUS is assumed."""
RESULTATS = {
    "ATT": ResultatCommission.ATTRIBUTION,
    "RNG": ResultatCommission.ATTRIBUTION_RANG,
    "CSP": ResultatCommission.SOUS_CONDITION,
    "NAT": ResultatCommission.NON_ATTRIBUTION,
    "IRR": ResultatCommission.IRRECEVABILITE,
}
CANAUX = {
    Canal.ACCORD_COLLECTIF: "ACO",
    Canal.CONTINGENT: "CTG",
    Canal.CIL: "CIL",
    Canal.COLLECTIVITE: "COL",
    Canal.DIRECT: "DIR",
}


def _of(codes: Mapping[str, object]) -> Lire:
    def read(value: str) -> object:
        if value not in codes:
            raise Illisible("code_inconnu", unknown_code(listed(list(codes))))
        return codes[value]

    return read


CANDIDATURE = Champ(
    "candidature",
    valeurs.candidacy,
    "UUID reçu du hub, ou numéro unique, suivi de /logement s'il y en a deux",
)
MOTIF = Champ("motif", _of(MOTIFS), "motif de la radiation, et son sous-motif : RADIRR/IRRRES")
NOUVEAU = Champ("numero_unique", valeurs.code, "avec RADFUS : le numéro qui remplace l'ancien")
CARACTERISTIQUES: Mapping[str, Champ] = {
    REFERENCE: CANDIDATURE,
    "ACCORD": Champ("accord", valeurs.text, "référence de l'accord collectif"),
    "FAVORABLE": Champ("favorable", valeurs.tri_state, "avis de l'instance : OUI ou NON"),
    "RESULTAT": Champ("resultat", _of(RESULTATS), "ATT, RNG, CSP, NAT ou IRR"),
    "RANG": Champ("rang", valeurs.whole_number, "rang, avec RNG et lui seul"),
    "DATENOTIF": Champ("notifiee_le", valeurs.day, "date à laquelle l'offre est notifiée au ménage"),
    "DELAI": Champ("delai_jours", valeurs.whole_number, "jours que l'offre lui laisse, de 10 à 365"),
    "LOGEMENT": Champ("logement", valeurs.code, "numéro RPLS du logement attribué"),
    "DATEEFFET": Champ("effet_le", valeurs.day, "date d'effet du bail"),
    "MOTIF": MOTIF,
    "NOUVEAUNUR": NOUVEAU,
}


def _day_of(contrat: type[EvenementCandidature]) -> dict[str, Champ]:
    day = SURVENUES.get(contrat)
    return {} if day is None else {SURVENANCE: Champ(day, valeurs.day, "aaaa-mm-jj")}


TABLES: Mapping[type[EvenementCandidature], Objet] = {
    contrat: Objet({**_day_of(contrat), **Objet(CARACTERISTIQUES).narrowed(contrat).champs}, ferme=False)
    for contrat, _ in EVENEMENTS.values()
}
"""Field table of each event, by contract: the event's day and its characteristics. Other fields are
ignored."""
PRECISION, DATE_RADIATION, MOTIF_RADIATION = "precision", "dateRadiation", "motifRadiation"
NUMERO, NOUVEAU_NUMERO = "numUnique", "numUniqueAssocie"
RADIATIONS: Mapping[str, Objet] = {
    name: Objet(
        {
            PRECISION: CANDIDATURE,
            DATE_RADIATION: Champ(SURVENUES[EVENEMENTS[name][0]], valeurs.day, "aaaa-mm-jj"),
            **({MOTIF_RADIATION: MOTIF, NOUVEAU_NUMERO: NOUVEAU} if name == RADIATION else {}),
        }
    )
    for name in (RADIATION, DERADIATION)
}
"""Field table of a file about a radiation or its annulment, by the event's type. The field `precision` has
the candidacy's id. If it is missing, the numéro unique identifies the candidacy."""
