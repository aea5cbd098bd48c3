"""115 and street teams as JSON (profil supposé): one event or an array of them.

Decodes who was seen or has called; encodes what became of it, and tonight's places: emergency places of the
territory that are free now, and what becomes of them. A place is cited by our id, a demand by the sender's own.
"""

from collections.abc import Sequence

from adapters import valeurs
from adapters.declaration import Declaration
from adapters.demande import DEMANDE, SIGNALEMENT
from adapters.evenements import by_short_name, single
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Champ, Objet
from adapters.place import PLACE
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
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
SORTANTS = by_short_name(
    demande.EvaluationDemandee,
    demande.DemandeNonPourvue,
    demande.DemandeSuite,
    place.PlaceVacante,
    place.PlaceLiberee,
    place.PlaceDisponible,
    place.PlaceOccupee,
    place.PlaceIndisponible,
    place.PlaceFermee,
)
PLACE_DU_SOIR = {
    "place": Champ("place", None, "UUID de la place, donné par le hub"),
    **PLACE,
    "jusquAu": Champ("jusqu_au", valeurs.day, "fin de l'indisponibilité"),
}

EVENEMENT = Objet({**SIGNALEMENT, **PLACE_DU_SOIR, **DEMANDE}, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = Declaration(
    nom="veille_sociale_json",
    familles=(Famille.VEILLE_SOCIALE,),
    lit=tuple(ENTRANTS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one event or an array of them; see `Adapter.decode`."""
    return decode_messages(native, partner, DIALECTE)


def encode(envelopes: Sequence[Envelope], view: View) -> Native:
    """Write what became of a demand or of a place; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
