"""The schema of each event that a dialect in JSON reads or writes, for the documents that machines read."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from adapters import json_schema
from adapters.cloudevents import json as cloudevents
from adapters.cloudevents import schema as cloudevents_schema
from adapters.registry import EVENTS_IN_JSON

Schema = dict[str, Any]
CLOUDEVENTS = cloudevents.DECLARATION.nom


class Bodies(NamedTuple):
    """What one dialect reads and writes, by the short names of the events."""

    lus: Mapping[str, Schema]
    ecrits: Mapping[str, Schema]


@cache
def bodies() -> Mapping[str, Bodies]:
    """By dialect. Of FHIR and of the SI-SIAO's own API others keep the schemas."""
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
    return {**tables, CLOUDEVENTS: events}


def component(dialecte: str, event: str, way: str) -> str:
    """The name of the schema of an event, `lu` or `ecrit` by the hub."""
    return f"{dialecte}.{way}.{event}"


def components() -> Mapping[str, Schema]:
    """Every schema by its name."""
    return {
        component(nom, event, way): schema
        for nom, both in bodies().items()
        for way, schemas in (("lu", both.lus), ("ecrit", both.ecrits))
        for event, schema in schemas.items()
    }
