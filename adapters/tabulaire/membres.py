"""Read the members of a household in a table. Each member has columns of its own («Personne 2 Nom»), or a row
of its own with the household's number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters.rejets import Illisible
from adapters.tabulaire.champs import PLACES_IN_A_LIST
from adapters.tabulaire.feuille import Cellules, Rangees
from adapters.tabulaire.profil import Tableau
from contracts.base import Contrat
from contracts.ports import Rejet
from contracts.v1.demande import DemandeActualisee, DemandeCompletee
from contracts.v1.pret_logement import PretLogementActualise

LISTE = "menage.personnes."
PREMIERE = f"{LISTE}0."
"""Beginning of the paths of all fields about the first member."""
MENAGE = "menage.id"
MOST_MEMBERS = 200
"""Size of the largest household whose list of members the hub completes with empty members."""
NOM = "Nom"
"""Column that a warning names as an example, if the table has no column about a person."""
UPDATES = (DemandeCompletee, DemandeActualisee)
"""Updates of a household that replace its list of members. A partial list would replace a complete one."""
LISTING_ALL = (PretLogementActualise,)
"""Updates in which a partial list of members is refused."""
_NUMBERED = re.compile(
    r"(?:personne|membre) (?P<avant>\d{1,2}) (?P<de>\S.*)|(?P<nom>\S.*) (?P<apres>\d{1,2})"
)


class Membre(NamedTuple):
    """Column of a file that tells something of one member of the household: the column's position and name, and
    the path of the contract's field that it fills."""

    indice: int
    nom: str
    cible: str


def member_column(folded: str, tableau: Tableau) -> str | None:
    """Return the path of the field that a column such as «Personne 2 Nom» or «Nom 2» fills; None for any other
    column. `folded`: the column's name without case, accents and punctuation; `tableau`: the table of the
    column profile, which says which field a column «Nom» fills."""
    found = _NUMBERED.fullmatch(folded)
    number = int(found["avant"] or found["apres"]) if found else 0
    if found is None or not 1 <= number <= PLACES_IN_A_LIST:
        return None
    cible = tableau.colonnes.get(tableau.noms.meaning(found["de"] or found["nom"]) or "", "")
    return of_person(cible, number - 1) if cible.startswith(PREMIERE) else None


def of_person(cible: str, place: int) -> str:
    """Return the path of a field about the member at the index `place`. `cible`: the path of the same field
    about the first member. Any other path is returned unchanged."""
    return f"{LISTE}{place}.{cible.removeprefix(PREMIERE)}" if cible.startswith(PREMIERE) else cible


def of_first(cible: str) -> str:
    """Turn the path of a field about any member into the path of the same field about the first member:
    `menage.personnes.3.nom` becomes `menage.personnes.0.nom`. Any other path is returned unchanged."""
    return PREMIERE + cible.removeprefix(LISTE).partition(".")[2] if cible.startswith(LISTE) else cible


def completed(
    values: dict[str, Any], contrat: type[Contrat], noms: Mapping[str, str], numero: int
) -> list[Rejet]:
    """Mend the list of members in `values` if the row counts more people than it describes. Do nothing if the
    row describes nobody, or counts more than 200 people (`MOST_MEMBERS`). What is done depends on the
    message:

    * an update in which the hub refuses a partial list (`LISTING_ALL`): nothing;
    * any other update (`UPDATES`): the list is removed, because a partial list would replace the complete
      one;
    * any other message: empty members are added, until the list has as many members as the row counts people.

    Return a list with a warning, or an empty list if nothing changed. `noms`: the sender's column names, by
    field.
    """
    if issubclass(contrat, LISTING_ALL):
        return []
    listed = [path for path in values if path.startswith(LISTE)]
    described = {int(path.removeprefix(LISTE).partition(".")[0]) for path in listed}
    counted = values.get("menage.adultes", 0), values.get("menage.enfants", 0)
    total = sum(counted) if all(isinstance(each, int) for each in counted) else 0
    if not described or not len(described) < total <= MOST_MEMBERS:
        return []
    accepted = "acceptée ainsi ; si vous le voulez"
    if issubclass(contrat, UPDATES):
        accepted = "acceptée sans cette liste, qui en remplacerait une entière ; pour la dire"
        for path in listed:
            del values[path]
    else:
        places = range(max(described) + 1, max(described) + 1 + total - len(described))
        values |= {f"{LISTE}{place}": {} for place in places}
    nom = next((nom for cible, nom in noms.items() if cible.startswith(LISTE)), NOM)
    message = (
        f"la ligne décrit moins de personnes qu'elle n'en compte, et elle est {accepted}, décrivez les autres "
        f"par des colonnes « Personne 2 {nom} »…, ou par une ligne chacune sous le même numéro"
    )
    return [Rejet("liste_incomplete", message, numero, nom)]


class Rows(NamedTuple):
    """Rule for joining the rows of one household into one wide row. Each of the rows is about one member.
    `largeur`: number of columns in the header; `personne`: the columns about a person."""

    largeur: int
    numeros: tuple[int, ...]
    """Positions of the columns with the number of the household or of the row's subject. Rows with an equal
    number in one of them are joined."""
    personne: tuple[Membre, ...]

    def grouped(self, rangees: Rangees) -> Iterator[tuple[int, Illisible | list[Cellules]]]:
        """Yield, for each household, the number of its first row and the list of its rows. A row joins the
        list of the rows above it if all of this holds:

        * it has the same household number as the list's first row, or the same number of its subject (a
          demand, for example);
        * it describes a person whom no row of the list describes;
        * its filled cells in columns that are not about a person have the same text as in the first row;
        * neither it nor the first row has a filled cell to the right of the header;
        * the list has fewer than 20 rows (`PLACES_IN_A_LIST`).

        Any other row begins a new list. For a row that cannot be split into cells, yield its row number and
        the error.
        """
        numero, group = 0, list[Cellules]()
        for number, cells in rangees:
            if not isinstance(cells, Illisible) and group and self._continues(group, cells):
                group.append(cells)
                continue
            if group:
                yield numero, group
            numero, group = number, [] if isinstance(cells, Illisible) else [cells]
            if isinstance(cells, Illisible):
                yield number, cells
        if group:
            yield numero, group

    def wide(self, group: Sequence[Cellules]) -> Cellules:
        """Return the rows of a household as one wide row, in which each member has columns of its own."""
        first, *others = (_padded(cells, self.largeur) for cells in group)
        return [*first, *(cells[column.indice] for cells in others for column in self.personne)]

    def columns(self, number: int) -> Iterator[Membre]:
        """Yield the columns that a wide row adds to the header. In a wide row, the members of a household
        stand side by side: the first in the header's own columns, each further one in columns added on the
        right, one for every column about a person. `number`: how many members the row has."""
        for place in range(1, number):
            for at, column in enumerate(self.personne):
                indice = self.largeur + (place - 1) * len(self.personne) + at
                yield Membre(indice, f"{column.nom} (personne {place + 1})", of_person(column.cible, place))

    def _continues(self, group: Sequence[Cellules], cells: Cellules) -> bool:
        first, row = _padded(group[0], self.largeur), _padded(cells, self.largeur)
        known = any(row[each].strip() and row[each].strip() == first[each].strip() for each in self.numeros)
        if (
            not known
            or len(group) == PLACES_IN_A_LIST
            or len(row) > self.largeur
            or len(first) > self.largeur
        ):
            return False
        person = self._person(row)
        persons = {column.indice for column in self.personne}
        same = all(
            not cell.strip() or cell.strip() == first[place].strip()
            for place, cell in enumerate(row)
            if place not in persons
        )
        return (
            same
            and any(person)
            and person not in [self._person(_padded(each, self.largeur)) for each in group]
        )

    def _person(self, cells: Cellules) -> list[str]:
        return [cells[column.indice].strip() for column in self.personne]


def _padded(cells: Cellules, largeur: int) -> Cellules:
    """Return a row with as many cells as the header (`largeur`). A short row gets empty cells; a long one
    loses the empty cells at its end. A row with a filled cell beyond the header is returned whole."""
    if len(cells) > largeur and not any(cell.strip() for cell in cells[largeur:]):
        return cells[:largeur]
    return [*cells, *[""] * (largeur - len(cells))]
