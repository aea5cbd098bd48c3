"""Find the message type and the subject of each row of a partner's table, even if the row is faulty."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.plan import read_at
from contracts.partner import Partner
from contracts.ports import Native


class Designee(NamedTuple):
    """Message type of a row, and the subject that the row names: by the sender's own id, or by the hub's."""

    type: str
    sujet: UUID


def designated(native: Native, dialecte: Tabulaire, partner: Partner) -> list[Designee | None]:
    """Return the message type and the subject of each row of a table. None for a row that does not name its
    subject, or whose state is no word of the profile and resembles none. A misspelt state counts as the word
    that the rejection suggests.

    Raises InvalidNative for an unreadable file.
    """
    page = dialecte.profil_de(partner)
    feuilles, _ = opened(native.body, page)
    return [each for lecture in readings(feuilles, page, partner) for each in _of(lecture)]


def _of(lecture: Lecture) -> Iterator[Designee | None]:
    plan, words = lecture.plan_of(1), lecture.entete.tableau.mots_etat
    for _, (cells, *_others) in lecture.rows():
        word: str | None = ""
        if plan.etat is not None:
            cell = "".join(cells[plan.etat.indice : plan.etat.indice + 1])
            word = words.meaning(cell) or words.nearest(cell)
        if word is None:
            yield None
            continue
        cas = plan.cas_of(word)
        named = (cas.contrat.SUJET, f"{cas.contrat.SUJET}.id")
        found = (read_at(column, cells) for column in cas.colonnes if column.cible in named)
        sujet = next(found, None)
        yield Designee(cas.contrat.TYPE, sujet) if isinstance(sujet, UUID) else None
