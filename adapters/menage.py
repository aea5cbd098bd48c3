"""Fields of a household, for the JSON dialects designed by the hub."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.objets import Champ, Objet
from contracts.base import Nature

PERSONNE: Mapping[str, Champ | Objet] = {
    "nom": Champ("nom", valeurs.text, "nom"),
    "prenom": Champ("prenom", valeurs.text, "prénom"),
    "dateNaissance": Champ("date_naissance", valeurs.day_or_month, "date ; mm/aaaa si le jour est inconnu"),
    "sexe": Champ("sexe", valeurs.code, "F ou M"),
    "trancheAge": Champ("tranche_age", valeurs.code, "tranche d'âge"),
}
MENAGE: Mapping[str, Champ | Objet] = {
    "id": Champ("id", valeurs.their_id(Nature.MENAGE), "votre identifiant du ménage"),
    "composition": Champ("composition", valeurs.code, "code SI-SIAO « compositions »"),
    "adultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes ; 0 pour des mineurs seuls"),
    "enfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants ; 0 si absent"),
    "personnes": Objet(PERSONNE, "personnes", liste=True),
    "telephone": Champ("telephone", valeurs.text, "chiffres, espaces et points ; + au début"),
    "numeroUnique": Champ(
        "numero_unique", valeurs.code, "numéro unique de demande de logement, 18 caractères"
    ),
    "situation": Champ("situation", valeurs.code, "code SI-SIAO « situationDemandes »"),
    "motif": Champ("motif", valeurs.code, "code SI-SIAO « motifDemandes »"),
    "droitSejour": Champ("droit_sejour", valeurs.code, "code SI-SIAO « droitSejours »"),
    "ressourcesMensuellesEuros": Champ(
        "ressources_mensuelles_euros", valeurs.rounded_euros, "arrondies à l'euro"
    ),
    "accompagnement": Champ("accompagnement", valeurs.code, "code SI-SIAO « mesureAccompagnement »"),
    "victimeDeViolences": Champ("victime_de_violences", valeurs.tri_state, "true, false, OUI, NON ou NR"),
}
