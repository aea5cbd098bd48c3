"""Reading of the settings from environment variables. The name of such a variable is `SIAO_HUB_` and the name
of the setting. If the setting stands in a section, the section's name and `__` come between the two. A list
is written in JSON. Any other variable is ignored, such as those that hold secrets of registry entries
(`env:`)."""

from collections.abc import Mapping
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from contracts.errors import Misconfigured
from ops.partners.faults import french
from router.settings import Settings

PREFIX = "SIAO_HUB_"
BETWEEN = "__"


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return the settings that these environment variables give. Raises Misconfigured if a variable is wrong;
    the error names the variable, and does not tell its value."""
    try:
        return Settings.model_validate(_said(Settings, PREFIX, environment))
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        names = [str(part).upper() for part in first["loc"] if isinstance(part, str)]
        raise Misconfigured(f"réglage {PREFIX}{BETWEEN.join(names)} : {french(first)}") from exc


def _said(section: type[BaseModel], start: str, environment: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        variable, kind = start + name.upper(), field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            said[name] = _said(kind, variable + BETWEEN, environment)
        elif variable in environment:
            said[name] = _value(variable, environment[variable], several=get_origin(kind) is tuple)
    return said


def _value(variable: str, text: str, *, several: bool) -> object:
    if not several:
        return text
    try:
        return from_json(text)
    except ValueError:
        raise Misconfigured(f'réglage {variable} : liste JSON attendue, comme ["un", "deux"]') from None
