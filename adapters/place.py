"""Fields of a place, for the JSON dialects designed by the hub."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.objets import Champ, Objet

PLACE: Mapping[str, Champ | Objet] = {
    "structure": Champ("structure", valeurs.etablissement, "FINESS ou SIRET de l'une de vos structures"),
    "commune": Champ("commune", valeurs.commune, "code commune INSEE (et non postal)"),
    "adresse": Champ("adresse", valeurs.text, "200 caractères au plus"),
    "dispositif": Champ("dispositif", valeurs.code, "URGENCE, STABILISATION, INSERTION…"),
    "typePlace": Champ("type_place", valeurs.code, "code SI-SIAO « typePlaces »"),
    "categorie": Champ("categorie", valeurs.code, "code SI-SIAO « categoriePlaces »"),
    "capacite": Champ("capacite", valeurs.whole_number, "personnes accueillies ; 1 si absent"),
    "compositions": Champ(
        "compositions",
        valeurs.several(valeurs.code),
        "liste de codes SI-SIAO « compositions » ; vide : toutes",
    ),
    "accessible": Champ(
        "accessible", valeurs.tri_state, "accessible en fauteuil : true, false, OUI, NON ou NR"
    ),
    "chrs": Champ("chrs", valeurs.tri_state, "place de statut CHRS : true, false, OUI, NON ou NR"),
    "reservataire": Champ(
        "reservataire",
        valeurs.code,
        "pour qui la place est réservée : ETAT (contingent préfectoral), ACTION_LOGEMENT, COLLECTIVITE ou BAILLEUR",
    ),
    "disponibleLe": Champ("disponible_le", valeurs.day, "date ; dès maintenant si absent"),
    "libreLe": Champ("libre_le", valeurs.day, "date à laquelle la place sera libre"),
}
