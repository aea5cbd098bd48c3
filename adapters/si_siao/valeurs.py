"""How SI-SIAO writes single values: integer ids, codes as `{id, libelle}`, tri-states."""

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
    """A reader of SI-SIAO's own integer ids."""
    read = valeurs.their_id(nature)

    def read_number(value: Any) -> object:
        if not valeurs.is_number(valeurs.code(value)):
            raise Illisible(
                "identifiant_illisible", "identifiant entier du SI-SIAO attendu : écrivez-le en chiffres"
            )
        return read(valeurs.code(value))

    return read_number


def number_of(value: UUID, view: View) -> int | None:
    """SI-SIAO's own integer id for one of ours, where it has given one."""
    theirs = view.ids.get(value, "")
    return int(theirs) if valeurs.is_number(theirs) else None


def uuid_of(value: UUID, view: View) -> str:
    """The hub's id, which SI-SIAO keeps as `identifiantExterne`."""
    return view.hub_id_of(value)


def all_uuids(values: tuple[UUID, ...], view: View) -> tuple[str, ...]:
    """The hub's ids of a list."""
    return tuple(uuid_of(value, view) for value in values)


def coded(value: Any) -> str | None:
    """A code: `{id, libelle}`, the id alone, or a list of one of them; None where nothing is known."""
    if isinstance(value, list):
        if len(value) > 1:
            raise Illisible("type_inattendu", "un seul code attendu, et non une liste : n'en gardez qu'un")
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("id", value.get("code"))
    return None if value is None or value in NOT_KNOWN else valeurs.code(value)


def labelled(liste: str) -> Ecrire:
    """A writer of codes of a list with their labels."""
    return lambda value, view: {"id": int(value), "libelle": libelle(liste, value)}


def all_labelled(liste: str) -> Ecrire:
    """A writer of lists of codes with their labels."""
    write = labelled(liste)
    return lambda value, view: tuple(write(code, view) for code in value)


def yes_no(value: bool, view: View) -> str:
    """A boolean as a tri-state; what is not known is left out."""
    return "OUI" if value else "NON"
