"""Fields of messages about a stay that a centre opens without the SIAO. The centre gives such a stay a number
of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from adapters import valeurs
from adapters.objets import Champ, Objet
from contracts.base import Contrat
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.place import PlaceOccupee
from contracts.v1.suite import AccompagnementDemande, AdmissionDirecte, SejourProlonge, SortieDeclaree

OPENING = AdmissionDirecte
CITING = (PlaceOccupee, SejourProlonge, SortieDeclaree, AccompagnementDemande, AideSocialeDemandee)

_OPENED = Champ(
    "orientation",
    valeurs.own_stay,
    "votre numéro du séjour ; la sortie, que vous direz sous ce numéro, est alors attendue",
)
_CITED = Champ(
    "orientation",
    valeurs.stay,
    "UUID de l'orientation, tel que reçu du hub, ou votre numéro d'un séjour admis sans le SIAO",
)


def of_stays(evenement: Objet, contrats: Iterable[type[Contrat]]) -> Mapping[str, Objet]:
    """Return, by short name, the field table of each message in `contrats` that begins or cites a stay. Each
    table is that of the dialect, `evenement`, with one change: in the field `orientation`, a partner may
    write its own number of the stay."""
    fields = {OPENING: _OPENED, **dict.fromkeys(CITING, _CITED)}
    return {
        each.NOM: replace(evenement, champs={**evenement.champs, "orientation": fields[each]}).narrowed(each)
        for each in contrats
        if each in fields
    }
