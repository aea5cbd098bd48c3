"""Convert JSON objects into contracts, and contracts into JSON objects. A field table gives, for each field
of the partner, the field of the contract.

Reading is tolerant in three ways only. Null or an empty list may stand for an absent object. A list with one
object may stand for this object. An object may stand for a list with this one object.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from adapters.inconnus import unknown_fields
from adapters.json_strict import CleEnDouble
from adapters.rejets import MAX_REJETS, OBJECT_EXPECTED, Chemin, Illisible
from adapters.reparations import repair_of
from adapters.valeurs import Lire
from contracts.base import Modele, classe_of, filled_in
from contracts.ports import Rejet, View

MAX_ITEMS = 50
"""Limit on the objects in one JSON list."""

Valeurs = dict[str, Any]
Ecrire = Callable[[Any, View], object]


def plain(value: Any, view: View) -> object:
    """Return a contract's value as JSON. An id becomes the id that the recipient knows, a date is written
    aaaa-mm-jj, and a moment is written as ISO 8601 says. Any other value stays unchanged. The items of a
    tuple are treated in the same way."""
    if isinstance(value, UUID):
        return view.id_of(value)
    if isinstance(value, tuple):
        return tuple(plain(item, view) for item in value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Champ:
    """Entry of a field table: the field's name in the contract (`cible`), the function that reads the field
    and the function that writes it. For a field that is only written, `lire` is None."""

    cible: str
    lire: Lire | None
    aide: str
    """Description for partners' developers."""
    ecrire: Ecrire = plain
    a_defaut: bool = False
    """Whether the field is a fallback: it is read only if no field before it has filled `cible`."""


@dataclass(frozen=True, slots=True)
class Objet:
    """Field table of one JSON or XML object in partners' messages. It tells how to read and write each field,
    by the partner's name for the field. `cible`: the nested field of the contract that the whole object
    fills; None if the object's fields are fields of the contract itself."""

    champs: Mapping[str, "Champ | Objet"]
    cible: str | None = None
    liste: bool = False
    ferme: bool = True
    """Whether an unknown field is a fault."""
    ignores: frozenset[str] = frozenset()
    """Fields that are ignored without a fault, such as comments."""

    def narrowed(self, modele: type[Modele]) -> "Objet":
        """Return a copy of this field table with only the fields of `modele`, a contract or a part of one. For
        a field that only the hub fills in, the copy keeps how to write the field, but not how to read it: a
        value that a partner sends there is ignored."""
        kept: dict[str, Champ | Objet] = {}
        for name, champ in self.champs.items():
            if isinstance(champ, Objet) and champ.cible is None:
                inner = champ.narrowed(modele)
                if inner.champs:
                    kept[name] = inner
            elif champ.cible in modele.model_fields and _fits(champ, modele):
                kept[name] = _unread(champ) if filled_in(modele, champ.cible) else champ
        return replace(self, champs=kept)


def _unread(champ: "Champ | Objet") -> "Champ | Objet":
    return champ if isinstance(champ, Objet) else replace(champ, lire=None)


def _fits(champ: "Champ | Objet", modele: type[Modele]) -> bool:
    """Tell whether the field table's entry `champ` and the field of `modele` that it fills are both nested
    objects, or both plain values."""
    return isinstance(champ, Objet) is (classe_of(modele, str(champ.cible)) is None)


@dataclass(slots=True)
class RowReader:
    """Reader of the values of one row, whose number is `ligne`. It adds the rejections of unreadable values
    to `rejets`."""

    ligne: int
    rejets: list[Rejet]
    repairs: list[Rejet] = field(default_factory=list)
    """Warnings about repaired values. They are kept only if the row is accepted."""

    def read(self, brut: Mapping[str, Any], table: Objet, path: str = "") -> Valeurs:
        """Return the values of the JSON object `brut`, by the contract's field names. `path`: where the
        object stands in the row, with a final dot. Unreadable values and unknown fields are left out, and
        `rejets` gets their rejections."""
        values: Valeurs = {}
        champs = table.champs
        unknown: list[str] = []
        for name, value in brut.items():
            if len(self.rejets) >= MAX_REJETS:
                break
            champ = champs.get(name)
            if champ is None:
                if table.ferme and name not in table.ignores:
                    unknown.append(name)
            elif value is None or value == "":
                continue
            elif isinstance(value, CleEnDouble):
                known = champ.champs if isinstance(champ, Objet) else ()
                self.rejets.append(value.rejet(self.ligne, f"{path}{name}.", known))
            elif isinstance(champ, Objet):
                self._read_nested(value, champ, path + name, values)
            elif champ.lire is not None and not (champ.a_defaut and champ.cible in values):
                try:
                    read = champ.lire(value)
                except Illisible as exc:
                    self.rejets.append(exc.rejet(self.ligne, path + name))
                else:
                    if read is not None:
                        values[champ.cible] = read
                        if read != value:
                            self.repairs += repair_of(value, read, self.ligne, path + name)
        if unknown:
            self.rejets += unknown_fields(unknown, list(champs), self.ligne, path)
        return values

    def _read_nested(self, value: Any, table: Objet, path: str, into: Valeurs) -> None:
        items = [item for item in (value if isinstance(value, list) else [value]) if item is not None]
        twice = [item for item in items if isinstance(item, CleEnDouble)]
        if twice:
            self.rejets.append(twice[0].rejet(self.ligne, f"{path}.", table.champs))
            return
        if not all(isinstance(item, dict) for item in items):
            self._blame(
                path,
                "liste d'objets attendue : écrivez-la entre crochets" if table.liste else OBJECT_EXPECTED,
            )
        elif len(items) > MAX_ITEMS:
            self._blame(path, f"{MAX_ITEMS} objets au plus attendus")
        elif table.liste:
            assert table.cible is not None
            into[table.cible] = tuple(
                self.read(item, table, f"{path}[{n}].") for n, item in enumerate(items, 1)
            )
        elif len(items) > 1:
            self._blame(path, "un seul objet attendu, et non une liste : n'en gardez qu'un")
        elif items:
            values = self.read(items[0], table, f"{path}.")
            into.update(values if table.cible is None else {table.cible: values})

    def _blame(self, path: str, message: str) -> None:
        self.rejets.append(Rejet("type_inattendu", message, self.ligne, path))


def write(modele: Modele, table: Objet, view: View) -> Valeurs:
    """Return the JSON object that the recipient of a contract gets. Its fields have the order of `table`.
    Fields without a value are left out. `modele`: the contract, or a nested part of it; `view`: the recipient,
    with the ids under which it knows subjects."""
    written: Valeurs = {}
    for name, champ in table.champs.items():
        if isinstance(champ, Champ):
            value = getattr(modele, champ.cible)
            value = None if value is None else champ.ecrire(value, view)
        else:
            value = _write_nested(modele, champ, view)
        if value is not None and value != () and value != {}:
            written[name] = value
    return written


def _write_nested(modele: Modele, table: Objet, view: View) -> object:
    if table.cible is None:
        return write(modele, table, view)
    value = getattr(modele, table.cible)
    if table.liste:
        return tuple(write(item, table, view) for item in value)
    return None if value is None else write(value, table, view)


def native_name(table: Objet, chemin: Chemin) -> str | None:
    """Return the dotted name by which the sender calls the contract's field at the path `chemin`. If `table`
    has no name for the field, return the name of the innermost object around it that has a name. Return None
    if there is no such object."""
    if not chemin:
        return None
    for name, champ in table.champs.items():
        if isinstance(champ, Objet) and champ.cible is None:
            inner = native_name(champ, chemin)
            if inner is not None:
                return f"{name}.{inner}"
        elif champ.cible == chemin[0] and not (isinstance(champ, Champ) and champ.lire is None):
            return name + _rest(champ, chemin[1:])
    return None


def _rest(champ: Champ | Objet, chemin: Chemin) -> str:
    if not chemin or isinstance(champ, Champ):
        return ""
    index = f"[{chemin[0] + 1}]" if champ.liste and isinstance(chemin[0], int) else ""
    inner = native_name(champ, chemin[1:] if index else chemin)
    return index + (f".{inner}" if inner else "")
