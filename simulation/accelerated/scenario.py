"""A scenario: who says what when, and what its partners' journals must hold in the end. One TOML file each."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import Misconfigured

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
    geste: tuple[Geste, ...]
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
