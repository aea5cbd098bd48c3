"""Messages with a unique value (canary) in each field for free text, made from the schemas that the hub publishes.

Fields are found by the schema, so a field that is added to a dialect gets a canary too.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, cast

from adapters.registry import ADAPTERS
from contracts.base import Contrat, Modele, classe_of
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Native
from contracts.privacy import Classe
from router.intake.bodies import Schema, bodies
from tests.unit.router.privacy.champs import Path, fields

SHAPES = ("Canari{:04d}", "06 39 98 {:02d} {:02d}", "0590326{:06d}G0001")
"""Forms of a canary: a word, a fictional telephone number, a numéro unique."""
LIKE_ONE = re.compile(r"Canari\d+|(?:\+33|0)[\d ]{8,}\w*")
"""Pattern of everything that may be a canary, also in the form that a contract gives it."""


@dataclass(frozen=True)
class Canary:
    """A value that occurs in one field of one message and nowhere else."""

    contrat: type[Contrat]
    path: Path
    classe: Classe
    written: tuple[str, ...]
    """The value as it was sent, and as the contract has it."""

    def is_in(self, text: str) -> bool:
        return any(each in text for each in self.written)


def alike(text: str) -> str:
    """Return the parts of a text that look like canaries, so that hundreds of canaries need not be searched in all
    of it."""
    return "\n".join(LIKE_ONE.findall(text))


@dataclass(frozen=True)
class Told:
    """An accepted message with its canaries."""

    body: Mapping[str, Any]
    canaries: tuple[Canary, ...]


def messages(partner: Partner, dialect: str) -> list[Told]:
    """Return one message of each event type that a dialect reads, as this partner may send it."""
    return [_grown(partner, dialect, event) for event in bodies()[dialect].lus]


@cache
def _number() -> Iterator[int]:
    return iter(range(1, 9_999))


def _grown(partner: Partner, dialect: str, event: str) -> Told:
    """Return the schema's example of an event, with a canary in each field that accepts one."""
    schema = bodies()[dialect].lus[event]
    body, canaries = schema["example"], []
    for where in _texts(schema):
        number = next(_number())
        for shape in SHAPES:
            halves = divmod(number, 100) if shape.count("{") == 2 else (number,)
            sent = shape.format(*halves)
            tried = _with(body, where, sent)
            canary = _read(partner, dialect, tried, sent)
            if canary is not None:
                body = tried
                canaries.append(canary)
                break
    return Told(body, tuple(canaries))


def _read(partner: Partner, dialect: str, body: Mapping[str, Any], sent: str) -> Canary | None:
    """Return the canary for this value, with the contract's field in which it ends up; None if the message is
    rejected with it, or no field has it."""
    native = Native(json.dumps(body).encode(), "application/json")
    try:
        (ligne,) = ADAPTERS[dialect].decode(native, partner).lignes
    except InvalidNative:
        return None
    if ligne.rejets or ligne.contrat is None:
        return None
    compact = sent.replace(" ", "")
    for path, holder, name in fields(ligne.contrat):
        value = str(getattr(holder, name))
        if compact.lstrip("0") in value.replace(" ", ""):
            return Canary(type(ligne.contrat), path, _classe(holder, name), (sent, compact, value))
    return None


def _classe(holder: Modele, name: str) -> Classe:
    found = classe_of(type(holder), name)
    assert found is not None
    return found


def _texts(schema: Schema, before: Path = ()) -> Iterator[Path]:
    """Yield the paths of all free text fields of a schema: no codes, dates or constants."""
    for name, field in schema.get("properties", {}).items():
        path = (*before, name)
        if field.get("type") == "object":
            yield from _texts(field, path)
        elif field.get("type") == "array" and field["items"].get("type") == "object":
            yield from _texts(field["items"], (*path, 0))
        elif field.get("type") == "string" and not {"enum", "format", "const"} & field.keys():
            yield path


def _with(body: Mapping[str, Any], path: Path, value: str) -> Mapping[str, Any]:
    """Return a copy of the body with this value at this path. Objects on the way are created."""
    changed: Any = deepcopy(dict(body))
    place = changed
    for step, following in pairwise(path):
        if isinstance(step, int):
            place.extend({} for _ in range(step + 1 - len(place)))
        elif step not in place:
            place[step] = [] if isinstance(following, int) else {}
        place = place[step]
    place[path[-1]] = value
    return cast(Mapping[str, Any], changed)


def of_personal(told: Sequence[Told]) -> list[Canary]:
    """Return the canaries in fields of class C2 and above, which must never occur in clear."""
    return [canary for one in told for canary in one.canaries if canary.classe >= Classe.C2]
