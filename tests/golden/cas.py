"""The golden cases: what a partner's bytes decode to, and which bytes an event is encoded as.

`<dialecte>/<cas>.<format>` decodes to `<cas>.attendu.json`. `<dialecte>/sortie/<cas>.evenement.json`, together with
the events in its field `avec`, encodes to `<cas>.<format>`. Inputs are written by hand, byte by byte where bytes
matter. Families, formats and directions are those that the dialects declare.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.declaration import MEDIA_TYPES
from adapters.registry import ADAPTERS, TABULAIRES, declaration
from connectors.problem import rejet_json
from contracts.base import Reference
from contracts.envelope import Attributes, Event
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Ligne, Native, Rejet, View
from contracts.v1 import CONTRATS

ICI = Path(__file__).parent
ATTENDU = ".attendu.json"
EVENEMENT = ".evenement.json"
STRUCTURES = ("010000024", "26010004500012", "00705004000018", "2A0000022", "750000184")
STRUCTURES_PROTEGEES = ("750000184",)


@dataclass(frozen=True)
class Cas:
    """One golden case of a dialect: its input and its expected output."""

    dialecte: str
    entree: Path
    attendu: Path

    def __str__(self) -> str:
        return f"{self.dialecte}/{self.entree.name}"


def attendus(lit: bool) -> set[str]:
    """Return the dialects that must have cases for messages read (`lit`) or written: those with code of their own,
    and those that have some cases."""
    named = {nom for nom in ADAPTERS if nom not in TABULAIRES or (ICI / nom).exists()}
    return {nom for nom in named if (declaration(nom).lit if lit else declaration(nom).ecrit)}


@cache
def a_decoder() -> Sequence[Cas]:
    """Return the golden cases for decoding. A process looks for them once."""
    return [
        Cas(dialecte, entree, entree.with_name(entree.stem + ATTENDU))
        for dialecte in sorted(attendus(lit=True))
        for entree in sorted((ICI / dialecte).iterdir())
        if entree.is_file() and not entree.name.endswith(ATTENDU)
    ]


@cache
def a_encoder() -> Sequence[Cas]:
    """Return the golden cases for encoding. A process looks for them once."""
    cases = []
    for dialecte in sorted(attendus(lit=False)):
        for entree in sorted((ICI / dialecte / "sortie").glob(f"*{EVENEMENT}")):
            stem = entree.name.removesuffix(EVENEMENT)
            profil = json.loads(entree.read_text("utf-8")).get("partenaire", {}).get("profil")
            (written,) = declaration(dialecte, profil).formats_ecrits
            cases.append(Cas(dialecte, entree, entree.with_name(f"{stem}.{written}")))
    return cases


def partenaire(dialecte: str, ecarts: Mapping[str, Any]) -> Partner:
    """Return a partner that uses the dialect. `ecarts`: fields that the case changes."""
    entry = {
        "id": "partenaire-dore",
        "nom": "Partenaire doré",
        "famille": declaration(dialecte).familles[0],
        "territoire": "01",
        "structures": STRUCTURES,
        "structures_protegees": STRUCTURES_PROTEGEES,
        "dialectes": (dialecte,),
    }
    return Partner.model_validate({**entry, **ecarts})


def decode(cas: Cas, ecarts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the case's message decodes to, in the form of the expected file."""
    native = Native(cas.entree.read_bytes(), MEDIA_TYPES[cas.entree.suffix[1:]], cas.entree.name)
    result: dict[str, Any] = {"partenaire": dict(ecarts)} if ecarts else {}
    try:
        decoded = ADAPTERS[cas.dialecte].decode(native, partenaire(cas.dialecte, ecarts))
        read = {**result, "cle": decoded.cle, "lignes": [_ligne(ligne) for ligne in decoded.lignes]}
        return {**read, **_warned(decoded.avertissements)}
    except InvalidNative as exc:
        return {**result, "illisible": str(exc)}


def expected(cas: Cas) -> dict[str, Any]:
    """Return the content of a decoding case's expected file; empty if it does not exist."""
    wanted: dict[str, Any] = json.loads(cas.attendu.read_text("utf-8")) if cas.attendu.exists() else {}
    return wanted


def encode(cas: Cas) -> Native:
    """Return what the case's events are encoded as."""
    event = json.loads(cas.entree.read_text("utf-8"))
    return ADAPTERS[cas.dialecte].encode([*map(evenement, together(event))], view(cas.dialecte, event))


def together(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the events of a case: one, or several with those in its field `avec`."""
    return (event, *event.get("avec", ()))


def whole(native: Native) -> bytes:
    """Return everything that a delivery contains: its body, or for a set each file after a line with its name."""
    if not native.avant:
        return native.body
    return b"".join(f"== {file.filename}\n".encode() + file.body for file in (*native.avant, native))


def evenement(event: Mapping[str, Any]) -> Event:
    """Return the event that a case's file describes."""
    data = CONTRATS[event["type"]].model_validate_json(json.dumps(event["data"]))
    attributes = Attributes(
        id=UUID(event["id"]),
        type=event["type"],
        source="partenaire-dore",
        subject=data.sujet,
        time=datetime.fromisoformat(event["time"]),
        territoire="01",
        correlationid=UUID(event["id"]),
    )
    return Event(attributes, data)


def view(dialecte: str, event: Mapping[str, Any]) -> View:
    """Return the recipient of a case's events, with its own ids."""
    ids = {UUID(ours): theirs for ours, theirs in event.get("ids", {}).items()}
    return View(partenaire(dialecte, event.get("partenaire", {})), ids)


def _ligne(ligne: Ligne) -> dict[str, Any]:
    if ligne.contrat is None:
        return {"numero": ligne.numero, "rejets": [rejet_json(rejet) for rejet in ligne.rejets]}
    return {
        "numero": ligne.numero,
        "type": ligne.contrat.TYPE,
        "contrat": _shown(ligne.contrat.model_dump(exclude_none=True)),
        **_warned(ligne.avertissements),
    }


def _warned(avertissements: Sequence[Rejet]) -> dict[str, Any]:
    return {"avertissements": [rejet_json(each) for each in avertissements]} if avertissements else {}


def _shown(value: Any) -> Any:
    """Return a contract's values for JSON. A partner's own id is marked by the kind of its subject."""
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_shown(item) for item in value]
    if isinstance(value, Reference):
        return f"{value.nature}:{value.valeur}"
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
