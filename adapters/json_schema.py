"""JSON Schemas of JSON dialects, with examples, so that partners can generate clients.

A schema describes the plainest way to write a value; the dialect accepts other ways too.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from adapters import valeurs
from adapters.messages import IDENTIFIANT, Dialecte
from adapters.objets import Champ, Objet, plain
from contracts.base import Contrat, Modele
from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.reference.regle import Regle
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage, Personne

Schema = dict[str, Any]

OUR_ID = "7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101"
BY_READER: Mapping[Any, tuple[Schema, Any]] = {
    valeurs.household_of_the_hub: ({"type": "string", "format": "uuid"}, OUR_ID),
    valeurs.our_id: ({"type": "string", "format": "uuid"}, OUR_ID),
    valeurs.candidacy: ({"type": "string"}, OUR_ID),
    valeurs.stay: ({"type": "string"}, OUR_ID),
    valeurs.own_stay: ({"type": "string"}, "S-2026-118"),
    valeurs.our_ids: ({"type": "string", "format": "uuid"}, OUR_ID),
    valeurs.day: ({"type": "string", "format": "date"}, "2026-03-02"),
    valeurs.day_or_month: ({"type": "string", "format": "date"}, "1990-02-14"),
    valeurs.moment: ({"type": "string", "format": "date-time"}, "2026-03-02T14:30:00+01:00"),
    valeurs.whole_number: ({"type": "integer", "minimum": 0}, 1),
    valeurs.rounded_euros: ({"type": "integer"}, 613),
    valeurs.tri_state: ({"type": "boolean"}, True),
}
"""Schema and example of a value, by its reader (the function that reads such values)."""
EXAMPLES: Mapping[str, Any] = {
    "structure": "010000024",
    "bailleur": "26010004500012",
    "operateur": "010000024",
    "commune": "01053",
    "departement": "01",
    "composition": "20",
    "numero_unique": "1110318016982G1104",
    "capacite": 4,
    "occupees": 2,
    "vacantes": 1,
    "attributions": 210,
    "dalo": 31,
    "sous_accord": 40,
    "derogation": "DER-2026-17",
    "accord": "ACC-2026-4",
    "convention": "CIL-2026-3",
    "liste": "LST-2026-3",
    "numero": "DER-2026-17",
    "au": "2026-12-31",
    "avenant_a": "DER-2025-4",
    "reference_cnil": "REG-2026-12",
    "partenaire": "26010004500012",
    "par": "26010004500012",
    "signataires": "26010004500012",
    "indicateur": "PLACES_VACANTES",
    "valeur": 42,
    "territoire": "01",
    "nom": "EXEMPLE",
    "prenom": "Ana",
    "sexe": "F",
    "tranche_age": "DE_25_A_34",
    "telephone": "+33 6 00 00 00 00",
    "adresse": "12 rue de la République",
    "nature": "orientation",
    "type_evenement": "orientation.acceptee",
    "etat": "REFUS_STRUCTURE",
}
"""Example value of a field, by the field's name in the contract."""
SAMPLES: Mapping[Any, Any] = {
    bool: True,
    int: 1,
    float: 1.5,
    date: date(2026, 3, 2),
    datetime: datetime(2026, 3, 2, 13, 30, tzinfo=UTC),
    UUID: UUID(OUR_ID),
}
"""Example value of a field, by the field's type in the contract."""
READER = Partner(id="exemple", nom="", famille=Famille.SIAO, territoire="01")
AS_WRITTEN = View(READER, {UUID(OUR_ID): "4711"})


def shown_of(contrat: type[Contrat]) -> frozenset[str]:
    """Return the names of optional fields that examples show nevertheless: in some cases, the hub refuses a
    message without them."""
    return frozenset({"structure", "quota", "operateur", *(path.rpartition(".")[2] for path in contrat.SAUF)})


def schema_of(dialecte: Dialecte, name: str, *, read: bool) -> Schema:
    """Return the JSON Schema of one event, with an example. `name`: the event's short name. With `read`, the
    schema describes the event as partners send it; otherwise, as partners receive it."""
    contrat = (dialecte.entrants if read else dialecte.sortants)[name]
    table = dialecte.tables[name]
    schema = object_schema(table, contrat, contrat.OBLIGATOIRES if read else (), shown_of(contrat), read=read)
    key = {"type": "string", "pattern": f"^{IDENTIFIANT.pattern}$"} if read else {"type": "string"}
    properties = {"type": {"const": name}, dialecte.cle: key, **schema["properties"]}
    if not read:
        properties["dateMessage"] = {"type": "string", "format": "date-time"}
    else:
        properties |= {champ: {} for champ in sorted(table.ignores - properties.keys())}
    example = {"type": name, dialecte.cle: f"exemple-{name}", **schema["example"]}
    required = ["type", *(schema["required"] if read else ())]
    return {**schema, "properties": properties, "required": required, "example": example}


def object_schema(
    table: Objet, modele: type[Modele], obligatory: tuple[str, ...], shown: frozenset[str], *, read: bool
) -> Schema:
    """Return the JSON Schema of an object, with an example. With `read`, it describes the object as the hub
    reads it; otherwise, as the hub writes it. `table`: the object's field table; `modele`: the contract, or
    the part of one, that the object fills; `obligatory`: dotted paths of fields that are optional in
    `modele`, but obligatory here; `shown`: optional fields that the example shows."""
    properties, required, example = {}, [], {}
    for name, champ in table.champs.items():
        if read and isinstance(champ, Champ) and champ.lire is None:
            continue
        properties[name] = schema = _field(champ, modele, obligatory, shown, read=read)
        if isinstance(champ, Objet) and champ.cible is None:
            needed = bool(schema.get("required"))
        else:
            needed = modele.model_fields[str(champ.cible)].is_required() or str(champ.cible) in obligatory
        if needed and read:  # a written field may be missing: a recipient gets only those that it may see
            required.append(name)
        also = champ.cible in shown if isinstance(champ, Champ) else champ.cible is None and schema["example"]
        if needed or not read or also:
            example[name] = schema["example"]
    closed = {"additionalProperties": False} if table.ferme and read and not table.ignores else {}
    return {"type": "object", "properties": properties, "required": required, **closed, "example": example}


def _field(
    champ: Champ | Objet,
    modele: type[Modele],
    obligatory: tuple[str, ...],
    shown: frozenset[str],
    *,
    read: bool,
) -> Schema:
    if isinstance(champ, Champ):
        as_read = read or (champ.lire is not None and champ.ecrire is plain)
        return {**(_value if as_read else _written)(champ, modele), "description": champ.aide}
    if champ.cible is None:
        return object_schema(champ, modele, obligatory, shown, read=read)
    inside = tuple(path.partition(".")[2] for path in obligatory if path.startswith(f"{champ.cible}."))
    schema = object_schema(champ, _nested(modele, champ.cible), inside, shown, read=read)
    if not champ.liste:
        return schema
    return {"type": "array", "items": schema, "maxItems": 50, "example": [schema["example"]]}


NESTED: Mapping[str, type[Modele]] = {"personnes": Personne, "menage": Menage, "evaluation": Evaluation}


def _nested(modele: type[Modele], cible: str) -> type[Modele]:
    return NESTED.get(cible, modele)


def _value(champ: Champ, modele: type[Modele]) -> Schema:
    field = modele.model_fields[champ.cible]
    several = get_origin(_bare(field.annotation)) is tuple
    kind = get_args(_bare(field.annotation))[0] if several else _bare(field.annotation)
    schema, example = BY_READER.get(champ.lire, ({"type": "string"}, None))
    schema = {**schema, **_allowed(kind, field.metadata)}
    if kind is UUID and champ.lire not in BY_READER:
        schema = {"type": ["string", "integer"], "minLength": 1, "maxLength": valeurs.MAX_ID_LENGTH}
        example = "4712" if several else "4711"
    example = schema["enum"][0] if "enum" in schema else example or "…"
    if not several or "enum" not in schema:  # `signataires` are SIRET in one message, codes in another
        example = _example_of(champ, kind, example)
    return (
        {"type": "array", "items": schema, "example": [example]}
        if several
        else {**schema, "example": example}
    )


def _written(champ: Champ, modele: type[Modele]) -> Schema:
    field = modele.model_fields[champ.cible]
    kind = _bare(field.annotation)
    allowed: Schema = {}
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
        written: Any = champ.ecrire((_sample(champ, kind, field.metadata),), AS_WRITTEN)
        sample: Any = list(written)
    else:
        allowed = _allowed(kind, field.metadata)
        sample = champ.ecrire(_sample(champ, kind, field.metadata), AS_WRITTEN)
    schema = _of(sample)
    plainly = sample in allowed.get("enum", ())
    return {**schema, **(allowed if plainly else {}), "example": sample}


def _sample(champ: Champ, kind: Any, metadata: list[Any]) -> Any:
    allowed = _allowed(kind, metadata).get("enum", ("…",))
    plain_kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return _example_of(champ, plain_kind, SAMPLES.get(plain_kind, allowed[0]))


def _example_of(champ: Champ, kind: Any, otherwise: Any) -> Any:
    named = EXAMPLES.get(champ.cible)
    fits = named is not None and (kind is int) == isinstance(named, int)
    return named if fits else otherwise


def _of(sample: Any) -> Schema:
    if isinstance(sample, dict):
        return {"type": "object", "properties": {name: _of(value) for name, value in sample.items()}}
    if isinstance(sample, list):
        return {"type": "array", "items": _of(sample[0])}
    kinds = {bool: "boolean", int: "integer", float: "number"}
    return {"type": kinds.get(type(sample), "string")}


def _allowed(kind: Any, metadata: list[Any]) -> Schema:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [str(value) for value in kind]}
    rules = (mark for mark in (*metadata, *getattr(kind, "__metadata__", ())) if isinstance(mark, Regle))
    values = next((rule.valeurs for rule in rules if rule.valeurs), None)
    return {"enum": list(values)} if values else {}


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(each for each in get_args(annotation) if each is not type(None))
    return annotation
