"""Every real defect in every table and JSON event that it can hit: told as repaired, or refused by row and column.

Which tables a defect can hit follows from their columns: those whose field is read in the way that it concerns. Each
golden table of a dialect of columns is read again for each of them, with the defect in one cell of an accepted row. The
documented example of each event in JSON is broken alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import to_json

from adapters import valeurs
from adapters.json_schema import schema_of
from adapters.objets import Champ, Objet
from adapters.registry import ADAPTERS, EVENTS_IN_JSON, TABULAIRES
from adapters.tabulaire.dialecte import Lecture, opened, readings
from adapters.tabulaire.ecriture import csv_file
from adapters.tabulaire.lecteurs import lecteur
from adapters.tabulaire.profil import DEPARTEMENT, Profil
from contracts.ports import Ligne, Native
from tests.golden import cas
from tests.rows import each_row

REPAIRED, REFUSED = "valeur_reparee", None
DEFAUTS = {
    # defect → how the fields are read that it can hit, the cell as it was → as it comes, outcome
    "SIRET arrondi par un tableur": ("etablissement", lambda cell: "2,601E+13", REFUSED),
    "FINESS sans son zéro": ("etablissement", lambda cell: cell.lstrip("0"), REPAIRED),
    "commune sans son zéro": ("commune", lambda cell: cell.lstrip("0"), REPAIRED),
    "commune des ministères": ("commune", lambda cell: "9D411", REPAIRED),
    "nombre à virgule": ("entier", lambda cell: f"{cell},0", REPAIRED),
    "mois sans jour": ("jour", lambda cell: "03/2026", REFUSED),
    "UTF-8 lu comme du CP1252": (
        "texte",
        lambda cell: f"{cell}é".encode().decode("cp1252", "replace"),
        REPAIRED,
    ),
    "caractère perdu": ("texte", lambda cell: f"{cell}\ufffd", REFUSED),
}
MET = {
    "SIRET arrondi par un tableur": {
        "hebergement_csv",
        "hebergement_tableau",
        "veille_sociale_tableau",
        "logement_accompagne_tableau",
    },
    "commune des ministères": {
        "hebergement_csv",
        "asile_tableau",
        "prescripteur_tableau",
        "logement_accompagne_tableau",
    },
    "nombre à virgule": {
        "hebergement_csv",
        "hebergement_tableau",
        "asile_tableau",
        "veille_sociale_tableau",
        "prescripteur_tableau",
        "bailleur_tableau",
    },
    "mois sans jour": {
        "hebergement_csv",
        "hebergement_tableau",
        "asile_tableau",
        "veille_sociale_tableau",
        "accompagnement_tableau",
        "bailleur_tableau",
    },
}
"""The dialects that some of them must at least have met, so that the walk cannot come to nothing."""


@dataclass(frozen=True)
class Table:
    """A golden table of which every row may be broken."""

    case: cas.Cas
    page: Profil
    lecture: Lecture
    rows: list[tuple[int, list[str]]]
    lignes: dict[int, Ligne]

    def broken(self, numero: int, column: int, cell: str) -> Ligne:
        """One row, with another cell, under the same header."""
        row = next(list(cells) for number, cells in self.rows if number == numero)
        row[column] = cell
        body = csv_file(self.lecture.entete.cellules, [row], self.page.separateur, "utf-8", "%d/%m/%Y")
        (ligne,) = ADAPTERS[self.case.dialecte].decode(Native(body, "text/csv"), _sender(self.case)).lignes
        return ligne


def _sender(case: cas.Cas):
    return cas.partenaire(case.dialecte, cas.expected(case).get("partenaire", {}))


def _tables() -> Iterator[Table]:
    for case in cas.a_decoder():
        wanted = cas.expected(case)
        accepted = any("contrat" in ligne for ligne in wanted.get("lignes", ()))
        if case.dialecte not in TABULAIRES or case.entree.suffix != ".csv" or not accepted:
            continue
        sender = _sender(case)
        page = TABULAIRES[case.dialecte].profil_de(sender)
        body = case.entree.read_bytes()
        (lecture,) = readings(opened(body, page)[0], page, sender)
        (again,) = readings(opened(body, page)[0], page, sender)
        lignes = {ligne.numero: ligne for ligne in lecture.lignes() if ligne and ligne.contrat}
        yield Table(
            case,
            page,
            lecture,
            [(numero, group[0]) for numero, group in again.rows() if numero in lignes and len(group) == 1],
            lignes,
        )


@cache
def tables() -> Sequence[Table]:
    """Return every golden table that may be broken. They are read by the first test that asks."""
    return [*_tables()]


def hits(table: Table, reader: str) -> Iterator[tuple[int, int, str, str]]:
    """Row, column, its name and its cell, once for each column and event that is read so."""
    seen = set()
    tableau = table.lecture.entete.tableau
    for numero, cells in table.rows:
        read = table.lignes[numero].contrat
        assert read is not None
        contrat = type(read)
        for nom, place in table.lecture.entete.indices.items():
            path = (
                tableau.dates.get(contrat.NOM, "")
                if tableau.colonnes[nom] == "date"
                else tableau.colonnes[nom]
            )
            cell = cells[place] if place < len(cells) else ""
            if not cell.strip() or (contrat, nom) in seen or not tableau.contrats.get(contrat.NOM):
                continue
            if path and _read_as(contrat, path, tableau) == reader:
                seen.add((contrat, nom))
                yield numero, place, nom, cell.strip()


def _read_as(contrat, path, tableau) -> str | None:
    try:
        return lecteur(contrat, path, tableau.lecteurs.get(path), tableau.mots_valeurs.get(path), ()).cle
    except AssertionError:
        return None


@each_row("defaut", DEFAUTS)
def test_a_real_defect_is_told_as_repaired_or_refused_in_each_table_that_it_can_hit(defaut):
    reader, spoil, outcome = DEFAUTS[defaut]
    met = set()
    for table in tables():
        tableau = table.lecture.entete.tableau
        for numero, column, nom, cell in hits(table, reader):
            if spoil(cell) == cell or (reader == "commune" and DEPARTEMENT in tableau.colonnes.values()):
                continue  # a commune in two columns is short, and tried by its own golden cases
            ligne = table.broken(numero, column, spoil(cell))
            met.add(table.case.dialecte)
            where = f"{table.case}, ligne {numero}, colonne {nom}"
            if outcome is REFUSED or ligne.contrat is None:
                assert nom in {each.champ for each in ligne.rejets}, where
            else:
                assert (outcome, nom) in {(each.code, each.champ) for each in ligne.avertissements}, where
    assert met >= MET.get(defaut, {"hebergement_csv"})


READERS = {
    valeurs.etablissement: "etablissement",
    valeurs.commune: "commune",
    valeurs.whole_number: "entier",
    valeurs.day: "jour",
    valeurs.text: "texte",
}
EXAMPLES = [(nom, event) for nom, known in EVENTS_IN_JSON.items() for event in known.entrants]


def fields(
    objet: Objet, node: dict[str, Any], path: str = ""
) -> Iterator[tuple[dict[str, Any], str, str, str]]:
    """The objects of an example, each with a name in it, the field's path and how it is read."""
    for name, champ in objet.champs.items():
        if isinstance(champ, Champ) and name in node and champ.lire in READERS:
            yield node, name, f"{path}{name}", READERS[champ.lire]
        elif isinstance(champ, Objet) and isinstance(node.get(name), dict):
            yield from fields(champ, node[name], f"{path}{name}.")


@each_row(("nom", "event"), EXAMPLES)
def test_a_real_defect_is_told_as_repaired_or_refused_in_each_event_in_json_that_it_can_hit(nom, event):
    dialecte, sender = EVENTS_IN_JSON[nom], cas.partenaire(nom, {})
    example = schema_of(dialecte, event, read=True)["example"]
    for node, name, path, reader in list(fields(dialecte.tables[event], example)):
        good = node[name]
        for defaut, (concerned, spoil, outcome) in DEFAUTS.items():
            if reader != concerned or spoil(str(good)) == str(good):
                continue
            node[name] = spoil(str(good))
            (ligne,) = dialecte.decode(Native(to_json(example), "application/json"), sender).lignes
            if outcome is REFUSED or ligne.contrat is None:
                assert ligne.rejets, f"{defaut} dans {path}"
            else:
                assert (outcome, path) in {(each.code, each.champ) for each in ligne.avertissements}, defaut
        node[name] = good
