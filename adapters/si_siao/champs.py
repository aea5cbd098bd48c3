"""Fields of the SI-SIAO messages, in one table for each group of events."""

from adapters import valeurs
from adapters.acte import ACTE, PLACES_DU_HUB
from adapters.alertes import event_name, told_motif
from adapters.objets import Champ, Objet, plain
from adapters.si_siao.valeurs import (
    all_labelled,
    all_uuids,
    coded,
    household_uuid_of,
    labelled,
    number_id,
    number_of,
    uuid_of,
    yes_no,
)
from contracts.base import Nature

CLE = "idMessage"

VERSION = Champ(
    "version", valeurs.whole_number, "version de l'objet chez l'émetteur ; la plus haute l'emporte"
)
NOTRE_ID = "UUID donné par le hub"
SANS_ID = "UUID donné par le hub ; lu si `id` manque, d'un objet reçu avec une demande transférée"
MENAGE_SANS_ID = "UUID donné par le hub ; lu si `id` manque, d'un ménage qu'un partenaire a déclaré prêt"

PERSONNE = Objet(
    {
        "nom": Champ("nom", valeurs.text, "nom"),
        "prenom": Champ("prenom", valeurs.text, "prénom"),
        "dateNaissance": Champ(
            "date_naissance", valeurs.day_or_month, "date ; mm/aaaa si le jour est inconnu"
        ),
        "sexe": Champ("sexe", coded, "F ou M"),
        "trancheAge": Champ("tranche_age", coded, "tranche d'âge"),
    },
    cible="personnes",
    liste=True,
    ferme=False,
)
FICHE_GROUPE = Objet(
    {
        "id": Champ("id", number_id(Nature.MENAGE), "identifiant entier de la fiche groupe", number_of),
        "identifiantExterne": Champ(
            "id", valeurs.household_of_the_hub, MENAGE_SANS_ID, household_uuid_of, a_defaut=True
        ),
        "composition": Champ("composition", coded, "liste « compositions »", labelled("compositions")),
        "nbAdultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes ; 0 pour des mineurs seuls"),
        "nbEnfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants ; 0 si absent"),
        "personnes": PERSONNE,
        "telephone": Champ("telephone", valeurs.text, "chiffres, espaces et points ; + au début"),
        "numeroUnique": Champ(
            "numero_unique",
            valeurs.code,
            "numéro unique, 18 caractères ; exigé d'une candidature, sauf hors commission",
        ),
        "situationDemande": Champ(
            "situation", coded, "liste « situationDemandes »", labelled("situationDemandes")
        ),
        "motifDemande": Champ("motif", coded, "liste « motifDemandes »", labelled("motifDemandes")),
        "droitSejour": Champ("droit_sejour", coded, "liste « droitSejours »", labelled("droitSejours")),
        "ressourcesMensuelles": Champ(
            "ressources_mensuelles_euros",
            valeurs.rounded_euros,
            "en euros, virgule admise ; arrondies à l'euro",
        ),
        "mesureAccompagnement": Champ(
            "accompagnement", coded, "liste « mesureAccompagnement »", labelled("mesureAccompagnement")
        ),
        "victimeViolences": Champ(
            "victime_de_violences",
            valeurs.tri_state,
            "OUI, NON, EN_COURS, A_FAIRE, NON_RENSEIGNE ou NR",
            yes_no,
        ),
    },
    cible="menage",
    ferme=False,
)
PLACE_CITEE = Objet(
    {"identifiantExterne": Champ("place", valeurs.our_id, "UUID de la place, donné par le hub", uuid_of)},
    ferme=False,
)
PLACE = Objet(
    {
        **PLACE_CITEE.champs,
        "structure": Champ("structure", None, "FINESS ou SIRET"),
        "commune": Champ("commune", None, "code commune INSEE"),
        "adresse": Champ("adresse", None, "adresse"),
        "dispositif": Champ("dispositif", None, "URGENCE, STABILISATION, INSERTION…"),
        "typePlace": Champ("type_place", None, "liste « typePlaces »", labelled("typePlaces")),
        "categorie": Champ("categorie", None, "liste « categoriePlaces »", labelled("categoriePlaces")),
        "capacite": Champ("capacite", None, "personnes accueillies"),
        "compositions": Champ("compositions", None, "liste « compositions »", all_labelled("compositions")),
        "accessible": Champ("accessible", None, "OUI ou NON", yes_no),
        "statutChrs": Champ("chrs", None, "OUI si la place a le statut CHRS", yes_no),
        "reservataire": Champ("reservataire", None, "ETAT, ACTION_LOGEMENT, COLLECTIVITE ou BAILLEUR"),
        "protegee": Champ("protegee", None, "OUI si l'adresse est secrète", yes_no),
        "disponibleLe": Champ("disponible_le", None, "date"),
        "libreLe": Champ("libre_le", None, "date de libération prévue"),
        "raison": Champ("raison", None, "pourquoi elle est occupée : MOUVEMENT_INTERNE, NAISSANCE"),
        "expireLe": Champ("expire_le", None, "fin de la réservation, date et heure"),
        "motif": Champ("motif", None, "motif de l'indisponibilité"),
        "jusquAu": Champ("jusqu_au", None, "fin de l'indisponibilité"),
    }
)
GROUPE_PLACES = Objet(
    {
        "identifiantExterne": Champ("groupe", None, NOTRE_ID, uuid_of),
        "structure": Champ("structure", None, "FINESS ou SIRET"),
        "dispositif": Champ("dispositif", None, "URGENCE, STABILISATION, INSERTION…"),
        "capacite": Champ("capacite", None, "nombre de places"),
        "occupees": Champ("occupees", None, "dont occupées"),
        "vacantes": Champ("vacantes", None, "dont vacantes"),
        "indisponibles": Champ("indisponibles", None, "dont indisponibles"),
        "dateReleve": Champ("releve_le", None, "jour du relevé"),
    }
)
ORIENTATION_CITEE = Objet(
    {
        "id": Champ(
            "orientation", number_id(Nature.ORIENTATION), "identifiant entier de l'orientation", number_of
        ),
        "identifiantExterne": Champ("orientation", valeurs.our_id, SANS_ID, uuid_of, a_defaut=True),
    },
    ferme=False,
)

OFFRE = Objet({"version": VERSION, "place": PLACE, "orientation": ORIENTATION_CITEE})
GROUPES = Objet({"version": VERSION, "groupePlaces": GROUPE_PLACES})
ACCOMPAGNEMENT = {
    "mesureAccompagnement": Champ(
        "mesure", coded, "liste « mesureAccompagnement »", labelled("mesureAccompagnement")
    ),
    "operateur": Champ("operateur", valeurs.etablissement, "SIRET ou FINESS de l'opérateur sollicité"),
    "accompagnementAccepte": Champ("accepte", None, "OUI ou NON", yes_no),
    "dateDernierEssai": Champ("tente_le", None, "jour où l'opérateur a cherché à joindre le ménage"),
    "dateDebutAccompagnement": Champ("debut_le", None, "début de l'accompagnement"),
}
ORIENTATION_DITE = Objet(
    {
        **ORIENTATION_CITEE.champs,
        "datePresentation": Champ("presentation_le", valeurs.day, "date à laquelle le ménage se présente"),
        "demande": Champ(
            "demande",
            valeurs.our_id,
            "UUID de la demande à laquelle elle répond, donné par le hub",
            uuid_of,
        ),
        "autresPlaces": Champ(
            "autres_places",
            valeurs.our_ids,
            "UUID des autres places du ménage, donnés par le hub : toutes sont réservées, ou aucune",
            all_uuids,
        ),
        "dispositif": Champ("dispositif", coded, "URGENCE, STABILISATION, INSERTION…"),
        "convention": Champ(
            "convention",
            valeurs.text,
            "numéro de la convention qui vous laisse attribuer une place réservée à l'État, ou orienter chez un autre "
            "SIAO (69:2026/4 si elle vaut dans son département)",
        ),
        "candidature": Champ(
            "candidature",
            number_id(Nature.CANDIDATURE),
            "identifiant entier de la candidature que l'État a désignée, pour une place qui lui est réservée",
            number_of,
        ),
        "structure": Champ("structure", valeurs.etablissement, "FINESS ou SIRET, si la place est à choisir"),
    },
    ferme=False,
)
ORIENTATION = Objet(
    {
        "version": VERSION,
        "orientation": ORIENTATION_DITE,
        "place": PLACE_CITEE,
        "ficheGroupe": FICHE_GROUPE,
        "suite": Objet(
            {
                "dateEntretien": Champ("entretien_le", None, "entretien de préadmission, date et heure"),
                "resultatPreadmission": Champ("resultat", None, "résultat de la préadmission"),
                "dateAccueil": Champ("accueil_le", None, "date d'accueil prévue"),
                "auteurRefus": Champ("auteur", None, "STRUCTURE, PERSONNE ou AUTRE"),
                "motifRefus": Champ("motif", None, "motif du refus"),
                "dateAdmission": Champ("admission_le", None, "date d'admission"),
                "derogation": Champ("derogation", None, "référence de la dérogation"),
                "motifAdmission": Champ(
                    "motif_admission", None, "URGENCE, si le centre a décidé dans l'urgence"
                ),
                "dateEntree": Champ("entree_le", None, "date d'entrée"),
                "dateAbsence": Champ("constatee_le", None, "date de l'absence"),
                "dateFinSejour": Champ("jusqu_au", None, "fin du séjour prolongé"),
                "dateSortie": Champ("sortie_le", None, "date de sortie"),
                "situationSortie": Champ(
                    "vers", None, "liste « situationSortieDemande »", labelled("situationSortieDemande")
                ),
                **ACCOMPAGNEMENT,
                "identifiantAideSociale": Champ("aide_sociale", None, NOTRE_ID, uuid_of),
                "statutChrs": Champ("chrs", None, "OUI ou NON", yes_no),
                "dateDebutAccueil": Champ("accueil_du", None, "premier jour de l'accueil demandé"),
                "dateSignatureDemande": Champ("signee_le", None, "signature de la demande par la personne"),
                "piecesDatees": Champ("pieces", None, "pièces jointes, chacune avec sa date"),
                "piecesManquantes": Champ("pieces_manquantes", None, "pièces qui manquent, d'après l'État"),
                "dateReception": Champ("recue_le", None, "réception par les services de l'État"),
                "dateReponse": Champ("repondue_le", None, "décision des services de l'État"),
                "aideAccordee": Champ("accordee", None, "OUI ou NON", yes_no),
                "accuseReception": Champ(
                    "accuse", None, "accusé sous lequel elle est réputée acceptée", uuid_of
                ),
            }
        ),
    },
    ferme=False,
)
EVALUATION = Objet(
    {
        "methode": Champ("methode", coded, "ENTRETIEN, VISITE, TELEPHONE ou DOSSIER"),
        "dateRealisation": Champ("realisee_le", valeurs.day, "date de l'évaluation"),
        "dateFinValidite": Champ("valable_jusqu_au", valeurs.day, "dernier jour où elle vaut"),
        "conclusion": Champ("conclusion", coded, "PRET ou PRET_AVEC_ACCOMPAGNEMENT"),
    },
    cible="evaluation",
    ferme=False,
)
"""Field table of a household's evaluation, for landlords and for partners that receive the list of households
ready for housing. They do not learn who made the evaluation."""
ATTRIBUTION = Objet(
    {
        "version": VERSION,
        "candidature": Objet(
            {
                "id": Champ(
                    "candidature",
                    number_id(Nature.CANDIDATURE),
                    "identifiant entier de la candidature",
                    number_of,
                ),
                "identifiantExterne": Champ("candidature", valeurs.our_id, SANS_ID, uuid_of, a_defaut=True),
                "bailleur": Champ("bailleur", valeurs.etablissement, "SIRET du bailleur"),
                "canal": Champ("canal", coded, "ACCORD_COLLECTIF, CONTINGENT, CIL, COLLECTIVITE ou DIRECT"),
                "commune": Champ("commune", valeurs.commune, "code commune INSEE souhaité"),
                "convention": Champ(
                    "convention", valeurs.text, "numéro de la convention sous laquelle elle est présentée"
                ),
                "liste": Champ("liste", valeurs.text, "numéro que vous donnez à la liste : LST-2026-3"),
                "dateInformation": Champ(
                    "informe_le",
                    valeurs.day,
                    "date à laquelle le ménage a su que son numéro unique est transmis",
                ),
                "logement": Champ("logement", coded, "numéro RPLS du logement visé, ou attribué"),
                "typologie": Champ(
                    "typologie", coded, "liste « categoriePlaces »", labelled("categoriePlaces")
                ),
                "communeLogement": Champ(
                    "commune_logement", valeurs.commune, "code commune INSEE du logement"
                ),
                "loyer": Champ("loyer", coded, "tranche de loyer, charges comprises : DE_300_A_449…"),
                "reservataire": Champ(
                    "reservataire", coded, "ETAT, ACTION_LOGEMENT, COLLECTIVITE ou BAILLEUR"
                ),
                "horsCommission": Champ(
                    "hors_commission",
                    valeurs.tri_state,
                    "OUI si aucune commission (CALEOL) n'attribue ce logement : résidence, intermédiation, parc privé",
                    yes_no,
                ),
                "evaluation": EVALUATION,
            },
            ferme=False,
        ),
        "ficheGroupe": FICHE_GROUPE,
        "suite": Objet(
            {
                "dateCommission": Champ("commission_le", None, "date de la commission"),
                "accord": Champ("accord", None, "accord collectif"),
                "favorable": Champ("favorable", None, "avis de l'instance : OUI ou NON", yes_no),
                "dateAvis": Champ("avis_le", None, "date de l'avis"),
                "dateDesignation": Champ("designation_le", None, "date de la désignation"),
                "resultat": Champ("resultat", None, "décision de la commission"),
                "rang": Champ("rang", None, "rang"),
                "silence": Champ("silence", None, "OUI si le ménage n'a pas répondu", yes_no),
                "dateSignature": Champ("signature_le", None, "signature du bail"),
                "dateNotification": Champ(
                    "notifiee_le", None, "date à laquelle l'offre est notifiée au ménage"
                ),
                "delaiJours": Champ("delai_jours", None, "jours que l'offre lui laisse"),
                "dateEffet": Champ("effet_le", None, "effet du bail"),
                "motifRadiation": Champ("motif", None, "motif de la radiation du SNE"),
                "dateRadiation": Champ("radiation_le", None, "date de la radiation"),
                "nouveauNumeroUnique": Champ(
                    "numero_unique", None, "avec FUSION : celui qui remplace l'ancien"
                ),
                "dateAnnulation": Champ("annulee_le", None, "date à laquelle la radiation est annulée"),
            }
        ),
    },
    ferme=False,
)
SUR_LISTE = Objet(
    {
        **ATTRIBUTION.champs,
        "ficheGroupe": Objet(
            {
                name: FICHE_GROUPE.champs[name]
                for name in (
                    "id",
                    "identifiantExterne",
                    "composition",
                    "nbAdultes",
                    "nbEnfants",
                    "numeroUnique",
                )
            },
            cible="menage",
            ferme=False,
        ),
    },
    ferme=False,
)
"""Field table of a candidacy on a list for a collector. It has no names, and no telephone number."""
DAHO = Objet(
    {
        "version": VERSION,
        "daho": Objet(
            {
                "identifiantExterne": Champ("daho", valeurs.our_id, NOTRE_ID, uuid_of),
                "dateDecision": Champ("decision_le", None, "décision de la commission de médiation"),
                "accueil": Champ("accueil", None, "HEBERGEMENT ou LOGEMENT_DE_TRANSITION"),
                "recours": Champ("recours", None, "numéro du recours"),
                "dateLimite": Champ("avant_le", None, "dernier jour du délai, désormais passé"),
                "structure": Champ("structure", None, "FINESS ou SIRET de l'organisme que le préfet désigne"),
                "dateAttribution": Champ("attribue_le", None, "jour où le préfet attribue le ménage"),
                "motif": Champ("motif", None, "pourquoi l'État retire la désignation"),
                "dateOrientation": Champ("oriente_le", valeurs.day, "jour de votre orientation"),
                "dateAccueil": Champ("accueil_le", valeurs.day, "jour de l'accueil"),
            },
            ferme=False,
        ),
        "orientation": ORIENTATION_CITEE,
        "ficheGroupe": FICHE_GROUPE,
    },
    ferme=False,
)
EXAMEN = Objet(
    {
        "version": VERSION,
        "examen": Objet(
            {
                "identifiantExterne": Champ("examen", valeurs.our_id, NOTRE_ID, uuid_of),
                "instance": Champ("instance", None, "ACCORD_COLLECTIF ou PDALHPD"),
                "dateSeance": Champ("seance_le", None, "jour de la séance : votre avis est attendu avant"),
                "favorable": Champ("favorable", valeurs.tri_state, "votre avis : OUI ou NON"),
                "dateAvis": Champ("avis_le", valeurs.day, "date de votre avis"),
                "candidature": Champ(
                    "candidature",
                    number_id(Nature.CANDIDATURE),
                    "identifiant entier de sa candidature, dont le bailleur apprend l'avis ; dites aussi le ménage",
                ),
                "menage": Champ(
                    "menage",
                    number_id(Nature.MENAGE),
                    "identifiant entier de votre fiche groupe, dont les lecteurs de la liste apprennent l'avis",
                ),
            },
            ferme=False,
        ),
        "ficheGroupe": FICHE_GROUPE,
    },
    ferme=False,
)
SUIVI = Objet(
    {
        "version": VERSION,
        "suivi": Objet(
            {
                "id": Champ(
                    "suivi", number_id(Nature.SUIVI), "identifiant entier de l'accompagnement", number_of
                ),
                "identifiantExterne": Champ("suivi", valeurs.our_id, SANS_ID, uuid_of, a_defaut=True),
                "candidature": Champ(
                    "candidature",
                    number_id(Nature.CANDIDATURE),
                    "identifiant entier de la candidature, si le ménage n'est pas sur la liste",
                    number_of,
                ),
                **ACCOMPAGNEMENT,
            },
            ferme=False,
        ),
        "ficheGroupe": FICHE_GROUPE,
    },
    ferme=False,
)
"""Fields of messages about accompaniment (suivi) that is requested without a referral."""
CONVENTION = Objet({"acte": Objet({**ACTE, **PLACES_DU_HUB}, ferme=False)}, ferme=False)
ALERTE = Objet(
    {
        "version": VERSION,
        "alerte": Objet(
            {
                "nature": Champ("nature", None, "place, orientation ou candidature", plain),
                "id": Champ(
                    "objet", None, "identifiant entier de l'orientation ou de la candidature", number_of
                ),
                "identifiantExterne": Champ("objet", None, "UUID de l'objet, donné par le hub", uuid_of),
                "evenement": Champ("evenement", None, "UUID de l'événement en cause", uuid_of),
                "typeEvenement": Champ("type_evenement", None, "son type", event_name),
                "motif": Champ("motif", None, "motif de l'alerte", told_motif),
                "etat": Champ("etat", None, "état de l'objet"),
                "place": Champ("place", None, "UUID de la place disputée", uuid_of),
                "echeance": Champ("echeance", None, "ce qui était attendu"),
                "etape": Champ("etape", None, "rappel (MI_DELAI, BIENTOT), délai passé (ECHUE, DEPASSEE)"),
                "suite": Champ("suite", None, "conséquence du silence"),
                "dateEcheance": Champ("due_le", None, "pour quand, date et heure"),
                "partenaire": Champ(
                    "partenaire", None, "partenaire silencieux, ou de nouveau actif : son nom dans le hub"
                ),
                "depuis": Champ("depuis", None, "date et heure auxquelles un message était attendu"),
                "finLe": Champ(
                    "fin_le",
                    None,
                    "date et heure du message suivant ; absent tant qu'il manque",
                ),
                "placesPerimees": Champ(
                    "places_perimees",
                    None,
                    "nombre de ses places vacantes non confirmées à temps",
                ),
            }
        ),
    }
)
