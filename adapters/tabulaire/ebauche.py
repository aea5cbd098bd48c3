"""Draft a column profile for an unknown file, from its header and cells. A column is recognised by its name
in known profiles, else by its values. An unrecognised column becomes a comment."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from pydantic_core import to_json

from adapters import valeurs
from adapters.rejets import Illisible
from adapters.tabulaire import csv
from adapters.tabulaire.archive import MAGIC
from adapters.tabulaire.classeur import open_workbook
from adapters.tabulaire.feuille import Cellules, Feuille
from adapters.tabulaire.profil import DATE, ETAT, Profil, Tableau
from adapters.vocabulaire import Vocabulaire, fold
from contracts.errors import InvalidNative
from contracts.reference import identifiants

SAMPLE_ROWS = 200
HEADER_WITHIN_ROWS = 50
MOSTLY = 0.8
"""Share of a column's filled cells that must be of one kind, for the column to be of this kind."""
SEPARATORS = (";", "\t", ",", "|")
FEW_WORDS = 20
"""Limit on the different words in a column of codes."""


class Nature(NamedTuple):
    """Kind of value in a column: its French name, the function that reads a cell, and the contract's field that
    such a column usually fills."""

    nom: str
    lire: Callable[[str], object]
    champ: str | None


def _establishment(cell: str) -> object:
    return identifiants.etablissement(str(valeurs.etablissement(cell)))


def _commune(cell: str) -> object:
    return identifiants.code_commune(str(valeurs.commune(cell)))


NATURES = (
    Nature("numéro unique", identifiants.numero_unique, "menage.numero_unique"),
    Nature("FINESS ou SIRET", _establishment, "structure"),
    Nature("date", valeurs.day, None),
    Nature("commune", _commune, "commune"),
    Nature("oui ou non", valeurs.tri_state, None),
    Nature("nombre", valeurs.whole_number, None),
)
"""Kinds of value, the most specific first."""


class Apercu(NamedTuple):
    """Beginning of a table in a file: its header and its first rows. `separateur`: the column separator, for
    a CSV."""

    separateur: str | None
    feuille: str | None
    avant: int
    entete: Cellules
    rangees: Sequence[Cellules]

    def cells(self, indice: int) -> list[str]:
        """Return the filled cells of the column at the position `indice`."""
        column = (row[indice].strip() for row in self.rangees if indice < len(row))
        return [cell for cell in column if cell]

    def words(self, nom: str) -> list[str]:
        """Return the most frequent words of a column, at most 20 (`FEW_WORDS`), the most frequent first."""
        cells = self.cells([cell.strip() for cell in self.entete].index(nom))
        return [word for word, _ in Counter(cells).most_common(FEW_WORDS)]


def draft(body: bytes, profils: Mapping[str, Profil]) -> str:
    """Draft a column profile for the table in a file, and return the draft as TOML. The draft starts from the
    profile in `profils` that knows more of the table's columns than any other. Raises InvalidNative if the
    file holds no table."""
    seen = preview(body)
    name, tableau = _nearest_table(seen.entete, profils)
    page = profils[name]
    return "\n".join((*_head(seen, page, name), "", *_table(seen, tableau), ""))


def preview(body: bytes) -> Apercu:
    """Return the beginning of the table in a file. If the file has several sheets, or if several separators are
    possible, take the table with the widest header. Raises InvalidNative if the file holds no table."""
    if body.startswith(MAGIC):
        sheets: Iterable[tuple[str | None, Feuille]] = ((None, f) for f in open_workbook(body).feuilles())
    else:
        sheets = ((separator, csv.sheet(body, separator)) for separator in SEPARATORS)
    found = [apercu for separator, sheet in sheets if (apercu := _beginning(separator, sheet)) is not None]
    if not found:
        raise InvalidNative("aucun tableau dans ce fichier : donnez une ligne d'en-tête, et des lignes")
    return max(found, key=lambda apercu: len(apercu.entete))


def _beginning(separator: str | None, feuille: Feuille) -> Apercu | None:
    rows = [
        (number, cells)
        for number, cells in islice(feuille.lire(), SAMPLE_ROWS)
        if not isinstance(cells, Illisible)
    ]
    if not rows:
        return None
    place = max(range(min(len(rows), HEADER_WITHIN_ROWS)), key=lambda n: (_titles(rows[n][1]), -n))
    number, header = rows[place]
    if _titles(header) < 2:
        return None
    return Apercu(separator, feuille.nom, number - 1, header, [cells for _, cells in rows[place + 1 :]])


def _titles(cells: Cellules) -> int:
    return len({fold(cell) for cell in cells if fold(cell) and _kind([cell.strip()]) is None})


def _kind(cells: Sequence[str]) -> Nature | None:
    return next((nature for nature in NATURES if cells and _share_of(nature, cells) >= MOSTLY), None)


def _share_of(nature: Nature, cells: Sequence[str]) -> float:
    return sum(_is(nature, cell) for cell in cells) / len(cells)


def _is(nature: Nature, cell: str) -> bool:
    try:
        nature.lire(cell)
    except (Illisible, ValueError):
        return False
    return True


def _nearest_table(entete: Cellules, profils: Mapping[str, Profil]) -> tuple[str, Tableau]:
    tables = [(name, tableau) for name, page in profils.items() for tableau in page.tables.values()]
    return max(tables, key=lambda table: sum(table[1].noms.meaning(cell) is not None for cell in entete))


def _head(seen: Apercu, page: Profil, name: str) -> list[str]:
    return [
        f"# Proposition, d'après le profil « {name} » qui lui ressemble le plus : à relire ligne à ligne.",
        'nom = "À nommer"',
        f"dialecte = {_text(page.dialecte)}",
        f"familles = {to_json([str(famille) for famille in page.familles]).decode()}",
        f"formats = [{_text('csv' if seen.separateur else 'xlsx')}]",
        *([f"separateur = {_text(seen.separateur)}"] if seen.separateur else []),
        *([f"lignes_avant_entete = {seen.avant}"] if seen.avant else []),
    ]


def _table(seen: Apercu, tableau: Tableau) -> list[str]:
    columns: list[str] = []
    taken: dict[str, str] = {}
    for indice, cell in enumerate(seen.entete):
        if cell.strip():
            columns.append(_column(cell.strip(), seen.cells(indice), tableau, taken))
    needed = [name for name in tableau.obligatoires if tableau.colonnes[name] in taken]
    obligatory = [taken[tableau.colonnes[name]] for name in needed] or list(taken.values())[:1]
    lines = ["[tables.principale]", f"obligatoires = {to_json(obligatory).decode()}"]
    said = [f"{path} = {_toml(value)}" for path, value in tableau.constantes.items() if path not in taken]
    lines += [f"constantes = {{ {', '.join(said)} }}"] if said else []
    lines += ["", "[tables.principale.colonnes]", *columns]
    lines += _states(seen, tableau, taken)
    for champ, words in tableau.mots_valeurs.items():
        if champ in taken:
            lines += _words(seen, champ, taken[champ], words)
    return lines + _dates(tableau, taken, _events(seen, tableau, taken))


def _column(name: str, cells: list[str], tableau: Tableau, taken: dict[str, str]) -> str:
    known, kind = tableau.noms.meaning(name), _kind(cells)
    champ = tableau.colonnes[known] if known else kind.champ if kind else None
    why = "connue sous ce nom" if known else f"ressemble à : {kind.nom}" if kind else _described(cells)
    if champ is None or champ in taken:
        return f"# {_text(name)} = ?  # {why}"
    taken[champ] = name
    return f"{_text(name)} = {_text(champ)}  # {why}"


def _described(cells: list[str]) -> str:
    """Describe a column of an unknown kind in French, without its values, which may be personal."""
    if not cells:
        return "toujours vide"
    return "une liste de mots" if len(set(cells)) <= min(FEW_WORDS, len(cells) // 2) else "texte"


def _states(seen: Apercu, tableau: Tableau, taken: Mapping[str, str]) -> list[str]:
    if ETAT not in taken:
        evenement = tableau.evenement or next(iter(tableau.etats.values())).evenement
        return [
            "",
            f"# aucune colonne d'état reconnue : [tables.principale] evenement = {_text(evenement)} ?",
        ]
    lines = ["", "[tables.principale.etats]"]
    for word in seen.words(taken[ETAT]):
        known = tableau.mots_etat.meaning(word)
        said = (
            _toml({"evenement": (mot := tableau.etats[known]).evenement, **mot.constantes}) if known else "?"
        )
        lines.append(f"{'' if known else '# '}{_text(word)} = {said}")
    return lines


def _words(seen: Apercu, champ: str, column: str, words: Vocabulaire) -> list[str]:
    lines = ["", f"[tables.principale.valeurs.{_text(champ)}]"]
    said = dict.fromkeys(part.strip() for cell in seen.words(column) for part in cell.split(","))
    meanings = [(word, words.meaning(word)) for word in said]
    lines += [f"{_text(word)} = {_text(code)}" for word, code in meanings if code]
    lines += [f"# {_text(word)} = ?" for word, code in meanings if not code]
    return lines if any(code for _, code in meanings) else []


def _events(seen: Apercu, tableau: Tableau, taken: Mapping[str, str]) -> set[str]:
    if ETAT not in taken:
        return {mot.evenement for mot in tableau.mots.values()}
    known = map(tableau.mots_etat.meaning, seen.words(taken[ETAT]))
    return {tableau.etats[word].evenement for word in known if word}


def _dates(tableau: Tableau, taken: Mapping[str, str], events: Collection[str]) -> list[str]:
    dates = {event: champ for event, champ in tableau.dates.items() if event in events}
    if DATE not in taken or not dates:
        return []
    return ["", "[tables.principale.dates]", *(f"{_text(e)} = {_text(c)}" for e, c in dates.items())]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items())
        return _toml(value["evenement"]) if len(value) == 1 else f"{{ {pairs} }}"
    return to_json(value).decode()


def _text(written: str) -> str:
    return to_json(written).decode()
