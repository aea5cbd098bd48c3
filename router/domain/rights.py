"""Determine which fields of an event a recipient may see, by the privacy matrix (`matrix.toml`).

A field that the matrix does not allow is hidden. If a recipient may see nothing of a privacy class, the
fields of this class are not even decrypted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from contracts.base import Modele, is_sealed
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.sealed import Arbre, clear_classes, keep_paths

ALL = frozenset({"*"})
"""Value that stands for all fields of a privacy class, in place of their paths."""
REGISTRAR = "guichet_enregistreur"
"""Name of a table in `matrix.toml`, inside the table of a type of partner. It has the rights of the partners
of this type that register demands for social housing."""
LINKS = "liens"
"""Name of a key in `matrix.toml`. Its value is true if a type of partner may see the ids of other subjects
that a message cites."""


class Stade(StrEnum):
    """Stage of a partner's work with a household. The stage decides what the partner may read."""

    AVANT = "avant_admission"
    ADMIS = "apres_admission"
    SOLLICITE = "transfert_propose"
    """A SIAO is asked to take over the household's demand."""
    ECARTE = "sans_admission"
    """The recipient no longer deals with the household: the referral was refused or withdrawn, the household
    did not come, or it left the list."""


@dataclass(frozen=True, slots=True)
class Droits:
    """The fields that partners of one type may read. For each privacy class, these are all fields (`ALL`), or
    only the fields with the given dotted paths."""

    paths: Mapping[Classe, frozenset[str]]
    links: bool = False
    """True if these partners may see the ids of other subjects that a message cites."""

    def may_open(self, classe: Classe) -> bool:
        """Tell whether partners with these rights may read at least one field of the privacy class `classe`."""
        return bool(self.paths.get(classe))

    def may_receive(self, contrat: type[Modele]) -> bool:
        """Tell whether partners with these rights may receive messages of the type `contrat`. They must have
        the right to read something of every privacy class that occurs in the unencrypted fields of this
        type."""
        return all(map(self.may_open, clear_classes(contrat)))

    def reduce(self, classe: Classe, tree: Arbre) -> Arbre:
        """Return those fields of `tree` that partners with these rights may read. All fields of `tree` have the
        privacy class `classe`."""
        allowed = self.paths.get(classe, frozenset())
        return tree if allowed is ALL else keep_paths(tree, allowed)

    def in_clear(self) -> "Droits":
        """Return these rights, limited to the privacy classes that are not encrypted (C0 and C1)."""
        clear = {classe: paths for classe, paths in self.paths.items() if not is_sealed(classe)}
        return Droits(clear, self.links)


NOTHING = Droits({})
WHOLE = Droits(dict.fromkeys(Classe, ALL), links=True)
"""Right to read all of a message, for the hub itself."""


def rights(famille: Famille, stade: Stade = Stade.AVANT, registrar: bool = False) -> Droits:
    """Return what partners of a type may read at a stage of their work with a household. `registrar` is true
    for a partner that registers demands for social housing: such a partner has other rights."""
    return _matrix().get((famille, registrar, stade), NOTHING)


@cache
def _matrix() -> Mapping[tuple[Famille, bool, Stade], Droits]:
    data = tomllib.loads(files("router.domain").joinpath("matrix.toml").read_text(encoding="utf-8"))
    rows: dict[tuple[Famille, bool, Stade], Droits] = {}
    for name, row in data.items():
        for registrar, table in ((False, row), (True, row.get(REGISTRAR, row))):
            before = _droits(table)
            aside = before.in_clear()
            usual = {
                Stade.AVANT: before,
                Stade.ADMIS: before,
                Stade.SOLLICITE: aside,
                Stade.ECARTE: aside,
            }
            rows |= {
                (Famille(name), registrar, stade): _droits(table[stade]) if stade in table else usual[stade]
                for stade in Stade
            }
    return rows


def _droits(row: Mapping[str, object]) -> Droits:
    droits = {classe: _paths(row[classe.name]) for classe in Classe if classe.name in row}
    if any(droits.get(classe, ALL) is not ALL for classe in Classe if not is_sealed(classe)):
        raise ValueError("matrice : C0 et C1 valent true, ou ne figurent pas")
    return Droits(droits, row.get(LINKS) is True)


def _paths(value: object) -> frozenset[str]:
    if value is True:
        return ALL
    if isinstance(value, list):
        return frozenset(map(str, value))
    raise ValueError("matrice : true ou une liste de champs")
