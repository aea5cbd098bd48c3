"""In a table of people, find cells that can be read, but were perhaps meant otherwise."""

import re
from collections.abc import Iterator

from adapters.tabulaire.entete import Entete
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.membres import PREMIERE
from adapters.tabulaire.profil import STRUCTURE
from adapters.valeurs import commune
from contracts.ports import Rejet
from contracts.reference.communes import is_postcode, town

TOWN = "commune_en_chiffres"
IF_ANOTHER = "Si vous en vouliez une autre, écrivez son nom"
SEVERAL = re.compile(r"[,;/(\n]|\bet\b")
"""Pattern which shows that the cell of a first name holds several names."""
ONE_EACH = (
    "tout cela est lu comme le prénom d'une seule personne : si la case en nomme plusieurs, décrivez les autres par "
    "des colonnes « Personne 2 {0} »…, ou par une ligne chacune sous le même numéro"
)


def doubts(entete: Entete, numero: int, cells: Cellules) -> Iterator[Rejet]:
    """Yield a warning about each cell of a row that was perhaps meant otherwise. One such cell is a town in
    digits, which the hub reads as an INSEE code. Another is a first name that may be the names of several
    people. A table with a column for the establishment gets no warnings: software writes such a table, not a
    person."""
    colonnes = entete.tableau.colonnes
    if STRUCTURE in colonnes.values():
        return
    for nom, place in entete.indices.items():
        cell = "".join(cells[place : place + 1]).strip()
        if colonnes[nom] == f"{PREMIERE}prenom" and SEVERAL.search(cell):
            yield Rejet("liste_incomplete", ONE_EACH.format(nom), numero, nom)
        if (
            colonnes[nom] == "commune"
            and cell.isdigit()
            and (name := town(code := str(commune(cell)))) != code
            and not is_postcode(code)
        ):
            read = "code INSEE" if code == cell else f"{code}, code INSEE"
            yield Rejet(TOWN, f"{cell} est lu comme {read} : {name}. {IF_ANOTHER}", numero, nom)
