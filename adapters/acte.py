"""Fields of agreements and derogations, for all JSON dialects designed by the hub."""

from collections.abc import Mapping
from uuid import UUID

from adapters import valeurs
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.ports import View
from contracts.v1 import convention

CONVENTIONS = (convention.ConventionSignee, convention.ConventionContestee, convention.ConventionDenoncee)
DEROGATIONS = (
    convention.DerogationAccordee,
    convention.DerogationContestee,
    convention.DerogationDenoncee,
)
CONVENTIONS_DU_HUB = (convention.ConventionEcheance, convention.ConventionExpiree)
DU_COLLECTEUR = (convention.ConventionBilan, convention.ConventionQuart)
"""Messages about a duty of a collector: a quarter of its attributions must go to households that the State
designates. The first is the collector's report; the second is the hub's comparison with the number owed."""
DEROGATIONS_DU_HUB = (convention.DerogationEcheance, convention.DerogationExpiree)
"""Messages of the hub about the end of a derogation."""

ACTE: Mapping[str, Champ | Objet] = {
    "version": Champ(
        "version", valeurs.whole_number, "votre numéro de version de l'objet ; le plus haut l'emporte"
    ),
    "numero": Champ(
        "numero",
        valeurs.text,
        "numéro de l'acte, le même pour tous ses signataires : DER-2026-17, ou 2026/38/17 ; celui d'une convention "
        "d'un autre département s'écrit avec lui : 69:2026/4",
    ),
    "objet": Champ("objet", valeurs.code, "ce sur quoi porte la convention"),
    "partenaire": Champ("partenaire", valeurs.etablissement, "SIRET de l'organisme avec qui elle est passée"),
    "structure": Champ("structure", valeurs.etablissement, "FINESS ou SIRET de la structure concernée"),
    "signataires": Champ(
        "signataires",
        valeurs.several(valeurs.code),
        "tous ceux qui doivent signer : leurs SIRET, ou GESTIONNAIRE, SIAO et ETAT pour une dérogation",
    ),
    "places": Champ(
        "places", valeurs.several(valeurs.their_id(Nature.PLACE)), "vos identifiants des places concernées"
    ),
    "quota": Champ("quota", valeurs.whole_number, "nombre maximal de places attribuées en même temps"),
    "du": Champ("du", valeurs.day, "premier jour"),
    "au": Champ("au", valeurs.day, "dernier jour"),
    "signeeLe": Champ("signee_le", valeurs.day, "jour de votre signature, s'il est passé"),
    "surPapier": Champ("sur_papier", valeurs.tri_state, "true si tous ont signé sur papier"),
    "taciteReconductionMois": Champ(
        "tacite_reconduction_mois",
        valeurs.whole_number,
        "mois dont l'acte se prolonge si personne ne le dénonce",
    ),
    "attribution": Champ(
        "attribution",
        valeurs.code,
        "logements réservés à l'État : PROPOSITION (le SIAO propose des candidats) ou DIRECTE (il attribue)",
    ),
    "referenceCnil": Champ(
        "reference_cnil",
        valeurs.text,
        "pour une liste de ménages : numéro donné par la CNIL avant le 25 mai 2018, ou ligne de votre registre",
    ),
    "attributionsDuCollecteur": Champ(
        "attributions_du_collecteur", valeurs.whole_number, "total des attributions du collecteur en un an"
    ),
    "attributions": Champ("attributions", valeurs.whole_number, "toutes les attributions du collecteur"),
    "dalo": Champ("dalo", valeurs.whole_number, "dont à des ménages DALO"),
    "sousAccord": Champ("sous_accord", valeurs.whole_number, "dont à des ménages de l'accord"),
    "attendues": Champ("attendues", None, "le quart de ces attributions"),
    "comptees": Champ("comptees", None, "attributions qui y comptent"),
    "depuis": Champ("depuis", None, "depuis le bilan précédent, ou l'entrée en vigueur"),
    "avenantA": Champ("avenant_a", valeurs.text, "numéro de l'acte que celui-ci modifie"),
    "le": Champ("le", valeurs.day, "jour de la contestation, ou à partir duquel l'acte ne vaut plus"),
    "par": Champ("par", valeurs.etablissement, "SIRET de qui dénonce"),
    "finLe": Champ("fin_le", None, "dernier jour où l'acte vaut"),
    "etape": Champ("etape", None, "MI_DELAI (deux mois avant), BIENTOT (quinze jours), ECHUE (prolongé)"),
    "echeance": Champ("echeance", None, "FIN_DE_L_ACTE"),
    "commenceeLe": Champ("commencee_le", None, "depuis quand elle court"),
}


def _hub_ids(values: tuple[UUID, ...], view: View) -> tuple[str, ...]:
    return tuple(map(view.hub_id_of, values))


PLACES_DU_HUB: Mapping[str, Champ] = {
    "places": Champ("places", valeurs.our_ids, "UUID des places concernées, donnés par le hub", _hub_ids)
}
"""Field with the places of a derogation, for the SIAO and the State, which sign derogations but manage no
place. They cite places by the hub's ids."""


def of_acts(evenement: Objet) -> dict[str, Objet]:
    """Return, by short name, the field table of each message about an agreement or a derogation. `evenement`:
    the field table that the dialect uses for its other messages. A field that `evenement` ignores is ignored
    by the returned tables too."""
    each = (*CONVENTIONS, *CONVENTIONS_DU_HUB, *DU_COLLECTEUR, *DEROGATIONS, *DEROGATIONS_DU_HUB)
    return {c.NOM: Objet(ACTE, ignores=evenement.ignores).narrowed(c) for c in each}
