"""Scenarios, one TOML file each: who sends what when, and what each partner must receive."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import Misconfigured
from contracts.rythme import Fermeture, Rythme

Valeur = str | int | bool | date | datetime


class _Lu(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Geste(_Lu):
    """Message that a partner sends. Times are local; equal names stand for equal ids in the file."""

    le: datetime
    qui: str
    dit: str
    de: str
    avec: Mapping[str, Valeur | tuple[str, ...]] = {}
    applique_le: datetime | None = None
    """When the hub applies the message; None for at once."""


class Rattachement(_Lu):
    """A person's decision to attach an orphan answer to a referral."""

    le: datetime
    rattache: str
    a: str


class Trace(_Lu):
    """Message that a partner must receive (`le`: its moment, to within a minute), or never."""

    chez: str
    recoit: str
    de: str
    le: datetime | None = None
    avec: Mapping[str, Valeur] = {}


class Scenario(_Lu):
    """Content of a scenario's file, by its keys."""

    titre: str
    territoire: str
    fin: datetime
    injoignables: frozenset[str] = frozenset()
    """Partners that no delivery reaches."""
    rythmes: Mapping[str, Rythme] = {}
    """Rhythms of the partners whose silence the hub is to notice."""
    fermetures: Mapping[str, tuple[Fermeture, ...]] = {}
    geste: tuple[Geste, ...]
    decision: tuple[Rattachement, ...] = ()
    attendu: tuple[Trace, ...]
    jamais: tuple[Trace, ...] = ()


def read(path: Path) -> Scenario:
    """Read a scenario from its file. Raises Misconfigured, in French."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scenario(**content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"scénario illisible : {path.name} ({exc})") from exc
    except ValidationError as exc:
        where = ".".join(str(part) for part in exc.errors()[0]["loc"])
        raise Misconfigured(f"scénario illisible : {path.name}, « {where} »") from exc
