"""Prescripteurs as JSON (profil supposé): one event or an array of them.

Decodes demands, their complements, and evaluations; encodes the outcome of the prescripteur's own demands. Demands
and households are cited by the sender's own ids, in both directions.
"""

from adapters.demande import DEMANDE, SIGNALEMENT
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Objet
from contracts.partner import Famille
from contracts.v1 import demande

CLE = "idEvenement"

ENTRANTS = by_short_name(
    demande.SignalementRecu,
    demande.DemandeRecue,
    demande.DemandeCompletee,
    demande.DemandeActualisee,
    demande.DemandeAnnulee,
    demande.EvaluationRealisee,
)
SORTANTS = by_short_name(
    demande.EvaluationDemandee, demande.DemandeNonPourvue, demande.DemandeSuite, demande.SignalementTraite
)

EVENEMENT = Objet({**SIGNALEMENT, **DEMANDE}, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = DIALECTE.declared("prescripteur_json", Famille.PRESCRIPTEUR, Famille.ARS, Famille.ASILE)
decode, encode = DIALECTE.decode, DIALECTE.encode
