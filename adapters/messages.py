"""Read and write JSON dialects of events. A message is one object, or an array of objects; each object is one
event, with its type and its event id."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from adapters.alertes import EXPLICATION, explication, table_of
from adapters.declaration import Declaration
from adapters.evenements import build, carried, single, with_event_id
from adapters.json_strict import EXPECTED, WHOLE_BYTES, CleEnDouble, elements, parse_json
from adapters.nir import MAX_ROWS_LISTED, any_nir, may_hold_nir, refused_whole
from adapters.objets import Objet, RowReader, native_name, write
from adapters.rejets import Illisible, unknown_type
from contracts.base import Contrat, people_in
from contracts.envelope import Event
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native, Rejet, View

MEDIA_TYPE = "application/json"
ENTETE = frozenset({"type", "dateMessage", "emetteur", "commentaire"})
"""Fields that every event may have, beside those of its field table. The hub ignores all of them but
`type`."""

IDENTIFIANT = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
"""Pattern of a sender's own id of an event."""


@dataclass(frozen=True, slots=True)
class Dialecte:
    """JSON dialect of events. `entrants`, `sortants`, `tables`: the events that it reads, the events that it
    writes, and the field tables of both, by short name. `cle`: the name of the field with the event id."""

    cle: str
    entrants: Mapping[str, type[Contrat]]
    sortants: Mapping[str, type[Contrat]]
    tables: Mapping[str, Objet]
    citants: tuple[Objet, ...]
    """Field tables for an event of an unknown type, with which the hub finds the ids that the event cites."""

    @classmethod
    def of(
        cls,
        cle: str,
        entrants: Mapping[str, type[Contrat]],
        sortants: Mapping[str, type[Contrat]],
        evenement: Objet,
        propres: Mapping[str, Objet] = MappingProxyType({}),
    ) -> "Dialecte":
        """Make the dialect that reads the events `entrants` and writes the events `sortants`, by short name.
        `cle`: the name of the field with the event id. `propres`: by short name, field tables for one event
        each. Without a table there, an alert has the table that all dialects share; any other event has the
        table `evenement`."""
        tables = {
            name: propres.get(name) or table_of(contrat, evenement)
            for name, contrat in {**entrants, **sortants}.items()
        }
        return cls(cle, entrants, sortants, tables, citants=(evenement,))

    def declared(self, nom: str, *familles: Famille) -> Declaration:
        """Return the description of this dialect. `nom`: the dialect's name, such as `spip_json`; `familles`:
        the types of partner that use it."""
        return Declaration(
            nom=nom,
            familles=familles,
            lit=tuple(self.entrants.values()),
            ecrit=tuple(self.sortants.values()),
            formats_lus=("json",),
            formats_ecrits=("json",),
            lit_plusieurs=True,
            ecrit_au_plus=1,
        )

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Read one JSON event, or an array of at least one. Raises InvalidNative for any other JSON, and for
        bytes that are no JSON."""
        if len(native.body) > WHOLE_BYTES:
            return _decode_long(native.body, partner, self)
        tree = parse_json(native.body)
        if not isinstance(tree, (dict, list, CleEnDouble)):
            raise InvalidNative(EXPECTED)
        items = tree if isinstance(tree, list) else [tree]
        if not items:
            raise InvalidNative("liste vide : envoyez au moins un événement")
        if _may_hold_nir(native.body) and (guilty := _with_nir(items)):
            return refused_whole(guilty)
        cle = event_key(tree, self.cle) if isinstance(tree, dict) else None
        return Decoded(lignes(items, partner, self), cle)

    def encode(self, events: Sequence[Event], view: View) -> Native:
        """Write one event as JSON. `view`: the recipient, with the ids under which it knows subjects. Raises
        Unroutable for a message type that the dialect does not write. Raises ValueError if `events` has no
        event, or several."""
        event = single(events)
        name, attributes = carried(event, self.sortants), event.attributes
        message = {
            self.cle: str(attributes.id),
            "type": name,
            "dateMessage": attributes.time.isoformat(timespec="seconds"),
            **write(event.contrat, self.tables[name], view),
        }
        if (why := explication(event.contrat, view.partner.famille)) is not None:
            message[EXPLICATION] = why
        return Native(to_json(message), MEDIA_TYPE, f"{name.split('.')[0]}_{attributes.id}.json")


def _decode_long(body: bytes, partner: Partner, dialecte: Dialecte) -> Decoded:
    """Read a long array twice, to stay in constant memory: first to look for NIR, then to decode its events."""
    suspect, numero, guilty = _may_hold_nir(body), 0, list[int]()
    for numero, item in enumerate(elements(body), 1):
        if suspect and holds_nir(item):
            guilty.append(numero)
        if len(guilty) == MAX_ROWS_LISTED:
            break
    if not numero:
        raise InvalidNative("liste vide : envoyez au moins un événement")
    return refused_whole(guilty) if guilty else Decoded(lignes(elements(body), partner, dialecte))


def _may_hold_nir(body: bytes) -> bool:
    return may_hold_nir(body) or b"\\u" in body


def _with_nir(items: Iterable[Any]) -> list[int]:
    guilty = (numero for numero, item in enumerate(items, 1) if holds_nir(item))
    return list(islice(guilty, MAX_ROWS_LISTED))


def holds_nir(item: Any) -> bool:
    """Return whether an event contains a NIR, in any field."""
    return any_nir(_strings(item))


def _strings(tree: Any) -> Iterator[str]:
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            pending += reversed(node.values())
            yield from node
        elif isinstance(node, (list, CleEnDouble)):
            pending += reversed(node.contenu if isinstance(node, CleEnDouble) else node)
        else:
            yield str(node)


def event_key(item: Mapping[str, Any], name: str) -> str | None:
    """Return the event id that the sender wrote in the field `name` of `item`, the only event of a message.
    The id serves as the message's idempotency key. Return None if the field is missing or null. Raises
    InvalidNative for a malformed id."""
    try:
        return _own_id(item, name)
    except Illisible as exc:
        raise InvalidNative(f"« {name} » : {exc}") from None


def _own_id(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is None:
        return None
    written = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not IDENTIFIANT.fullmatch(written):
        raise Illisible(
            "identifiant_illisible",
            "identifiant illisible : écrivez 1 à 100 lettres sans accent, chiffres ou . _ : / -",
        )
    return written


def lignes(items: Iterable[Any], partner: Partner, dialecte: Dialecte) -> Iterator[Ligne]:
    """Yield a row for each event of a partner's message, with the event's contract or its rejections.
    `items`: the events, parsed but not yet checked."""
    for numero, item in enumerate(items, 1):
        yield _ligne(item, numero, partner, dialecte)


def _ligne(item: Any, numero: int, partner: Partner, dialecte: Dialecte) -> Ligne:
    if not isinstance(item, dict):
        return _refused(numero, item, dialecte)
    name = item.get("type")
    contrat = dialecte.entrants.get(name) if isinstance(name, str) else None
    if contrat is None:
        return _unknown_type(item, numero, dialecte)
    table = dialecte.tables[str(name)]
    reading, cle = RowReader(numero, []), None
    values = reading.read(item, table)
    try:
        cle = _own_id(item, dialecte.cle)
    except Illisible as exc:
        reading.rejets.append(exc.rejet(numero, dialecte.cle))
    name_of = partial(native_name, table)
    ligne = build(contrat, values, partner, numero, name_of, reading.rejets, reading.repairs)
    return with_event_id(ligne, cle)


def _cited(item: Mapping[str, Any], dialecte: Dialecte) -> tuple[UUID, ...]:
    read = (people_in(RowReader(0, []).read(item, table)) for table in dialecte.citants)
    return tuple(dict.fromkeys(chain.from_iterable(read)))


def _refused(numero: int, item: Any, dialecte: Dialecte) -> Ligne:
    if isinstance(item, CleEnDouble):
        known = {name for table in dialecte.tables.values() for name in (*table.champs, *table.ignores)}
        return Ligne(numero, rejets=(item.rejet(numero, known={dialecte.cle, *ENTETE, *known}),))
    return Ligne(
        numero,
        rejets=(
            Rejet("type_inattendu", "objet JSON attendu : écrivez chaque événement entre accolades", numero),
        ),
    )


def _unknown_type(item: Mapping[str, Any], numero: int, dialecte: Dialecte) -> Ligne:
    absent = item.get("type") is None
    what = "type absent" if absent else "type d'événement inconnu"
    message = unknown_type(dialecte.entrants, item.get("type"), what)
    code = "champ_absent" if absent else "type_inconnu"
    reference = None
    with suppress(Illisible):
        reference = _own_id(item, dialecte.cle)
    return Ligne(
        numero,
        rejets=(Rejet(code, message, numero, "type", reference),),
        lus=_cited(item, dialecte),
    )
