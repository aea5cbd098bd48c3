"""Make the JSON Schemas of the events in each JSON dialect, for the OpenAPI and AsyncAPI documents."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from adapters import json_schema
from adapters.ars import fhir
from adapters.ars import schema as fhir_schema
from adapters.cloudevents import json as cloudevents
from adapters.cloudevents import schema as cloudevents_schema
from adapters.registry import EVENTS_IN_JSON
from adapters.si_siao import fiches as si_siao_fiches
from adapters.si_siao import schema as fiches_schema
from adapters.si_siao.fiches_sortie import SORTANTS

Schema = dict[str, Any]
CLOUDEVENTS, FHIR, FICHES = (each.DECLARATION.nom for each in (cloudevents, fhir, si_siao_fiches))


class Bodies(NamedTuple):
    """Schemas of the events of one dialect. `lus` has the events that the hub reads, and `ecrits` the events that it
    writes, both by short name."""

    lus: Mapping[str, Schema]
    ecrits: Mapping[str, Schema]


@cache
def bodies() -> Mapping[str, Bodies]:
    """Return the JSON Schemas of the events that the hub reads and writes in each JSON dialect, by the dialect's
    name."""
    tables = {
        nom: Bodies(
            {event: json_schema.schema_of(dialecte, event, read=True) for event in dialecte.entrants},
            {event: json_schema.schema_of(dialecte, event, read=False) for event in dialecte.sortants},
        )
        for nom, dialecte in EVENTS_IN_JSON.items()
    }
    events = Bodies(
        {c.NOM: cloudevents_schema.schema_of(c, read=True) for c in cloudevents.ENTRANTS},
        {name: cloudevents_schema.schema_of(c, read=False) for name, c in cloudevents.SORTANTS.items()},
    )
    tasks = Bodies(
        {c.NOM: fhir_schema.read(c) for c in fhir.DECLARATION.lit},
        {c.NOM: fhir_schema.written(c) for c in fhir.DECLARATION.ecrit},
    )
    fiches = Bodies(
        {each.NOM: fiches_schema.read(each) for each in si_siao_fiches.DECLARATION.lit},
        {name: fiches_schema.written(name) for name in SORTANTS},
    )
    return {**tables, CLOUDEVENTS: events, FHIR: tasks, FICHES: fiches}


def component(dialecte: str, event: str, way: str) -> str:
    """Return the name of an event's schema in the OpenAPI document. `way` is `lu` for an event that the hub
    reads, and `ecrit` for an event that the hub writes."""
    return f"{dialecte}.{way}.{event}"


def components() -> Mapping[str, Schema]:
    """Return the event schemas of all JSON dialects for the OpenAPI document, by the names that `component`
    returns."""
    return {
        component(nom, event, way): schema
        for nom, both in bodies().items()
        for way, schemas in (("lu", both.lus), ("ecrit", both.ecrits))
        for event, schema in schemas.items()
    }
