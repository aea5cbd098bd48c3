"""Say what each row of a partner's table is about and contains, whether the row is right or wrong."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.entete import COLONNE
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.plan import read_at
from contracts.base import Reference
from contracts.partner import Partner
from contracts.ports import Native

LIGNE = re.compile(r"ligne (\d+) ")
"""Beginning of a reason in a file of rows to correct: the row's number in the file that was refused."""


class Designee(NamedTuple):
    """Message type of a row, and the subject that the row names: by the sender's own id, or by the hub's."""

    type: str
    sujet: UUID


class Ecrite(NamedTuple):
    """Row as its sender wrote it: its number, what it is about, and its cells by the names of the columns."""

    ligne: int
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

    The rows of a file to correct have their numbers in the file that was refused.

    Raises InvalidNative for an unreadable file.
    """
    page = dialecte.profil_de(partner)
    feuilles, _ = opened(native.body, page)
    return [each for lecture in readings(feuilles, page, partner) for each in _of(lecture)]


def _of(lecture: Lecture) -> Iterator[Ecrite]:
    entete = lecture.entete
    places = {membre.nom: membre.indice for membre in entete.membres} | dict(entete.indices)
    reasons = [place for place, cell in enumerate(entete.cellules) if cell.strip() == COLONNE]
    for numero, (cells, *_others) in lecture.rows():
        told = (LIGNE.match(cells[place]) for place in reasons if place < len(cells))
        found = next(filter(None, told), None)
        written = {nom: cells[place] for nom, place in places.items() if place < len(cells)}
        yield Ecrite(int(found[1]) if found else numero, _about(lecture, cells), written)


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
