"""CIL (Action Logement) as JSON (profil supposé): one event or an array of them, one candidacy each.

Decodes the events of a candidacy after its presentation, and agreements; encodes candidature.presentee,
candidature.retiree, agreements and alerts.
Candidacies are cited by the hub's ids.
"""

from adapters.acte import CONVENTIONS, CONVENTIONS_DU_HUB, of_acts
from adapters.alertes import with_alerts
from adapters.candidature import CANDIDATURE
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Objet
from contracts.partner import Famille
from contracts.v1 import attribution

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
)
SORTANTS = with_alerts(
    by_short_name(
        attribution.CandidaturePresentee, attribution.CandidatureRetiree, *CONVENTIONS, *CONVENTIONS_DU_HUB
    )
)
EVENEMENT = Objet(CANDIDATURE, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT, of_acts(EVENEMENT))

DECLARATION = DIALECTE.declared("action_logement_json", Famille.CIL, Famille.COLLECTIVITE)
decode, encode = DIALECTE.decode, DIALECTE.encode
