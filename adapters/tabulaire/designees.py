"""Say what each row of a partner's table is about and contains, whether the row is right or wrong."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from adapters.rejets import ABSENT
from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.entete import COLONNE
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.plan import NO_NUMBER, read_at
from adapters.tabulaire.profil import Profil
from contracts.base import Reference
from contracts.partner import Partner
from contracts.ports import Native, Rejet

LIGNE = re.compile(r"ligne (\d+) ")
"""Beginning of a reason in a file of rows to correct: the row's number in the file that was refused."""


class Designee(NamedTuple):
    """Message type of a row, and the subject that the row names: by the sender's own id, or by the hub's."""

    type: str
    sujet: UUID


class Ecrite(NamedTuple):
    """Row as its sender wrote it: its number, what it is about, and its cells by the names of the columns."""

    ligne: int
    origine: int
    """Number of the row in the file that was refused, if this is the file of its rows to correct; else `ligne`."""
    sur: Designee | None
    cellules: Mapping[str, str]

    @property
    def numero(self) -> str | None:
        """Return the sender's own number of the row's subject; None if the row has none."""
        return self.sur.sujet.valeur if self.sur and isinstance(self.sur.sujet, Reference) else None


def designated(native: Native, dialecte: Tabulaire, partner: Partner) -> list[Ecrite]:
    """Return each row of a table, with the message type and the subject that it is about. These are missing for a
    row that does not name its subject, or whose state resembles no word of the profile. A misspelt state is read
    as the word that it resembles most.

    Raises InvalidNative for an unreadable file.
    """
    page = dialecte.profil_de(partner)
    feuilles, _ = opened(native.body, page)
    return [each for lecture in readings(feuilles, page, partner) for each in _of(lecture)]


class Manquante(NamedTuple):
    """Column that a table lacks, the words that it may have or the number that it asks for, and how many rows need
    it."""

    nom: str
    mots: Sequence[str]
    lignes: int


def missing(
    rejets: Sequence[Rejet], rows: Mapping[int, Ecrite], page: Profil
) -> tuple[Sequence[Manquante], Sequence[Rejet]]:
    """Return the columns that a table lacks and that some of its `rows` need, and the other rejections."""
    there = {nom for row in rows.values() for nom in row.cellules}
    absent = [r for r in rejets if r.code == ABSENT and r.ligne in rows and r.champ not in there]
    needed = Counter(r.champ for r in absent)
    numbers = {
        r.champ: [r.message.removeprefix(NO_NUMBER)] for r in absent if r.message.startswith(NO_NUMBER)
    }
    words = {
        nom: list(tableau.valeurs.get(cible, ()))
        for tableau in reversed([*page.tables.values()])
        for nom, cible in tableau.colonnes.items()
    } | numbers
    told = [Manquante(nom, words.get(nom, []), lignes) for nom, lignes in needed.items() if nom]
    names = {each.nom for each in told}
    return told, [each for each in rejets if each.code != ABSENT or each.champ not in names]


def _of(lecture: Lecture) -> Iterator[Ecrite]:
    entete = lecture.entete
    places = {membre.nom: membre.indice for membre in entete.membres} | dict(entete.indices)
    reasons = [place for place, cell in enumerate(entete.cellules) if cell.strip() == COLONNE]
    for numero, (cells, *_others) in lecture.rows():
        told = (LIGNE.match(cells[place]) for place in reasons if place < len(cells))
        found = next(filter(None, told), None)
        written = {nom: "".join(cells[place : place + 1]) for nom, place in places.items()}
        yield Ecrite(numero, int(found[1]) if found else numero, _about(lecture, cells), written)


def _about(lecture: Lecture, cells: Cellules) -> Designee | None:
    plan, words = lecture.plan_of(1), lecture.entete.tableau.mots_etat
    word: str | None = ""
    if plan.etat is not None:
        cell = "".join(cells[plan.etat.indice : plan.etat.indice + 1])
        word = words.meaning(cell) or words.nearest(cell)
    if word is None:
        return None
    cas = plan.cas_of(word)
    named = (cas.contrat.SUJET, f"{cas.contrat.SUJET}.id")
    found = (read_at(column, cells) for column in cas.colonnes if column.cible in named)
    sujet = next(found, None)
    return Designee(cas.contrat.TYPE, sujet) if isinstance(sujet, UUID) else None
