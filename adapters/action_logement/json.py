"""Dialect in JSON of the CIL (today Action Logement), the employers' housing fund, and of local authorities.
The hub has assumed its format.

Decodes agreements, and what happens to a candidacy. Encodes candidacies, agreements and alerts.

Partners cite a candidacy by the hub's id of it, or by the numéro unique of its household.
"""

from adapters.acte import CONVENTIONS, CONVENTIONS_DU_HUB, of_acts
from adapters.alertes import with_alerts
from adapters.candidature import CANDIDATURE
from adapters.evenements import by_short_name
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from contracts.partner import Famille
from contracts.v1 import attribution, convention

CLE = "idEvenement"

ENTRANTS = by_short_name(
    attribution.CandidatureAccusee,
    attribution.CandidatureInscrite,
    attribution.DecisionCommission,
    attribution.ConditionLevee,
    attribution.PropositionAcceptee,
    attribution.PropositionRefusee,
    attribution.BailSigne,
    *CONVENTIONS,
    convention.ConventionBilan,
)
SORTANTS = with_alerts(
    by_short_name(
        attribution.CandidaturePresentee,
        attribution.CandidatureSurListe,
        attribution.CandidatureRetiree,
        attribution.CandidatureAccompagnement,
        *CONVENTIONS,
        *CONVENTIONS_DU_HUB,
        convention.ConventionQuart,
    )
)
EVENEMENT = Objet(CANDIDATURE, ignores=ENTETE | {CLE})
SUR_LISTE = Objet(
    {
        **{
            name: CANDIDATURE[name]
            for name in ("version", "candidature", "bailleur", "convention", "commune")
        },
        "liste": Champ("liste", None, "numéro de la liste"),
        "informeLe": Champ(
            "informe_le", None, "jour où le ménage a su que son numéro unique vous est transmis"
        ),
        "menage": Objet(
            {name: MENAGE[name] for name in ("id", "composition", "adultes", "enfants", "numeroUnique")},
            "menage",
        ),
    }
)
OF_THEIR_OWN = {**of_acts(EVENEMENT), attribution.CandidatureSurListe.NOM: SUR_LISTE}

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT, OF_THEIR_OWN)

DECLARATION = DIALECTE.declared("action_logement_json", Famille.CIL, Famille.COLLECTIVITE)
decode, encode = DIALECTE.decode, DIALECTE.encode
