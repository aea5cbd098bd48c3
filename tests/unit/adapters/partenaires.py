"""The partners of the adapter tests, and functions that decode and encode in their name."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from adapters.json_schema import EXAMPLES
from adapters.registry import ADAPTERS
from adapters.tabulaire.champs import champ
from contracts.base import Contrat
from contracts.envelope import Event
from contracts.partner import Partner
from contracts.ports import Decoded, Ligne, Native, View
from contracts.v1 import CONTRATS
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.convention import ConventionSignee, DerogationAccordee
from tests.golden.cas import evenement, partenaire

ABRI = partenaire("hebergement_json", {})
SIAO = partenaire("si_siao_json", {})
BAILLEUR = partenaire("bailleur_xml", {})
STRUCTURE, PROTEGEE, AUTRE = "010000024", "750000184", "010000032"
ORIENTATION = "7b0e8f1c-5d7c-4a57-9f3e-0c2f6f0a1101"
CANDIDATURE = "c2a7d5e0-3b1f-4f6e-9a58-2f60b1d0e201"


def read(dialecte: str, body: bytes | str | object, partner: Partner = ABRI) -> Decoded:
    """Decode bytes, text or a JSON tree as this partner's message."""
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return ADAPTERS[dialecte].decode(Native(body, "application/octet-stream"), partner)


def only(decoded: Decoded) -> Ligne:
    """Return the only row of a message."""
    (ligne,) = decoded.lignes
    return ligne


def contract(decoded: Decoded) -> Contrat:
    """Return the contract of the only row of a message. Fails if the row was rejected."""
    ligne = only(decoded)
    assert ligne.contrat is not None, ligne.rejets
    return ligne.contrat


def event(type_: str, data: Mapping[str, Any]) -> Event:
    """Return an event with these data."""
    return evenement(
        {"id": str(UUID(int=1)), "type": type_, "time": "2026-03-01T09:30:00+00:00", "data": dict(data)}
    )


def written(dialecte: str, event: Event, ids: Mapping[UUID, str] | None = None) -> Native:
    """Return an event encoded in a dialect. `ids`: the partner's ids, by the hub's."""
    return ADAPTERS[dialecte].encode([event], View(ABRI, ids or {}))


def minimal(contrat: type[Contrat]) -> Event:
    """Return an event with the smallest data that its contract accepts."""
    values = {
        name: _least(contrat, name) for name, info in contrat.model_fields.items() if info.is_required()
    }
    values |= {"structure": STRUCTURE} if "structure" in contrat.model_fields else {}
    try:
        return event(contrat.TYPE, {**values, **_WHOLE.get(contrat, {})})
    except ValidationError as exc:
        raise LookupError(
            f"{contrat.NOM} : une valeur que lisent ces champs, dans EXAMPLES (adapters/json_schema.py) : {exc}"
        ) from exc


def every_event() -> list[Event]:
    """Return one event of each type."""
    return [minimal(contrat) for contrat in CONTRATS.values()]


def _least(contrat: type[Contrat], name: str) -> Any:
    """Return a value for a field by its name, or else by its type; for a code list its first code."""
    found = champ(contrat, name)
    assert found is not None
    if found.type is not UUID and (name in _LEAST or not isinstance(found.type, type)):
        assert name in _LEAST, f"une valeur de « {name} », dans EXAMPLES (adapters/json_schema.py)"
        return _LEAST[name]
    if issubclass(found.type, Enum):
        return str(next(iter(found.type)))
    return _LEAST_OF.get(found.type, str(UUID(int=7)))


_LEAST: Mapping[str, Any] = {
    **EXAMPLES,
    "menage": {"id": str(UUID(int=3)), "composition": "20", "adultes": 1},
    "type_evenement": "fr.siao.offre.place.vacante.v1",
    "partenaire": "abri",
    "signataires": ["26010004500012", "26010004500012"],
}
_WHOLE: Mapping[type[Contrat], Mapping[str, Any]] = {
    CandidaturePresentee: {"menage": {**_LEAST["menage"], "numero_unique": "1110318016982G1104"}},
    ConventionSignee: {"partenaire": "26010004500012"},
    DerogationAccordee: {"quota": 2, "du": "2026-01-01", "au": "2027-01-01"},
}
"""Further fields that a contract demands besides its obligatory ones."""
_LEAST_OF: Mapping[type, Any] = {bool: True, int: 1, date: "2026-03-05", datetime: "2026-03-05T10:00:00Z"}
