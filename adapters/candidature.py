"""Fields of candidacies, for the JSON dialects that the hub itself has designed."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.evaluation import EVALUATION
from adapters.menage import MENAGE
from adapters.objets import Champ, Objet

CANDIDATURE: Mapping[str, Champ | Objet] = {
    "version": Champ(
        "version", valeurs.whole_number, "votre numéro de version de l'objet ; le plus haut l'emporte"
    ),
    "candidature": Champ(
        "candidature",
        valeurs.candidacy,
        "UUID reçu du hub, ou numéro unique, suivi de /logement s'il y en a deux",
    ),
    "menage": Objet(MENAGE, "menage"),
    "bailleur": Champ("bailleur", valeurs.etablissement, "SIRET de l'organisme à qui elle est adressée"),
    "canal": Champ("canal", valeurs.code, "ACCORD_COLLECTIF, CONTINGENT, CIL, COLLECTIVITE ou DIRECT"),
    "convention": Champ("convention", None, "numéro de la convention sous laquelle elle est présentée"),
    "commune": Champ("commune", valeurs.commune, "code commune INSEE souhaité"),
    "evaluation": EVALUATION,
    "logement": Champ("logement", valeurs.code, "numéro RPLS du logement, si l'on en vise un"),
    "typologie": Champ("typologie", None, "code SI-SIAO « categoriePlaces » : T1, T2…"),
    "communeLogement": Champ("commune_logement", None, "code commune INSEE de ce logement"),
    "loyer": Champ("loyer", None, "tranche de son loyer, charges comprises"),
    "reservataire": Champ("reservataire", None, "pour qui il est réservé"),
    "horsCommission": Champ("hors_commission", None, "true si aucune commission n'attribue ce logement"),
    "accepte": Champ(
        "accepte", None, "true si un opérateur accompagne le ménage, false s'il ne le fait plus"
    ),
    "debutLe": Champ("debut_le", None, "début de l'accompagnement"),
    "accord": Champ("accord", valeurs.text, "référence de l'accord collectif"),
    "favorable": Champ("favorable", valeurs.tri_state, "avis de l'instance : true, false, OUI ou NON"),
    "avisLe": Champ("avis_le", valeurs.day, "date de l'avis"),
    "designationLe": Champ("designation_le", valeurs.day, "date de la désignation"),
    "commissionLe": Champ("commission_le", valeurs.day, "date de la commission"),
    "resultat": Champ(
        "resultat",
        valeurs.code,
        "ATTRIBUTION, ATTRIBUTION_RANG, SOUS_CONDITION, NON_ATTRIBUTION ou IRRECEVABILITE",
    ),
    "rang": Champ("rang", valeurs.whole_number, "rang, avec ATTRIBUTION_RANG"),
    "notifieeLe": Champ("notifiee_le", valeurs.day, "date à laquelle l'offre est notifiée au ménage"),
    "delaiJours": Champ("delai_jours", valeurs.whole_number, "jours que l'offre lui laisse, de 10 à 365"),
    "silence": Champ("silence", valeurs.tri_state, "true si le ménage n'a pas répondu"),
    "signatureLe": Champ("signature_le", valeurs.day, "signature du bail"),
    "effetLe": Champ("effet_le", valeurs.day, "effet du bail"),
    "motif": Champ("motif", valeurs.code, "motif de la radiation du SNE"),
    "radiationLe": Champ("radiation_le", valeurs.day, "date de la radiation"),
    "numeroUnique": Champ("numero_unique", valeurs.code, "avec FUSION : le numéro qui remplace l'ancien"),
    "annuleeLe": Champ("annulee_le", valeurs.day, "date à laquelle la radiation est annulée"),
}
