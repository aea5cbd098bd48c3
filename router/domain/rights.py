"""Fields of an event that a recipient may see, by the privacy matrix. What is not listed is denied. Pure.

A class that the recipient may not read is not even decrypted.
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
"""Right to every field of a class."""
REGISTRAR = "guichet_enregistreur"
"""Name of the matrix row for a local authority that registers demands for social housing. It replaces the usual
row of that family."""
LINKS = "liens"
"""Word in a row of the matrix. It lets the family see which demand, referral or candidacy a message cites
besides its own subject."""


class Stade(StrEnum):
    """Stage of a household with the partner to which it was sent, named as in the matrix."""

    AVANT = "avant_admission"
    ADMIS = "apres_admission"
    SOLLICITE = "transfert_propose"
    """The SIAO is asked to take the household's demand over, and has not accepted."""
    ECARTE = "sans_admission"
    """The referral was refused or withdrawn, the household never came, or it left the list: it is no longer the
    recipient's household."""


@dataclass(frozen=True, slots=True)
class Droits:
    """Rights of one family: per class, everything (`ALL`) or some dotted paths."""

    paths: Mapping[Classe, frozenset[str]]
    links: bool = False
    """True if the family may read which demand, referral or candidacy a message about another subject cites."""

    def may_open(self, classe: Classe) -> bool:
        """Tell whether this reader may read anything of a class. Otherwise the class need not be decrypted."""
        return bool(self.paths.get(classe))

    def may_receive(self, contrat: type[Modele]) -> bool:
        """Tell whether this reader may read every clear class of a contract."""
        return all(map(self.may_open, clear_classes(contrat)))

    def reduce(self, classe: Classe, tree: Arbre) -> Arbre:
        """Return the part of `tree` that the reader may see. All fields of `tree` must be of this class."""
        allowed = self.paths.get(classe, frozenset())
        return tree if allowed is ALL else keep_paths(tree, allowed)

    def in_clear(self) -> "Droits":
        """Return these rights without the sealed classes, that is without identity and private life."""
        clear = {classe: paths for classe, paths in self.paths.items() if not is_sealed(classe)}
        return Droits(clear, self.links)


def rights(famille: Famille, stade: Stade = Stade.AVANT, registrar: bool = False) -> Droits:
    """Return the rights of a family at a stage. With `registrar`, return the rights of a body that registers
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
