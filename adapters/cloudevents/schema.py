"""JSON Schemas of CloudEvents, with examples."""

from typing import Any

from adapters.cloudevents.json import SOURCE, SPECVERSION, WRITTEN
from adapters.cloudevents.tables import fields
from adapters.json_schema import OUR_ID, Schema, object_schema, shown_of
from adapters.objets import Objet
from contracts.base import Contrat

MOMENT = {"type": "string", "format": "date-time"}


def schema_of(contrat: type[Contrat], *, read: bool) -> Schema:
    """Return the JSON Schema of one event, with an example. With `read`, it describes the event as partners
    send it; otherwise, as partners receive it."""
    table = Objet(fields(contrat)) if read else WRITTEN[contrat.NOM]
    data = object_schema(table, contrat, contrat.OBLIGATOIRES if read else (), shown_of(contrat), read=read)
    text: Schema = {"type": "string", "minLength": 1}
    properties: Schema = {
        "specversion": {"const": SPECVERSION},
        "id": {**text, "maxLength": 100},
        "source": text if read else {"const": SOURCE},
        "type": {"const": contrat.TYPE},
        "subject": {"type": "string"},
        "time": MOMENT,
        "datacontenttype": {"const": "application/json"},
        "data": data,
    }
    example: dict[str, Any] = {
        "specversion": SPECVERSION,
        "id": f"exemple-{contrat.NOM}" if read else OUR_ID,
        "source": "urn:exemple:partenaire" if read else SOURCE,
        "type": contrat.TYPE,
        "data": data["example"],
    }
    required = ["specversion", "id", "source", "type", "data"]
    return {"type": "object", "properties": properties, "required": required, "example": example}
