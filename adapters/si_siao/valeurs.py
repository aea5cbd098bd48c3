"""Single values as SI-SIAO writes them: integer ids, codes as `{id, libelle}`, yes, no or unknown."""

from typing import Any
from uuid import UUID

from adapters import valeurs
from adapters.objets import Ecrire
from adapters.rejets import Illisible
from adapters.valeurs import Lire
from contracts.base import Nature
from contracts.ports import View
from contracts.reference.codes import libelle

NOT_KNOWN = ("", "NR", "NON_RENSEIGNE")


def number_id(nature: Nature) -> Lire:
    """Return a reader of the integer ids that SI-SIAO gives to subjects of the kind `nature`. The reader raises
    Illisible for any other value."""
    read = valeurs.their_id(nature)

    def read_number(value: Any) -> object:
        if not valeurs.is_number(valeurs.code(value)):
            raise Illisible(
                "identifiant_illisible", "identifiant entier du SI-SIAO attendu : écrivez-le en chiffres"
            )
        return read(valeurs.code(value))

    return read_number


def number_of(value: UUID, view: View) -> int | None:
    """Return the integer by which SI-SIAO knows the subject `value`, an id of the hub. Return None if SI-SIAO
    has given the subject no integer."""
    theirs = view.ids.get(value, "")
    return int(theirs) if valeurs.is_number(theirs) else None


def uuid_of(value: UUID, view: View) -> str:
    """Return, as text, the id by which the hub names the subject `value` to SI-SIAO: the pseudonym of a
    household, the hub's own id of any other subject."""
    return view.hub_id_of(value)


def household_uuid_of(value: UUID, view: View) -> str:
    """Return the value of `identifiantExterne` for a household: the SIAO's own id of the household. If this
    id is missing or an integer, return the household's pseudonym for this SIAO."""
    theirs = view.ids.get(value, "")
    return view.hub_id_of(value) if not theirs or valeurs.is_number(theirs) else theirs


def all_uuids(values: tuple[UUID, ...], view: View) -> tuple[str, ...]:
    return tuple(uuid_of(value, view) for value in values)


def coded(value: Any) -> str | None:
    """Return the id of a SI-SIAO code as text. `value` may be an object `{id, libelle}`, the id alone, or a
    list with one such object or id. Return None for null, an empty list, or a code that means "not known".
    Raises Illisible for any other value."""
    if isinstance(value, list):
        if len(value) > 1:
            raise Illisible("type_inattendu", "un seul code attendu, et non une liste : n'en gardez qu'un")
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("id", value.get("code"))
    return None if value is None or value in NOT_KNOWN else valeurs.code(value)


def labelled(liste: str) -> Ecrire:
    """Return a writer that turns a code of the SI-SIAO list `liste` into `{id, libelle}`."""
    return lambda value, view: {"id": int(value), "libelle": libelle(liste, value)}


def all_labelled(liste: str) -> Ecrire:
    """Return a writer that turns each of several codes of the SI-SIAO list `liste` into `{id, libelle}`."""
    write = labelled(liste)
    return lambda value, view: tuple(write(code, view) for code in value)


def yes_no(value: bool, view: View) -> str:
    """Return OUI for true, NON for false."""
    return "OUI" if value else "NON"
