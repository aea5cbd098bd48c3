"""Dialect of prescripteurs (partners that bring households to the SIAO) in JSON (format assumed by the hub).

Decodes reports from the street, demands and their changes, evaluations, and declarations of households ready
for housing. Encodes requests for an evaluation, outcomes of demands and reports, and answers to the
declarations.

Demands and households have the partner's ids.
"""

from adapters.demande import DEMANDE, SIGNALEMENT
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Objet
from adapters.pret_logement import of_declarations
from contracts.partner import Famille
from contracts.v1 import demande, pret_logement

CLE = "idEvenement"

ENTRANTS = by_short_name(
    demande.SignalementRecu,
    demande.DemandeRecue,
    demande.DemandeCompletee,
    demande.DemandeActualisee,
    demande.DemandeAnnulee,
    demande.EvaluationRealisee,
    *(pret_logement.PretLogementDeclare, pret_logement.PretLogementRetire),
)
SORTANTS = by_short_name(
    *(demande.EvaluationDemandee, demande.DemandeNonPourvue, demande.DemandeSuite, demande.SignalementTraite),
    pret_logement.PretLogementRepondu,
)

EVENEMENT = Objet({**SIGNALEMENT, **DEMANDE}, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT, of_declarations(CLE))

DECLARATION = DIALECTE.declared("prescripteur_json", Famille.PRESCRIPTEUR, Famille.ARS, Famille.ASILE)
decode, encode = DIALECTE.decode, DIALECTE.encode
