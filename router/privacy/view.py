"""What a recipient may see of an event: deny by default, from the matrix (data). Pure.

A class that the recipient may not read is never even decrypted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from contracts.base import Modele, is_sealed
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.sealed import Arbre, clear_classes, keep_paths

ALL = frozenset({"*"})
USUAL, ADMITTED, REGISTRAR = "", "apres_admission", "guichet_enregistreur"
"""A family's rows: the first one, and those that take its place."""


@dataclass(frozen=True, slots=True)
class Droits:
    """What one family may read: per class, everything (`ALL`) or some dotted paths."""

    paths: Mapping[Classe, frozenset[str]]

    def may_open(self, classe: Classe) -> bool:
        """Whether a part of this class is worth decrypting for this reader."""
        return bool(self.paths.get(classe))

    def may_receive(self, contrat: type[Modele]) -> bool:
        """Whether all that this contract says in clear may be read by this reader."""
        return all(map(self.may_open, clear_classes(contrat)))

    def reduce(self, classe: Classe, tree: Arbre) -> Arbre:
        """What the reader sees of a tree of this class."""
        allowed = self.paths.get(classe, frozenset())
        return tree if allowed is ALL else keep_paths(tree, allowed)


def rights(famille: Famille, admitted: bool = False, registrar: bool = False) -> Droits:
    """The row of the matrix for a family, before or after the household's admission; for a body that registers demands
    for social housing, the row of those."""
    wanted = ((ADMITTED, admitted), (REGISTRAR, registrar), (USUAL, True))
    rows = (_matrix().get((famille, variant)) for variant, applies in wanted if applies)
    return next((row for row in rows if row is not None), Droits({}))


@cache
def _matrix() -> Mapping[tuple[Famille, str], Droits]:
    data = tomllib.loads(files("router.privacy").joinpath("matrix.toml").read_text(encoding="utf-8"))
    rows: dict[tuple[Famille, str], Droits] = {}
    for name, row in data.items():
        rows[Famille(name), USUAL] = _droits(row)
        for variant in {ADMITTED, REGISTRAR} & row.keys():
            rows[Famille(name), variant] = _droits(row[variant])
    return rows


def _droits(row: Mapping[str, object]) -> Droits:
    droits = {classe: _paths(row[classe.name]) for classe in Classe if classe.name in row}
    if any(droits.get(classe, ALL) is not ALL for classe in Classe if not is_sealed(classe)):
        raise ValueError("matrice : C0 et C1 valent true, ou ne figurent pas")
    return Droits(droits)


def _paths(value: object) -> frozenset[str]:
    if value is True:
        return ALL
    if isinstance(value, list):
        return frozenset(map(str, value))
    raise ValueError("matrice : true ou une liste de champs")
