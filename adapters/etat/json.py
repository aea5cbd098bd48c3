"""Dialect of services of the State (DDETS, prefect) in JSON (format assumed by the hub).

Acts are agreements on places or dwellings, and derogations, which allow attributions without the SIAO. By
aide sociale, the State pays for a household's stay in a centre. Under DAHO (enforceable right to shelter),
the prefect designates a household, and the SIAO has to refer it.

Decodes acts; receipts of requests for aide sociale, and answers to these requests; designations under DAHO;
agendas of committees.

Encodes requests for aide sociale; acts; admissions without the SIAO; refusals of households for insufficient
income; what became of designations; opinions of the SIAO; daily occupancy; alerts.
"""

from adapters import valeurs
from adapters.acte import (
    ACTE,
    CONVENTIONS,
    CONVENTIONS_DU_HUB,
    DEROGATIONS,
    DEROGATIONS_DU_HUB,
    PLACES_DU_HUB,
)
from adapters.aide_sociale import AIDE_SOCIALE
from adapters.alertes import with_alerts
from adapters.evenements import by_short_name
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1 import aide_sociale, convention, daho, examen, occupation, orientation, suite

CLE = "idEvenement"
DAHO = {
    "daho": Champ("daho", valeurs.their_id(Nature.DAHO), "votre numéro de la désignation (DAHO)"),
    "decisionLe": Champ("decision_le", valeurs.day, "décision de la commission de médiation"),
    "accueil": Champ("accueil", valeurs.code, "HEBERGEMENT, si absent, ou LOGEMENT_DE_TRANSITION"),
    "recours": Champ("recours", valeurs.text, "numéro du recours : DAHO-2026-17"),
    "attribueLe": Champ("attribue_le", valeurs.day, "jour où le préfet attribue le ménage"),
    "orienteLe": Champ("oriente_le", None, "jour où le SIAO l'a orienté"),
    "accueilLe": Champ("accueil_le", None, "jour de l'accueil"),
    "avantLe": Champ("avant_le", None, "dernier jour du délai du SIAO"),
}

EXAMEN = {
    "examen": Champ("examen", valeurs.their_id(Nature.EXAMEN), "votre numéro du dossier à l'ordre du jour"),
    "instance": Champ("instance", valeurs.code, "ACCORD_COLLECTIF ou PDALHPD"),
    "seanceLe": Champ(
        "seance_le",
        valeurs.day,
        "jour de la séance ; l'avis du SIAO est attendu avant ; reportée, elle est un nouveau numéro",
    ),
    "favorable": Champ("favorable", None, "avis du SIAO : true ou false"),
    "avisLe": Champ("avis_le", None, "date de cet avis"),
}

ENTRANTS = by_short_name(
    *(*CONVENTIONS, *DEROGATIONS, aide_sociale.AideSocialeRecue, aide_sociale.AideSocialeRepondue),
    *(daho.DahoDesigne, daho.DahoAttribue, daho.DahoRetire, examen.ExamenInscrit),
)
SORTANTS = with_alerts(
    by_short_name(
        *CONVENTIONS,
        *(*CONVENTIONS_DU_HUB, convention.ConventionQuart),
        *DEROGATIONS,
        *DEROGATIONS_DU_HUB,
        occupation.OccupationReleve,
        *(suite.AdmissionHorsSiao, orientation.OrientationRefusee),
        aide_sociale.AideSocialeDemandee,
        aide_sociale.AideSocialeProlongationDemandee,
        aide_sociale.AideSocialeCompletee,
        aide_sociale.AideSocialeReputeeAcceptee,
        *(daho.DahoOriente, daho.DahoAccueilli, daho.DahoHorsDelai, examen.ExamenAvis),
    )
)

EVENEMENT = Objet(
    {
        **ACTE,
        **PLACES_DU_HUB,
        **AIDE_SOCIALE,
        "aideSociale": Champ(
            "aide_sociale", valeurs.our_id, "UUID de la demande d'aide sociale, tel que reçu du hub"
        ),
        **DAHO,
        **EXAMEN,
        "orientation": Champ("orientation", None, "UUID de l'orientation du ménage"),
        "auteur": Champ("auteur", None, "qui la refuse : STRUCTURE"),
        "menage": Objet(MENAGE, "menage"),
        "groupe": Champ(
            "groupe", valeurs.their_id(Nature.GROUPE_PLACES), "UUID du groupe de places, donné par le hub"
        ),
        "dispositif": Champ("dispositif", valeurs.code, "URGENCE, STABILISATION, INSERTION…"),
        "capacite": Champ("capacite", valeurs.whole_number, "places du groupe"),
        "occupees": Champ("occupees", valeurs.whole_number, "dont occupées"),
        "vacantes": Champ("vacantes", valeurs.whole_number, "dont vacantes"),
        "indisponibles": Champ("indisponibles", valeurs.whole_number, "dont indisponibles"),
        "releveLe": Champ("releve_le", valeurs.day, "jour du relevé"),
        "place": Champ("place", valeurs.their_id(Nature.PLACE), "UUID de la place, donné par le hub"),
        "admissionLe": Champ("admission_le", valeurs.day, "jour de l'admission"),
        "composition": Champ("composition", valeurs.code, "code SI-SIAO « compositions »"),
        "adultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes"),
        "enfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants"),
        "titre": Champ("titre", valeurs.code, "DEROGATION, URGENCE ou AUCUN"),
        "manque": Champ("manque", valeurs.code, "pourquoi aucune dérogation ne la couvre"),
    },
    ignores=ENTETE | {CLE},
)

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = DIALECTE.declared("etat_json", Famille.ETAT)
decode, encode = DIALECTE.decode, DIALECTE.encode
