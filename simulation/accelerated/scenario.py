"""Scenarios: who sends what when, and the required content of the partners' journals. One TOML file each."""

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
    """A message of a partner. Times are local to the territory; a name stands for one id everywhere."""

    le: datetime
    qui: str
    dit: str
    de: str
    avec: Mapping[str, Valeur | tuple[str, ...]] = {}
    applique_le: datetime | None = None
    """When the hub applies it, if later than its 202."""


class Rattachement(_Lu):
    """A person's decision to attach an orphan answer to a referral."""

    le: datetime
    rattache: str
    a: str


class Trace(_Lu):
    """An entry of a partner's journal; `le`, if given, to within a minute."""

    chez: str
    recoit: str
    de: str
    le: datetime | None = None
    avec: Mapping[str, Valeur] = {}


class Scenario(_Lu):
    """A scenario, in the words of its file."""

    titre: str
    territoire: str
    fin: datetime
    injoignables: frozenset[str] = frozenset()
    """Partners that nothing reaches."""
    rythmes: Mapping[str, Rythme] = {}
    """Partners' rhythms, where the hub is to watch them."""
    fermetures: Mapping[str, tuple[Fermeture, ...]] = {}
    geste: tuple[Geste, ...]
    decision: tuple[Rattachement, ...] = ()
    attendu: tuple[Trace, ...]
    jamais: tuple[Trace, ...] = ()


def read(path: Path) -> Scenario:
    """Read a scenario. Raises Misconfigured, in French."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scenario(**content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"scénario illisible : {path.name} ({exc})") from exc
    except ValidationError as exc:
        where = ".".join(str(part) for part in exc.errors()[0]["loc"])
        raise Misconfigured(f"scénario illisible : {path.name}, « {where} »") from exc
