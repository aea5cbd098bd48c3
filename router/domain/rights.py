"""Fields of an event that a recipient may see, by the privacy matrix. Pure.

A field that the matrix does not name is hidden. If a recipient may see no field of a privacy class, the class
is not even decrypted.
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
"""Right to every field of a privacy class."""
REGISTRAR = "guichet_enregistreur"
"""Row of the matrix for a local authority that registers demands for social housing. It replaces the usual
row of its family."""
LINKS = "liens"
"""Word in the matrix that lets a family see which other demand, referral or candidacy a message cites."""


class Stade(StrEnum):
    """Stage of a household with the partner that received it, named as in the matrix."""

    AVANT = "avant_admission"
    ADMIS = "apres_admission"
    SOLLICITE = "transfert_propose"
    """The SIAO is asked to take over the household's demand, and has not accepted."""
    ECARTE = "sans_admission"
    """The recipient no longer deals with the household: the referral was refused or withdrawn, or the
    household never came or left the list."""


@dataclass(frozen=True, slots=True)
class Droits:
    """Reading rights of one family of partners: for each privacy class, every field (`ALL`) or some dotted
    paths."""

    paths: Mapping[Classe, frozenset[str]]
    links: bool = False
    """True if the family may see which other demand, referral or candidacy a message cites."""

    def may_open(self, classe: Classe) -> bool:
        """Tell whether the family may read any field of a privacy class."""
        return bool(self.paths.get(classe))

    def may_receive(self, contrat: type[Modele]) -> bool:
        """Tell whether the family may read all unencrypted fields of a contract, as every recipient must."""
        return all(map(self.may_open, clear_classes(contrat)))

    def reduce(self, classe: Classe, tree: Arbre) -> Arbre:
        """Return the part of the fields `tree` that the family may see. All fields must be of this privacy
        class."""
        allowed = self.paths.get(classe, frozenset())
        return tree if allowed is ALL else keep_paths(tree, allowed)

    def in_clear(self) -> "Droits":
        """Return the rights without the encrypted classes (identity and private life)."""
        clear = {classe: paths for classe, paths in self.paths.items() if not is_sealed(classe)}
        return Droits(clear, self.links)


def rights(famille: Famille, stade: Stade = Stade.AVANT, registrar: bool = False) -> Droits:
    """Return the rights of a family of partners at a stage. `registrar` is true for a body that registers
    demands for social housing."""
    return _matrix().get((famille, registrar, stade), Droits({}))


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
