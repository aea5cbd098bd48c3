"""Determine, by the privacy matrix, which fields of an event a recipient may see. Pure.

A field that the matrix does not name is hidden. If the recipient may see no field of a privacy class, the hub does
not even decrypt this class.
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
"""Stands for all fields of a privacy class, where the paths of some fields could be listed."""
REGISTRAR = "guichet_enregistreur"
"""Name of a table in the privacy matrix (`matrix.toml`), inside the table of a type of partner. It is for a
local authority that registers demands for social housing. Such a partner has the rights of this table in
place of those of its type."""
LINKS = "liens"
"""Key in the privacy matrix (`matrix.toml`), in the table of a type of partner. Its value is true if such
partners may see the ids of other demands, referrals or candidacies that a message cites."""


class Stade(StrEnum):
    """Stage that a household's file has reached at its recipient. The rights that the privacy matrix
    (`matrix.toml`) gives to the recipient depend on it."""

    AVANT = "avant_admission"
    ADMIS = "apres_admission"
    SOLLICITE = "transfert_propose"
    """A SIAO is asked to take over the household's demand, and has not yet accepted."""
    ECARTE = "sans_admission"
    """The recipient no longer deals with the household: the referral was refused or withdrawn, the household
    did not come, or it left the list of households ready for housing."""


@dataclass(frozen=True, slots=True)
class Droits:
    """Reading rights of one type of partner (such as landlords). For each privacy class, such partners may
    read all fields (`ALL`), or only the fields with these dotted paths."""

    paths: Mapping[Classe, frozenset[str]]
    links: bool = False
    """True if partners with these rights may see the ids of other demands, referrals or candidacies that a
    message cites."""

    def may_open(self, classe: Classe) -> bool:
        """Tell whether partners with these rights may read at least one field of this privacy class."""
        return bool(self.paths.get(classe))

    def may_receive(self, contrat: type[Modele]) -> bool:
        """Tell whether partners with these rights may receive messages of this type. They may not if the
        unencrypted part of the message has a privacy class of which they may read no field."""
        return all(map(self.may_open, clear_classes(contrat)))

    def reduce(self, classe: Classe, tree: Arbre) -> Arbre:
        """Return those fields of `tree` that partners with these rights may see. All fields of `tree` have the
        privacy class `classe`."""
        allowed = self.paths.get(classe, frozenset())
        return tree if allowed is ALL else keep_paths(tree, allowed)

    def in_clear(self) -> "Droits":
        """Return these rights without the encrypted privacy classes (C2 and above: identity and private
        life), so that only unencrypted fields stay readable."""
        clear = {classe: paths for classe, paths in self.paths.items() if not is_sealed(classe)}
        return Droits(clear, self.links)


NOTHING = Droits({})
WHOLE = Droits(dict.fromkeys(Classe, ALL), links=True)
"""Right to read all of a message. Only the hub itself uses it, for a message that it shows to nobody."""


def rights(famille: Famille, stade: Stade = Stade.AVANT, registrar: bool = False) -> Droits:
    """Return the reading rights of a type of partner (`famille`, such as landlords) at a stage of the
    household's file.

    `registrar` is true for a body that registers demands for social housing.
    """
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
