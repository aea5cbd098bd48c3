"""Dialect of the 115 (the emergency line for homeless people) and street teams in JSON (format assumed by the
hub).

Decodes reports of people seen outside, and demands of people who called. Encodes what became of these reports
and demands, and tonight's emergency places. Places have the hub's ids, demands the sender's.
"""

from adapters import valeurs
from adapters.alertes import with_alerts
from adapters.demande import DEMANDE, SIGNALEMENT
from adapters.evenements import by_short_name
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from adapters.place import PLACE
from contracts.partner import Famille
from contracts.v1 import demande, place

CLE = "idEvenement"

ENTRANTS = by_short_name(
    demande.SignalementRecu,
    demande.DemandeRecue,
    demande.DemandeCompletee,
    demande.DemandeActualisee,
    demande.DemandeAnnulee,
    demande.EvaluationRealisee,
)
SORTANTS = with_alerts(
    by_short_name(
        demande.EvaluationDemandee,
        demande.DemandeNonPourvue,
        demande.DemandeSuite,
        demande.SignalementTraite,
        place.PlaceVacante,
        place.PlaceRetenue,
        place.PlaceLiberee,
        place.PlaceDisponible,
        place.PlaceOccupee,
        place.PlaceIndisponible,
        place.PlaceFermee,
    )
)
PLACE_DU_SOIR = {
    "place": Champ("place", None, "UUID de la place, donné par le hub"),
    **PLACE,
    "jusquAu": Champ("jusqu_au", valeurs.day, "fin de l'indisponibilité"),
    "valableJusquA": Champ("valable_jusqu_a", None, "date et heure jusqu'auxquelles compter sur cette place"),
}

EVENEMENT = Objet({**SIGNALEMENT, **PLACE_DU_SOIR, **DEMANDE}, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = DIALECTE.declared("veille_sociale_json", Famille.VEILLE_SOCIALE)
decode, encode = DIALECTE.decode, DIALECTE.encode
