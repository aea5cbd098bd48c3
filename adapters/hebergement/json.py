"""Dialect of shelter software in JSON (format assumed by the hub), as flat objects.

Decodes places, answers to referrals, stays, accompaniment, evaluations, requests for aide sociale (by which
the State pays for a stay), derogations, and declarations of households ready for housing. Encodes referrals,
requests for an evaluation, answers to the requests and declarations, derogations and alerts.

Places, requests for aide sociale, and stays opened without the SIAO are cited by the sender's ids. Referrals
are cited by the hub's ids, and derogations by their number.
"""

from adapters import valeurs
from adapters.acte import DEROGATIONS, DEROGATIONS_DU_HUB, of_acts
from adapters.aide_sociale import AIDE_SOCIALE
from adapters.alertes import with_alerts
from adapters.demande import EVALUATION
from adapters.evenements import by_short_name
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from adapters.place import PLACE
from adapters.pret_logement import of_declarations
from adapters.sejours import of_stays
from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1 import aide_sociale, demande, occupation, orientation, place, pret_logement, suite, suivi

CLE = "idEvenement"

ENTRANTS = by_short_name(
    place.PlaceDeclaree,
    place.PlaceVacante,
    place.PlaceVacancePrevisible,
    place.PlaceLiberee,
    place.PlaceOccupee,
    place.PlaceIndisponible,
    place.PlaceDisponible,
    place.PlaceFermee,
    place.GroupePlacesModifie,
    occupation.OccupationReleve,
    orientation.OrientationAccusee,
    orientation.OrientationMiseEnAttente,
    orientation.OrientationPreadmissionPlanifiee,
    orientation.OrientationAcceptee,
    orientation.OrientationRefusee,
    suite.AdmissionPrononcee,
    suite.AdmissionDirecte,
    suite.EntreeConstatee,
    suite.PresentationAbsence,
    suite.SejourProlonge,
    suite.SortieDeclaree,
    suite.AccompagnementRepondu,
    suite.AccompagnementSansContact,
    *(suivi.SuiviRepondu, suivi.SuiviSansContact),
    demande.EvaluationRealisee,
    aide_sociale.AideSocialeDemandee,
    aide_sociale.AideSocialeProlongationDemandee,
    aide_sociale.AideSocialeCompletee,
    *DEROGATIONS,
    *(pret_logement.PretLogementDeclare, pret_logement.PretLogementRetire),
)
SORTANTS = with_alerts(
    by_short_name(
        orientation.OrientationProposee,
        orientation.OrientationAnnulee,
        demande.EvaluationDemandee,
        aide_sociale.AideSocialeRecue,
        aide_sociale.AideSocialeRepondue,
        aide_sociale.AideSocialeReputeeAcceptee,
        *DEROGATIONS,
        *DEROGATIONS_DU_HUB,
        pret_logement.PretLogementRepondu,
    )
)

EVENEMENT = Objet(
    {
        "version": Champ(
            "version", valeurs.whole_number, "votre numéro de version de l'objet ; le plus haut l'emporte"
        ),
        "place": Champ("place", valeurs.their_id(Nature.PLACE), "votre identifiant de la place"),
        "autresPlaces": Champ(
            "autres_places", None, "vos identifiants des autres places, si le ménage en reçoit plusieurs"
        ),
        "groupe": Champ(
            "groupe", valeurs.their_id(Nature.GROUPE_PLACES), "votre identifiant du groupe de places"
        ),
        "orientation": Champ("orientation", valeurs.our_id, "UUID de l'orientation, tel que reçu du hub"),
        "suivi": Champ("suivi", valeurs.our_id, "UUID de l'accompagnement d'un ménage, tel que reçu du hub"),
        **PLACE,
        "occupees": Champ("occupees", valeurs.whole_number, "places occupées du groupe"),
        "vacantes": Champ("vacantes", valeurs.whole_number, "places vacantes du groupe"),
        "raison": Champ(
            "raison", valeurs.code, "pourquoi la place est occupée : MOUVEMENT_INTERNE ou NAISSANCE"
        ),
        "releveLe": Champ("releve_le", valeurs.day, "jour du relevé"),
        "indisponibles": Champ("indisponibles", valeurs.whole_number, "places indisponibles du groupe"),
        "presentationLe": Champ("presentation_le", valeurs.day, "date à laquelle le ménage se présente"),
        "entretienLe": Champ("entretien_le", valeurs.moment, "date et heure, avec décalage horaire"),
        "resultat": Champ("resultat", valeurs.code, "résultat de la préadmission ; EN_COURS si absent"),
        "accueilLe": Champ("accueil_le", valeurs.day, "date d'accueil prévue"),
        "auteur": Champ("auteur", valeurs.code, "qui refuse : STRUCTURE, PERSONNE ou AUTRE"),
        "motifAdmission": Champ(
            "motif_admission", valeurs.code, "URGENCE, si vous avez décidé dans l'urgence"
        ),
        "admissionLe": Champ("admission_le", valeurs.day, "date d'admission"),
        "derogation": Champ(
            "derogation", valeurs.text, "référence de la dérogation : DER-2026-17, ou 2026/38/17"
        ),
        "entreeLe": Champ("entree_le", valeurs.day, "date d'entrée"),
        "constateeLe": Champ("constatee_le", valeurs.day, "date de l'absence"),
        "sortieLe": Champ("sortie_le", valeurs.day, "date de sortie"),
        "vers": Champ("vers", valeurs.code, "code SI-SIAO « situationSortieDemande »"),
        "accepte": Champ("accepte", valeurs.tri_state, "true ou false"),
        "tenteLe": Champ("tente_le", valeurs.day, "jour où vous avez cherché à joindre le ménage"),
        "debutLe": Champ("debut_le", valeurs.day, "début de l'accompagnement"),
        **EVALUATION,
        **AIDE_SOCIALE,
        "aideSociale": Champ(
            "aide_sociale",
            valeurs.their_id(Nature.AIDE_SOCIALE),
            "votre identifiant de la demande d'aide sociale",
        ),
        "menage": Objet(MENAGE, "menage"),
    },
    ignores=ENTETE | {CLE},
)

DIALECTE = Dialecte.of(
    CLE,
    ENTRANTS,
    SORTANTS,
    EVENEMENT,
    {**of_acts(EVENEMENT), **of_stays(EVENEMENT, ENTRANTS.values()), **of_declarations(CLE)},
)

DECLARATION = DIALECTE.declared(
    "hebergement_json", Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ACCOMPAGNEMENT, Famille.ARS
)
decode, encode = DIALECTE.decode, DIALECTE.encode
