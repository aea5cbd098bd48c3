"""A scenario: who says what when, and what its partners' journals must hold in the end. One TOML file each."""

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
    """What a partner says. Times are the territory's own; a name stands for an id, the same wherever it stands."""

    le: datetime
    qui: str
    dit: str
    de: str
    avec: Mapping[str, Valeur | tuple[str, ...]] = {}
    applique_le: datetime | None = None
    """When the hub comes to apply it, where that is later than its 202."""


class Rattachement(_Lu):
    """What somebody decides of an answer that matched nothing: it is about this referral."""

    le: datetime
    rattache: str
    a: str


class Trace(_Lu):
    """What a partner's journal holds; `le`, where it is given, to within a minute."""

    chez: str
    recoit: str
    de: str
    le: datetime | None = None
    avec: Mapping[str, Valeur] = {}


class Scenario(_Lu):
    """What happens, in the words of its file."""

    titre: str
    territoire: str
    fin: datetime
    injoignables: frozenset[str] = frozenset()
    """Partners that nothing reaches."""
    rythmes: Mapping[str, Rythme] = {}
    """When partners say something, where the hub is to watch for it."""
    fermetures: Mapping[str, tuple[Fermeture, ...]] = {}
    geste: tuple[Geste, ...]
    decision: tuple[Rattachement, ...] = ()
    attendu: tuple[Trace, ...]
    jamais: tuple[Trace, ...] = ()


def read(path: Path) -> Scenario:
    """Raises Misconfigured, in French."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Scenario(**content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"scénario illisible : {path.name} ({exc})") from exc
    except ValidationError as exc:
        where = ".".join(str(part) for part in exc.errors()[0]["loc"])
        raise Misconfigured(f"scénario illisible : {path.name}, « {where} »") from exc
