"""Fields of requests for aide sociale, for the JSON dialects designed by the hub. By such a request, a centre
asks the State to pay for a household's stay."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.objets import Champ, Objet

AIDE_SOCIALE: Mapping[str, Champ | Objet] = {
    "chrs": Champ("chrs", valeurs.tri_state, "place de statut CHRS : true, false, OUI, NON ou NR"),
    "accueilDu": Champ("accueil_du", valeurs.day, "premier jour de l'accueil demandé"),
    "jusquAu": Champ("jusqu_au", valeurs.day, "dernier jour"),
    "signeeLe": Champ(
        "signee_le",
        valeurs.day,
        "jour où la personne a signé, ou vous, pour un acte",
    ),
    "pieces": Champ("pieces", valeurs.several(valeurs.code), "chaque pièce et sa date : IDENTITE 2026-03-01"),
    "piecesManquantes": Champ(
        "pieces_manquantes", valeurs.several(valeurs.code), "pièces qui manquent ; vide : demande complète"
    ),
    "recueLe": Champ("recue_le", valeurs.day, "jour de la réception par les services de l'État"),
    "repondueLe": Champ("repondue_le", valeurs.day, "jour de la décision"),
    "accordee": Champ("accordee", valeurs.tri_state, "true ou false"),
    "motif": Champ("motif", valeurs.code, "motif : du refus, de la prolongation, de l'indisponibilité"),
    "accuse": Champ("accuse", None, "UUID de l'accusé de réception sous lequel elle est réputée acceptée"),
}
