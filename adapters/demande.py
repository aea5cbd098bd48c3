"""Fields of demands, and of reports from the street, for the JSON dialects designed by the hub."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.menage import MENAGE
from adapters.objets import Champ, Objet
from contracts.base import Nature

DEMANDE: Mapping[str, Champ | Objet] = {
    "version": Champ(
        "version", valeurs.whole_number, "votre numéro de version de la demande ; le plus haut l'emporte"
    ),
    "demande": Champ("demande", valeurs.their_id(Nature.DEMANDE), "votre identifiant de la demande"),
    "menage": Objet(MENAGE, "menage"),
    "dispositif": Champ("dispositif", valeurs.code, "ce qui est demandé : URGENCE, INSERTION…"),
    "commune": Champ("commune", valeurs.commune, "code commune INSEE où se trouve le ménage"),
    "sortieLe": Champ("sortie_le", valeurs.day, "date de sortie d'un établissement"),
    "methode": Champ("methode", valeurs.code, "ENTRETIEN, VISITE, TELEPHONE ou DOSSIER"),
    "realiseeLe": Champ("realisee_le", valeurs.day, "date de l'évaluation"),
    "evaluateur": Champ("evaluateur", valeurs.text, "service qui a évalué, 100 caractères au plus"),
    "preconisation": Champ("preconisation", valeurs.code, "URGENCE, STABILISATION, INSERTION…"),
    "accompagnement": Champ("accompagnement", valeurs.code, "code SI-SIAO « mesureAccompagnement »"),
    "conclusion": Champ("conclusion", valeurs.code, "PRET, PRET_AVEC_ACCOMPAGNEMENT ou PAS_ENCORE_PRET"),
    "valableJusquAu": Champ("valable_jusqu_au", valeurs.day, "dernier jour où l'évaluation vaut"),
    "rappel": Champ("rappel", None, "true si le hub redemande une évaluation attendue"),
    "avantLe": Champ("avant_le", valeurs.day, "date à laquelle la réponse est attendue"),
    "nuitDu": Champ("nuit_du", valeurs.day, "nuit pour laquelle aucune place n'a été trouvée"),
    "motif": Champ("motif", valeurs.code, "motif de l'annulation, ou de l'absence de place"),
    "suite": Champ(
        "suite",
        valeurs.code,
        "d'une demande : EVALUEE, ORIENTEE, EN_ATTENTE, POURVUE, ANNULEE ou TRANSFEREE ; d'un signalement : "
        "RENCONTREE, MISE_A_L_ABRI, REFUS_DE_LA_PERSONNE, NON_TROUVEE ou DEJA_SUIVIE",
    ),
}
EVALUATION: Mapping[str, Champ | Objet] = {
    name: DEMANDE[name]
    for name in (
        *("demande", "methode", "avantLe", "rappel", "realiseeLe", "evaluateur"),
        *("preconisation", "conclusion", "valableJusquAu"),
    )
}
"""Fields of an evaluation, for dialects of partners that send no demands."""
SIGNALEMENT: Mapping[str, Champ | Objet] = {
    "version": DEMANDE["version"],
    "signalement": Champ(
        "signalement", valeurs.their_id(Nature.SIGNALEMENT), "votre identifiant du signalement"
    ),
    "vuLe": Champ("vu_le", valeurs.moment, "date et heure, avec décalage horaire"),
    "commune": Champ("commune", valeurs.commune, "code commune INSEE"),
    "lieu": Champ("lieu", valeurs.text, "où les trouver, 200 caractères au plus"),
    "adultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes ; 1 si absent"),
    "enfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants ; 0 si absent"),
    "urgenceVitale": Champ("urgence_vitale", valeurs.tri_state, "true, false, OUI, NON ou NR"),
    "traiteLe": Champ("traite_le", valeurs.day, "date de la suite donnée à votre signalement"),
}
