"""Find the message type, the subject and the cells of each row of a partner's table, even of rejected
rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from adapters.rejets import ABSENT
from adapters.tabulaire.besoins import needed_if
from adapters.tabulaire.deduits import COMPOSITION, possible_compositions
from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.entete import COLONNE, Entete
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.membres import PREMIERE
from adapters.tabulaire.plan import NO_NUMBER, Cas, Plan, read_at
from adapters.tabulaire.profil import Profil
from contracts.base import Reference
from contracts.partner import Partner
from contracts.ports import Native, Rejet

LIGNE = re.compile(r"ligne (\d+) ")
"""Pattern of the beginning of a reason in a file of rows to correct. It contains the number that the row had
in the partner's first file."""
CALLED = (f"{PREMIERE}prenom", f"{PREMIERE}nom")
"""Fields by which the sender's staff recognise a household: first name and name of its first member."""


class Designee(NamedTuple):
    """Message type of a row, and the id of its subject: the sender's own id (a `Reference`) or the hub's."""

    type: str
    sujet: UUID


class Ecrite(NamedTuple):
    """Row as its sender wrote it: its number, its subject, and the text of its cells by column name."""

    ligne: int
    origine: int
    """Number of the row in the partner's first file, if the present file has rows of that first one to
    correct. Otherwise, the same as `ligne`."""
    sur: Designee | None
    cellules: Mapping[str, str]
    menage: str = ""
    """First name and name of the household's first member, as written; empty if the row has none. Only the
    sender may see them."""
    possibles: Mapping[str, Sequence[str]] = MappingProxyType({})
    """Words for the compositions that fit the household's numbers of people, by the name of the composition's
    column."""

    @property
    def numero(self) -> str | None:
        """Return the sender's own id of the row's subject, as the row gives it. Return None if the row gives
        no id, or only the hub's id of the subject."""
        return self.sur.sujet.valeur if self.sur and isinstance(self.sur.sujet, Reference) else None


def designated(native: Native, dialecte: Tabulaire, partner: Partner) -> list[Ecrite]:
    """Return all rows of a partner's table as the partner wrote them, whether accepted or not. The rows of
    one household come as one. In each row, `sur` (its message type and subject) is None if one of the two is
    unreadable. Rows that cannot be split into cells are left out. Raises InvalidNative for an unreadable
    file."""
    page = dialecte.profil_de(partner)
    feuilles, _ = opened(native.body, page)
    return [each for lecture in readings(feuilles, page, partner) for each in _of(lecture)]


class Manquante(NamedTuple):
    """Column that the sender is asked to fill in. `nom`: its name; `lignes`: the numbers of the rows that
    have no value there; `mots`: the words to choose from. For a column without fixed words, `mots` has one
    sentence of advice, or nothing."""

    nom: str
    mots: Sequence[str]
    lignes: Sequence[int]


def missing(
    rejets: Sequence[Rejet], rows: Mapping[int, Ecrite], page: Profil, partner: Partner
) -> tuple[Sequence[Manquante], Sequence[Rejet]]:
    """Find the columns that the sender is asked to fill in. Return them, then the rejections that remain.
    `rows`: the sender's rows, by number. The sender is asked for:

    * a column that the table lacks, if a row needs a value there, or may need one once the row's wrong cells
      are corrected;
    * a column that the table has, if a row lacks an obligatory value there and the profile lists words to
      choose from.
    """
    there = {nom for row in rows.values() for nom in row.cellules}
    tableaux = [*reversed([*page.tables.values()])]
    words = {
        nom: list(tableau.mots_valeurs[cible].principaux) if cible in tableau.mots_valeurs else []
        for tableau in tableaux
        for nom, cible in tableau.colonnes.items()
    }
    asked = [nom for nom, each in words.items() if each or nom not in there]
    absent = [r for r in rejets if r.code == ABSENT and r.ligne in rows and r.champ in asked]
    notes = {champ: nom for each in tableaux for champ, nom in needed_if(each, partner).items()}
    perhaps = [(nom, r.ligne) for r in rejets for nom in notes.get(r.champ or "", ()) if nom not in there]
    words |= {
        r.champ or "": [r.message.removeprefix(NO_NUMBER)] for r in absent if r.message.startswith(NO_NUMBER)
    }
    words |= {nom: [note] for each in notes.values() for nom, note in each.items()}
    needed: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for nom, ligne in dict.fromkeys([*((r.champ, r.ligne) for r in absent), *perhaps]):
        if nom and ligne is not None and ligne in rows:
            fitting = rows[ligne].possibles.get(nom) or words[nom]
            needed.setdefault((nom, tuple(fitting)), []).append(ligne)
    order = [nom for nom, _ in needed]
    told = [Manquante(nom, mots, lignes) for (nom, mots), lignes in needed.items()]
    told.sort(key=lambda each: order.index(each.nom))
    names = {each.nom for each in told}
    return told, [each for each in rejets if each.code != ABSENT or each.champ not in names]


def _of(lecture: Lecture) -> Iterator[Ecrite]:
    entete = lecture.entete
    places = {membre.nom: membre.indice for membre in entete.membres} | dict(entete.indices)
    reasons = [place for place, cell in enumerate(entete.cellules) if cell.strip() == COLONNE]
    colonnes = entete.tableau.colonnes
    named = [nom for cible in CALLED for nom in entete.indices if colonnes[nom] == cible]
    for numero, group in lecture.rows():
        plan, cells = lecture.joined(group)
        cas = _cas_of(plan, entete, cells)
        told = (LIGNE.match(cells[place]) for place in reasons if place < len(cells))
        found = next(filter(None, told), None)
        written = {nom: "".join(cells[place : place + 1]) for nom, place in places.items()}
        who = " ".join(filter(None, (written[nom].strip() for nom in named)))
        yield Ecrite(
            numero,
            int(found[1]) if found else numero,
            _about(cas, cells) if cas else None,
            written,
            who,
            _possible(cas, entete, cells) if cas else {},
        )


def _possible(cas: Cas, entete: Entete, cells: Cellules) -> Mapping[str, Sequence[str]]:
    words = entete.tableau.mots_valeurs.get(COMPOSITION)
    if cas.composition is None or words is None:
        return {}
    values = {each.cible: read_at(each, cells) for each in cas.colonnes}
    codes = possible_compositions({path: value for path, value in values.items() if value is not None})
    return {cas.composition: [word for word in words.principaux if words.meaning(word) in codes]}


def _cas_of(plan: Plan, entete: Entete, cells: Cellules) -> Cas | None:
    words = entete.tableau.mots_etat
    word: str | None = ""
    if plan.etat is not None:
        cell = "".join(cells[plan.etat.indice : plan.etat.indice + 1])
        word = words.meaning(cell) or words.nearest(cell)
    return None if word is None else plan.cas_of(word)


def _about(cas: Cas, cells: Cellules) -> Designee | None:
    named = (cas.contrat.SUJET, f"{cas.contrat.SUJET}.id")
    found = (read_at(column, cells) for column in cas.colonnes if column.cible in named)
    sujet = next(found, None)
    return Designee(cas.contrat.TYPE, sujet) if isinstance(sujet, UUID) else None
