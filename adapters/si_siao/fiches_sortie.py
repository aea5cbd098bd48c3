"""Write messages for a SIAO as JSON objects, each for a PUT request to SI-SIAO's own API.

Two things are known of the real API: the PUT to `demandeInsertion/`, and dates written `aaaa-mm-jjT00:00`.
The hub assumes the other paths, and all bodies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic_core import to_json

from adapters.evenements import carried, single
from adapters.objets import Champ, Objet, plain, write
from adapters.si_siao.json import DIALECTE
from contracts.envelope import Event
from contracts.ports import Native, View

CHEMINS: Mapping[str, str] = {
    "demande": "/demandeInsertion/",
    "offre": "/place/",
    "occupation": "/place/",
    "orientation": "/orientation/",
    "attribution": "/candidature/",
    "menage": "/fiches/",
    "convention": "/convention/",
    "alerte": "/alerte/",
}
"""Path of the PUT request, by the event's domain (the first word of its short name)."""
SORTANTS = DIALECTE.sortants


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event as a JSON object, for a PUT request. The message's header `content-location` has the
    request's path. Raises Unroutable for a message type that the dialect does not write. Raises ValueError if
    `events` has no event, or several."""
    event = single(events)
    name, attributes = carried(event, SORTANTS), event.attributes
    body = {
        "idMessage": str(attributes.id),
        "type": name,
        "dateModification": attributes.time.isoformat(timespec="seconds"),
        **write(event.contrat, TABLES[name], view),
    }
    path = CHEMINS[type(event.contrat).DOMAINE]
    filename = f"{name.split('.')[0]}_{attributes.id}.json"
    return Native(to_json(body), "application/json", filename, {"content-location": path})


def _midnight(value: Any, view: View) -> object:
    return f"{value.isoformat()}T00:00" if type(value) is date else plain(value, view)


def _of_the_api(table: Objet) -> Objet:
    """Return a copy of a field table that writes a day as its midnight, `2026-03-02T00:00`, as SI-SIAO's API
    does. Dates of birth stay without an hour."""
    return replace(table, champs={name: _written(champ) for name, champ in table.champs.items()})


def _written(champ: Champ | Objet) -> Champ | Objet:
    if isinstance(champ, Objet):
        return champ if champ.liste else _of_the_api(champ)
    return replace(champ, ecrire=_midnight) if champ.ecrire is plain else champ


TABLES = {name: _of_the_api(DIALECTE.tables[name]) for name in SORTANTS}
