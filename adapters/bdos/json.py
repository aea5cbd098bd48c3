"""Dialect of the national base of social observation (BDOS) in JSON (format assumed by the hub).

Decodes published figures. Encodes the steps of households' pathways, under pseudonyms; daily figures of
groups of places; alerts. It has no field for birth dates, or for violence that somebody has suffered.
"""

from adapters import valeurs
from adapters.alertes import with_alerts
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1 import observation, occupation

CLE = "idEvenement"

ENTRANTS = by_short_name(observation.ObservationIndicateur)
SORTANTS = with_alerts(by_short_name(observation.ObservationEnregistrement, occupation.OccupationReleve))

EVENEMENT = Objet(
    {
        "version": Champ("version", valeurs.whole_number, "version du chiffre ; la plus haute l'emporte"),
        "observation": Champ(
            "observation", valeurs.their_id(Nature.OBSERVATION), "identifiant du chiffre ou de l'étape"
        ),
        "departement": Champ("departement", valeurs.departement, "département, 1 ou 075 admis"),
        "indicateur": Champ("indicateur", valeurs.code, "nom de l'indicateur : A à Z, chiffres et _"),
        "du": Champ("du", valeurs.day, "premier jour de la période"),
        "au": Champ("au", valeurs.day, "dernier jour de la période"),
        "valeur": Champ("valeur", valeurs.whole_number, "le chiffre publié, 11 au moins"),
        "pseudonyme": Champ("pseudonyme", None, "le même pour toutes les étapes d'un parcours"),
        "etape": Champ("etape", None, f"l'étape : {', '.join(observation.Etape)}"),
        "le": Champ("le", None, "jour de l'étape"),
        "composition": Champ(
            "composition", None, "code SI-SIAO « compositions », quand l'étape décrit le ménage"
        ),
        "trancheAge": Champ("tranche_age", None, "tranche d'âge du premier adulte, quand elle est connue"),
        "dispositif": Champ("dispositif", None, "URGENCE, STABILISATION, INSERTION…"),
        "codeDemande": Champ("code_demande", None, "le même pour toutes les étapes d'une demande"),
        "codeOrientation": Champ(
            "code_orientation", None, "le même pour toutes les étapes d'une orientation"
        ),
        "admissionDirecte": Champ("admission_directe", None, "true si le ménage a été admis sans le SIAO"),
        "groupe": Champ("groupe", None, "identifiant du groupe de places"),
        "structure": Champ("structure", None, "son FINESS ou SIRET ; absent si l'adresse est secrète"),
        "capacite": Champ("capacite", None, "places du groupe"),
        "occupees": Champ("occupees", None, "places occupées du groupe"),
        "vacantes": Champ("vacantes", None, "places vacantes du groupe"),
        "indisponibles": Champ("indisponibles", None, "places indisponibles du groupe"),
        "releveLe": Champ("releve_le", None, "jour du relevé"),
    },
    ignores=ENTETE | {CLE},
)

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = DIALECTE.declared("bdos_json", Famille.BDOS)
decode, encode = DIALECTE.decode, DIALECTE.encode
