"""The reference pages of the settings and of the registry: names, types, bounds and defaults from the models, and a
French sentence for each from `docs/reglages.toml` and `docs/registre.toml`."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from contracts.partner import Partner
from router.settings import Settings
from tests.golden import cas

DOCS = cas.ICI.parents[1] / "docs"


def _tables(name: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the tables of a registry entry by name: the model's own and, recursively, those inside it, each kind of
    transport apart."""
    yield name, model
    for field, info in model.model_fields.items():
        for inner in _models(info.annotation):
            kind = inner.model_fields.get("type")
            about = field if kind is None else f"{field} (type {kind.default})"
            yield from _tables(about if name == ENTRY else f"{name}, {about}", inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


ENTRY = "partenaire"
SECTIONS: Mapping[str, type[BaseModel]] = dict(_tables(ENTRY, Partner))
"""Models of all tables in a partner's registry entry, by name."""
TYPES = {
    str: "texte",
    SecretStr: "texte",
    int: "entier",
    float: "nombre",
    date: "date",
    time: "`HH:MM`",
    bool: "oui ou non",
    Path: "chemin",
    IPv4Network: "réseau",
    IPv6Network: "réseau",
}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "max_length": "au plus"}


def settings() -> Iterable[tuple[str, ...]]:
    """Yield the header and one row for each setting, named by its environment variable."""
    said = _said("reglages.toml")
    yield "Variable", "Type", "Défaut", "Sens"
    for path, field in _settings(Settings):
        name = "SIAO_HUB_" + path.replace(".", "__").upper()
        yield f"`{name}`", _type(field), _default(field), said[path]


def section(name: str) -> Iterable[tuple[str, ...]]:
    """Yield the header and one row for each field of a table of the registry entry."""
    said = _said("registre.toml")[name]
    yield "Champ", "Type", "Défaut", "Sens"
    for field_name, field in SECTIONS[name].model_fields.items():
        needed = "**obligatoire**" if field.is_required() else _default(field)
        yield f"`{field_name}`", _type(field), needed, said[field_name]


def untold() -> set[str]:
    """Return the settings and fields without a French sentence, and the sentences about unknown ones."""
    known = {path for path, _ in _settings(Settings)}
    fields = {f"{name}: {field}" for name, model in SECTIONS.items() for field in model.model_fields}
    told = {f"{name}: {field}" for name, said in _said("registre.toml").items() for field in said}
    return (known ^ _said("reglages.toml").keys()) | (fields ^ told)


def _said(file: str) -> Mapping[str, Any]:
    return tomllib.loads((DOCS / file).read_text(encoding="utf-8"))


def _settings(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _settings(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}", field


def _type(field: FieldInfo) -> str:
    bounds = [f"{sign} {value}" for sign, value in _bounds(field.metadata)]
    return ", ".join([_named(field.annotation), *bounds])


def _bounds(metadata: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for rule in metadata:
        for name, sign in BOUNDS.items():
            if (value := getattr(rule, name, None)) is not None:
                yield sign, value


def _named(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _named(parts[0])
    if origin in (Union, UnionType):
        return " ou ".join(dict.fromkeys(_named(part) for part in parts if part is not NoneType))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in parts)
    if origin is tuple:
        return f"liste de {_named(parts[0])}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{value}`" for value in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    return TYPES[annotation]


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == () or field.is_required() or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return f"`{value}`"
