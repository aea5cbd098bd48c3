"""Dialect of the prefect's reserved housing in JSON (format assumed by the hub).

Decodes agreements, what happens to candidacies, requests for the list of households ready for housing, and
answers about households on it. Encodes candidacies, changes of this list, opinions of the SIAO, agreements
and alerts.

The hub cites a household by a UUID. A partner may cite the household by this UUID, by the numéro unique, or
by the household's number on the list.
"""

from adapters import valeurs
from adapters.acte import CONVENTIONS, CONVENTIONS_DU_HUB, of_acts
from adapters.alertes import table_of, with_alerts
from adapters.candidature import CANDIDATURE
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from adapters.pret_logement import PRET
from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1 import attribution, examen, pret_logement

CLE = "idEvenement"

ENTRANTS = by_short_name(
    attribution.CandidatureAccusee,
    attribution.CandidatureInscrite,
    attribution.EligibiliteReconnue,
    attribution.InstanceAvis,
    attribution.DesignationContingent,
    attribution.DecisionCommission,
    attribution.ConditionLevee,
    attribution.PropositionAcceptee,
    attribution.PropositionRefusee,
    attribution.BailSigne,
    attribution.RadiationSne,
    attribution.RadiationAnnulee,
    pret_logement.ListeRepondue,
    pret_logement.ListeDemandee,
    *CONVENTIONS,
)
SORTANTS = with_alerts(
    by_short_name(
        attribution.CandidaturePresentee,
        attribution.CandidatureRetiree,
        attribution.CandidatureAccompagnement,
        pret_logement.PretLogementDeclare,
        pret_logement.PretLogementActualise,
        pret_logement.PretLogementRetire,
        pret_logement.ListeRepondue,
        examen.ExamenAvis,
        *CONVENTIONS,
        *CONVENTIONS_DU_HUB,
    )
)

NUMEROS = {
    "numero": Champ(
        "numero", valeurs.whole_number, "numéro du changement dans votre liste ; ils se suivent sans trou"
    ),
    "fiche": Champ(
        "fiche", valeurs.whole_number, "numéro du ménage dans votre liste, le même s'il y revient"
    ),
}
LISTE = Objet(
    {
        "version": CANDIDATURE["version"],
        **NUMEROS,
        **{name: field for name, field in PRET.items() if name != "version"},
        "label": Champ("label", valeurs.code, "label que le SIAO du ménage lui donne"),
    }
)
RETRAIT = Objet(
    {
        "version": CANDIDATURE["version"],
        **NUMEROS,
        "menage": Objet({"id": Champ("menage", valeurs.our_id, "UUID du ménage, donné par le hub")}),
        "motif": Champ("motif", valeurs.code, "pourquoi le ménage quitte la liste"),
    }
)
REPONSE = Objet(
    {
        "version": CANDIDATURE["version"],
        **NUMEROS,
        "menage": Objet(
            {
                "id": Champ(
                    "menage",
                    valeurs.listed_household,
                    "UUID donné par le hub, numéro unique, ou numéro de fiche",
                )
            }
        ),
        "reponse": Champ("reponse", valeurs.code, "LABELLISEE, REFUSEE, INCOMPLETE ou DESIGNEE"),
        "repondueLe": Champ("repondue_le", valeurs.day, "date de la réponse"),
        "motifRefus": Champ("motif_refus", valeurs.code, "avec REFUSEE : pourquoi"),
        "pieces": Champ("pieces", valeurs.several(valeurs.code), "avec INCOMPLETE : ce qui manque"),
    },
    ignores=ENTETE | {CLE},
)
AVIS = Objet(
    {
        "examen": Champ("examen", None, "UUID de l'examen, donné par le hub"),
        "menage": Objet({"id": Champ("menage", None, "UUID du ménage, donné par le hub")}),
        "favorable": Champ("favorable", None, "avis du SIAO dans l'instance : true ou false"),
        "avisLe": Champ("avis_le", None, "date de cet avis"),
    }
)
DEMANDE = Objet(
    {
        "version": CANDIDATURE["version"],
        "liste": Objet(
            {"id": Champ("liste", valeurs.their_id(Nature.LISTE), "votre référence, neuve à chaque demande")}
        ),
    },
    ignores=ENTETE | {CLE},
)
EVENEMENT = Objet(CANDIDATURE, ignores=ENTETE | {CLE})
OF_THEIR_OWN = {
    **of_acts(EVENEMENT),
    pret_logement.PretLogementDeclare.NOM: LISTE,
    pret_logement.PretLogementActualise.NOM: LISTE,
    pret_logement.PretLogementRetire.NOM: RETRAIT,
    pret_logement.ListeRepondue.NOM: REPONSE,
    pret_logement.ListeDemandee.NOM: DEMANDE,
    examen.ExamenAvis.NOM: AVIS,
}

DIALECTE = Dialecte(
    CLE,
    ENTRANTS,
    SORTANTS,
    tables={n: table_of(c, OF_THEIR_OWN.get(n, EVENEMENT)) for n, c in {**ENTRANTS, **SORTANTS}.items()},
    citants=(EVENEMENT,),
)

DECLARATION = DIALECTE.declared("contingent_json", Famille.CONTINGENT)
decode, encode = DIALECTE.decode, DIALECTE.encode
