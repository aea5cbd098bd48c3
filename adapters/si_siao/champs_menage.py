"""Fields of the SI-SIAO messages about demands, reports and households ready for housing."""

from dataclasses import replace

from adapters import valeurs
from adapters.objets import Champ, Objet
from adapters.si_siao.champs import EVALUATION, FICHE_GROUPE, MENAGE_SANS_ID, NOTRE_ID, VERSION
from adapters.si_siao.valeurs import coded, household_uuid_of, labelled, number_id, number_of, uuid_of, yes_no
from contracts.base import Nature

DEMANDE = Objet(
    {
        "version": VERSION,
        "demande": Objet(
            {
                "identifiantExterne": Champ(
                    "demande", valeurs.our_id, "UUID de la demande, donné par le hub", uuid_of
                ),
                "dispositif": Champ("dispositif", coded, "ce qui est demandé : URGENCE, INSERTION…"),
                "commune": Champ("commune", valeurs.commune, "code commune INSEE où se trouve le ménage"),
                "dateSortie": Champ("sortie_le", valeurs.day, "date de sortie d'un établissement"),
            },
            ferme=False,
        ),
        "ficheGroupe": replace(
            FICHE_GROUPE,
            champs={
                **FICHE_GROUPE.champs,
                "id": Champ("id", None, "identifiant entier de la fiche groupe", number_of),
                "identifiantExterne": Champ(
                    "id", valeurs.household_of_the_hub, "UUID du ménage, donné par le hub", household_uuid_of
                ),
            },
        ),
        "evaluation": Objet(
            {
                "methode": Champ("methode", coded, "ENTRETIEN, VISITE, TELEPHONE ou DOSSIER"),
                "dateLimite": Champ("avant_le", valeurs.day, "date à laquelle la réponse est attendue"),
                "service": Champ(
                    "service",
                    valeurs.etablissement,
                    "SIRET ou FINESS du service qui évalue ; sinon qui l'a adressé",
                ),
                "conclusion": Champ("conclusion", coded, "PRET, PRET_AVEC_ACCOMPAGNEMENT ou PAS_ENCORE_PRET"),
                "dateFinValidite": Champ(
                    "valable_jusqu_au", valeurs.day, "dernier jour où l'évaluation vaut"
                ),
                "dateRealisation": Champ("realisee_le", valeurs.day, "date de l'évaluation d'un partenaire"),
                "evaluateur": Champ("evaluateur", valeurs.text, "service qui a évalué"),
                "dateEvaluation": Champ("evaluee_le", valeurs.day, "date de l'évaluation du SIAO"),
                "preconisation": Champ("preconisation", coded, "URGENCE, STABILISATION, INSERTION…"),
                "mesureAccompagnement": Champ(
                    "accompagnement",
                    coded,
                    "liste « mesureAccompagnement »",
                    labelled("mesureAccompagnement"),
                ),
            },
            ferme=False,
        ),
        "suite": Objet(
            {
                "dateNuit": Champ("nuit_du", valeurs.day, "nuit pour laquelle aucune place n'a été trouvée"),
                "motif": Champ(
                    "motif", coded, "motif de l'annulation, de l'absence de place ou du refus d'un transfert"
                ),
                "territoire": Champ(
                    "territoire", valeurs.code, "territoire du SIAO à qui le transfert est proposé"
                ),
                "siao": Champ(
                    "siao", valeurs.code, "ce SIAO, par son nom dans le hub, s'il y en a plusieurs"
                ),
                "composition": Champ(
                    "composition", coded, "liste « compositions »", labelled("compositions")
                ),
                "nbAdultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes"),
                "nbEnfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants"),
                "etat": Champ(
                    "suite", coded, "EVALUEE, ORIENTEE, EN_ATTENTE, POURVUE, ANNULEE ou TRANSFEREE"
                ),
            },
            ferme=False,
        ),
    },
    ferme=False,
)
SIGNALEMENT = Objet(
    {
        "version": VERSION,
        "signalement": Objet(
            {
                "identifiantExterne": Champ("signalement", None, NOTRE_ID, uuid_of),
                "dateHeure": Champ("vu_le", None, "date et heure"),
                "commune": Champ("commune", None, "code commune INSEE"),
                "lieu": Champ("lieu", None, "où les trouver"),
                "nbAdultes": Champ("adultes", None, "nombre d'adultes"),
                "nbEnfants": Champ("enfants", None, "nombre d'enfants"),
                "urgenceVitale": Champ("urgence_vitale", None, "OUI ou NON", yes_no),
            }
        ),
    }
)
SIGNALEMENT_TRAITE = Objet(
    {
        "version": VERSION,
        "signalement": Objet(
            {
                "identifiantExterne": Champ(
                    "signalement", valeurs.our_id, "UUID du signalement, donné par le hub", uuid_of
                )
            },
            ferme=False,
        ),
        "suite": Objet(
            {
                "resultat": Champ(
                    "suite",
                    coded,
                    "RENCONTREE, MISE_A_L_ABRI, REFUS_DE_LA_PERSONNE, NON_TROUVEE ou DEJA_SUIVIE",
                ),
                "dateSuite": Champ("traite_le", valeurs.day, "date de cette suite"),
            },
            ferme=False,
        ),
    },
    ferme=False,
)
PRET_LOGEMENT = Objet(
    {
        "version": VERSION,
        "ficheGroupe": FICHE_GROUPE,
        "declarant": Champ(
            "declarant", None, "partenaire qui dit le ménage prêt, par son nom dans le hub : à confirmer"
        ),
        "logement": Objet(
            {
                "departement": Champ("departement", valeurs.departement, "département, 1 ou 075 admis"),
                "communes": Champ(
                    "communes", valeurs.several(valeurs.commune), "communes souhaitées ; absent : toutes"
                ),
                "dateEvaluation": Champ(
                    "evaluee_le", valeurs.day, "date à laquelle le ménage a été jugé prêt"
                ),
                "mesureAccompagnement": Champ(
                    "accompagnement",
                    coded,
                    "liste « mesureAccompagnement »",
                    labelled("mesureAccompagnement"),
                ),
                "inscriptionSYPLO": Champ("syplo", coded, "INSCRIT, NON_INSCRIT ou NE_RELEVE_PAS"),
                "statutDalo": Champ("dalo", coded, "NON, ACTIF, CADUC ou ACTREL"),
                "evaluation": EVALUATION,
            },
            ferme=False,
        ),
    },
    ferme=False,
)


def _fiche_citee(cible: str) -> Objet:
    id_of_theirs = number_id(Nature.MENAGE)
    return Objet(
        {
            "id": Champ(cible, id_of_theirs, "identifiant entier de la fiche groupe", number_of),
            "identifiantExterne": Champ(
                cible, valeurs.household_of_the_hub, MENAGE_SANS_ID, household_uuid_of, a_defaut=True
            ),
        },
        ferme=False,
    )


MENAGE_CITE = Objet(
    {
        "version": VERSION,
        "ficheGroupe": _fiche_citee("menage"),
        "autreFicheGroupe": _fiche_citee("autre"),
        "suite": Objet({"motif": Champ("motif", coded, "pourquoi le ménage quitte la liste")}, ferme=False),
        "declarant": Champ(
            "declarant", None, "partenaire qui ne dit plus le ménage prêt, par son nom dans le hub"
        ),
        "liste": Objet(
            {
                "lecteur": Champ("lecteur", None, "qui répond, par son nom dans le hub"),
                "reponse": Champ("reponse", coded, "LABELLISEE, REFUSEE, INCOMPLETE ou DESIGNEE"),
                "dateReponse": Champ("repondue_le", valeurs.day, "date de la réponse"),
                "motifRefus": Champ("motif_refus", coded, "pourquoi le ménage est refusé"),
                "pieces": Champ("pieces", valeurs.several(valeurs.code), "pièces qui manquent"),
            }
        ),
    },
    ferme=False,
)
REPONSE_AU_DECLARANT = Objet(
    {
        "version": VERSION,
        "ficheGroupe": _fiche_citee("menage"),
        "declaration": Objet(
            {
                "reponse": Champ("reponse", coded, "CONFIRMEE ou REFUSEE"),
                "motifRefus": Champ("motif_refus", coded, "avec REFUSEE : pourquoi"),
            },
            ferme=False,
        ),
    },
    ferme=False,
)
