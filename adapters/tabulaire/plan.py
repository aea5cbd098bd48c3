"""How the rows of one sheet are read, worked out once from its header and the profile."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

from adapters.evenements import build, called_by_sender, foreign_structure, is_foreign
from adapters.rejets import Chemin, Illisible
from adapters.reparations import repair_of
from adapters.tabulaire.champs import champ, nested
from adapters.tabulaire.communes import whole_commune
from adapters.tabulaire.deduits import last_day_of, remainders
from adapters.tabulaire.entete import Entete
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.lecteurs import lecteur, remembered, worded
from adapters.tabulaire.profil import (
    DATE,
    DEPARTEMENT,
    ETAT,
    EVENEMENTS,
    STRUCTURE,
    Constante,
    Mot,
    Tableau,
)
from adapters.valeurs import Lire, departement, etablissement
from contracts.base import Contrat, Reference, people_in
from contracts.partner import Partner
from contracts.ports import Ligne, Rejet
from contracts.v1.demande import DemandeRecue


@dataclass(frozen=True, slots=True)
class Colonne:
    """One cell of a row: where it is, what the package calls it, which field it feeds, how it is read."""

    indice: int
    nom: str
    cible: str
    lire: Lire

    def repairs(self, cell: str, value: object, numero: int) -> tuple[Rejet, ...]:
        """What to tell the sender where the cell does not say plainly what was read."""
        return repair_of(cell, value, numero, self.nom)


@dataclass(frozen=True, slots=True)
class Cas:
    """The rows of one state: which contract they become, from which cells."""

    contrat: type[Contrat]
    colonnes: tuple[Colonne, ...]
    constantes: Mapping[str, Constante | date]
    restes: Mapping[str, Sequence[str]]
    noms: Mapping[str, str]
    imbrique: bool
    """Whether a column feeds a field within a field."""

    def name_of(self, chemin: Chemin) -> str | None:
        """The package's column for a field of the contract: its own, that of a part of it, or of what it is part of."""
        for length in range(len(chemin), 0, -1):
            path = ".".join(map(str, chemin[:length]))
            if path in self.noms:
                return self.noms[path]
            within = (nom for cible, nom in self.noms.items() if cible.startswith(f"{path}."))
            if (first := next(within, None)) is not None:
                return first
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """How each row of a sheet is read."""

    largeur: int
    debordement: str
    etat: Colonne | None
    structure: Colonne | None
    cas_of: Callable[[str], Cas]
    """The case of a word of the state column, made when a row first needs it: most files say few words."""
    partner: Partner
    sujets: Callable[[], Sequence[Colonne]]
    """The cells that say what a row is about, whichever of its words the state column has."""

    def read(self, numero: int, cells: Cellules) -> Ligne:
        """The row as a contract, or what is wrong with it."""
        champ_, mot = None, ""
        try:
            squared = self._squared(cells)
            if self.etat is not None:
                champ_ = self.etat.nom
                mot = str(self.etat.lire(squared[self.etat.indice]))
        except Illisible as exc:
            return self._no_event(exc.rejet(numero, champ_), numero, cells)
        return self._event(self.cas_of(mot), numero, squared)

    def _no_event(self, rejet: Rejet, numero: int, cells: Cellules) -> Ligne:
        """A row of which nobody knows which event it tells, under what it is about, where that can be read."""
        about = {
            (colonne.cible, value)
            for colonne in self.sujets()
            if (value := _read(colonne, cells)) is not None
        }
        if len(about) != 1:
            return Ligne(numero, rejets=(rejet,))
        ((name, value),) = about
        told = replace(rejet, reference=called_by_sender(value))
        return Ligne(numero, rejets=(told,), lus=people_in({name: value}))

    def _squared(self, cells: Cellules) -> Cellules:
        """Spreadsheets drop empty cells at the end of a row; anything beyond the header is an accident."""
        if len(cells) == self.largeur:
            return cells
        if any(cell.strip() for cell in cells[self.largeur :]):
            raise Illisible(
                "nombre_colonnes", f"{len(cells)} cellules pour {self.largeur} colonnes : {self.debordement}"
            )
        return cells[: self.largeur] + [""] * (self.largeur - len(cells))

    def _event(self, cas: Cas, numero: int, cells: Cellules) -> Ligne:
        values: dict[str, Any] = dict(cas.constantes)
        rejets: list[Rejet] = []
        repairs: list[Rejet] = []
        for colonne in cas.colonnes:
            cell = cells[colonne.indice]
            if not cell or cell.isspace():
                continue
            try:
                value = colonne.lire(cell)
            except Illisible as exc:
                rejets.append(exc.rejet(numero, colonne.nom))
            else:
                if value is not None:
                    values[colonne.cible] = value
                    repairs += colonne.repairs(cell, value, numero)
        if cas.restes:
            rejets += remainders(values, cas.restes, numero, cas.noms)
        if DEPARTEMENT in cas.noms:
            rejets += whole_commune(values, numero, cas.noms)
        if self.structure is not None and STRUCTURE not in cas.noms:
            rejets += self._elsewhere(self.structure, cells, numero)
        tree = nested(values) if cas.imbrique else values
        return numbered(build(cas.contrat, tree, self.partner, numero, cas.name_of, rejets, repairs))

    def _elsewhere(self, structure: Colonne, cells: Cellules, numero: int) -> list[Rejet]:
        """A row whose event does not need the structure must still not speak of somebody else's."""
        cell = cells[structure.indice]
        try:
            foreign = bool(cell.strip()) and is_foreign(str(structure.lire(cell)), self.partner)
        except Illisible as exc:
            return [exc.rejet(numero, structure.nom)]
        return [foreign_structure(numero, structure.nom, self.partner)] if foreign else []


def numbered(ligne: Ligne) -> Ligne:
    """A row that brings a demand, under the number that its sender gives the demand: a table has no other id of an
    event, and a number is brought once."""
    if not isinstance(ligne.contrat, DemandeRecue):
        return ligne
    number = ligne.contrat.demande
    called = number.valeur if isinstance(number, Reference) else str(number)
    return replace(ligne, cle=f"{ligne.contrat.NOM} {called}")


def plan(entete: Entete, debordement: str, partner: Partner, feuille: str | None = None) -> Plan:
    """How the rows under a header are read, in a sheet of this name."""
    tableau = entete.tableau
    cibles = [
        _Cible(entete.indices[nom], nom, cible)
        for nom, cible in tableau.colonnes.items()
        if nom in entete.indices
    ]
    etat = _pseudo(cibles, ETAT, worded(tableau.mots_etat, "etat_inconnu"))
    structure = _pseudo(cibles, STRUCTURE, remembered(etablissement))
    shared: dict[tuple[int, str], Lire] = {}
    month = last_day_of(feuille) if tableau.mois else None
    dated = {str(tableau.mois): month} if month else {}
    cas_of = cache(lambda word: _cas(tableau.mots[word], tableau, cibles, shared, dated))
    return Plan(
        len(entete.cellules),
        debordement,
        etat,
        structure,
        cas_of,
        partner,
        cache(partial(_subjects, tableau.mots, cas_of)),
    )


def _subjects(mots: Iterable[str], cas_of: Callable[[str], Cas]) -> Sequence[Colonne]:
    cases = [cas_of(mot) for mot in mots]
    return list(
        dict.fromkeys(each for cas in cases for each in cas.colonnes if each.cible == cas.contrat.SUJET)
    )


def _read(colonne: Colonne, cells: Cellules) -> object:
    """What a cell says; None where it is empty or unreadable."""
    cell = cells[colonne.indice] if colonne.indice < len(cells) else ""
    try:
        return colonne.lire(cell) if cell.strip() else None
    except Illisible:
        return None


class _Cible(NamedTuple):
    """A column of the file: where it is, what it is called, what it feeds."""

    indice: int
    nom: str
    cible: str


def _pseudo(cibles: Iterable[_Cible], wanted: str, read: Lire) -> Colonne | None:
    return next((Colonne(*cible, read) for cible in cibles if cible.cible == wanted), None)


def _cas(
    mot: Mot,
    tableau: Tableau,
    cibles: Iterable[_Cible],
    shared: dict[tuple[int, str], Lire],
    dated: Mapping[str, date],
) -> Cas:
    """`shared` holds the readers of all cases: what one column's cells mean is remembered once."""
    contrat = EVENEMENTS[mot.evenement]
    used = []
    for indice, nom, cible in cibles:
        path = tableau.dates.get(mot.evenement, "") if cible == DATE else cible
        if path == DEPARTEMENT and champ(contrat, "commune"):
            used.append(
                Colonne(indice, nom, path, shared.setdefault((indice, path), remembered(departement)))
            )
        elif champ(contrat, path):
            found = lecteur(contrat, path, tableau.lecteurs.get(path), tableau.mots_valeurs.get(path))
            used.append(Colonne(indice, nom, path, shared.setdefault((indice, found.cle), found.lire)))
    said = {**dated, **tableau.constantes, **mot.constantes}
    constantes = {path: value for path, value in said.items() if champ(contrat, path)}
    noms = {colonne.cible: colonne.nom for colonne in used}
    if tableau.mois:
        noms.setdefault(tableau.mois, tableau.nom_du_mois)
    imbrique = any("." in path for path in (*constantes, *noms))
    restes = {path: parts for path, parts in tableau.restes.items() if champ(contrat, path)}
    return Cas(contrat, tuple(used), constantes, restes, noms, imbrique)
