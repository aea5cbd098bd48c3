"""Short form of the hub's ids, as lists show it, and the search for what a short id means."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from ops.desk.numbers import REFERENCE_DIGITS
from ops.finding import sql
from ops.status.quantities import day_and_hour
from router.store.database import Connection, Row

MOST = 20
"""Limit on the things that one short id returns."""
ENDED_WITHIN = timedelta(days=7)
"""Time after its last change during which an ended referral of any partner is found by the end of its id. For a
single partner, this time is longer (`ops.desk.sql.REFERENCED_WITHIN`)."""
BEGINNING, DIGITS = 8, 32
"""Number of digits at the beginning of an id that its short form shows, and of all its digits."""
_CUT = r"(?:…|\.\.\.)"
_BEGINS, _ENDS = rf"[0-9a-f]{{{BEGINNING}}}[0-9a-f-]{{0,28}}", rf"[0-9a-f]{{{REFERENCE_DIGITS},12}}"
_TYPED = re.compile(
    r"(?:réf(?:érence|\.)?|message|événement|livraison|quarantaine|sujet|ménage|orientation)?\s*"
    rf"(?:({_BEGINS})?{_CUT}({_ENDS})?|({_ENDS}|{_BEGINS}))",
    re.IGNORECASE,
)


class Short(NamedTuple):
    """Short id that a person typed. At least one of its parts is known."""

    beginning: str = ""
    end: str = ""
    either: str = ""
    """Digits of which the person did not say whether they are the beginning or the end."""

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Return the first and the last of the ids that begin so. Needs digits of a beginning."""
        digits = (self.beginning or self.either).replace("-", "")[:DIGITS]
        return UUID(digits.ljust(DIGITS, "0")), UUID(digits.ljust(DIGITS, "f"))

    @property
    def reference(self) -> str:
        """Return the digits that may be the end of a referral's id alone; "" if they cannot."""
        return "" if self.beginning or "-" in self.either else self.end or self.either


class Meant(NamedTuple):
    """Result of a search for a short id."""

    rows: Sequence[Row]
    """Things with this short id, newest first, at most `MOST`: (kind, id, at, etat, type, partner). `type` is a
    dialect, a message type, a cause or the kind of a subject."""
    sought: str
    """French sentence that says among what was searched, and since when."""


def shortened(ident: UUID | str) -> str:
    """Return the short form of an id: « 0198c3a2…4d2a1f ». Ids of messages and of what follows from them begin
    with their minute, so that only the end tells those of one minute apart; the beginning finds them by index. Pure."""
    return f"{str(ident)[:BEGINNING]}…{str(ident)[-REFERENCE_DIGITS:]}"


def short_in(text: str) -> Short | None:
    """Return the short id in a text, as lists show it or people type it: « 0198c3a2…4d2a1f », « 0198c3a2 », « réf.
    4d2a1f », « …4d2a1f ». Return None if the text is none. Pure."""
    found = _TYPED.fullmatch(text.strip())
    short = Short(*(part.lower() for part in found.groups(""))) if found else Short()
    return short if any(short) else None


async def meant(connection: Connection, partners: Sequence[str], short: Short) -> Meant:
    """Return what a short id means, among these partners' messages and what follows from them, and among all
    subjects. The end of an id alone finds referrals only."""
    rows: list[Row] = []
    searched: list[str] = []
    if short.beginning or short.either:
        rows += await sql.between(connection, partners, *short.ids, short.end, MOST)
        ending = f" et finit par « {short.end} »" if short.end else ""
        searched.append(
            f"ce dont l'identifiant commence par « {short.beginning or short.either} »{ending}, parmi tous les "
            "messages, événements, livraisons, sujets et entrées de la quarantaine"
        )
    if short.reference:
        from ops.desk.sql import REFERENCED_WITHIN, referenced  # these load every contract

        since = datetime.now(UTC) - (REFERENCED_WITHIN if len(partners) == 1 else ENDED_WITHIN)
        ids = await referenced(connection, partners, short.reference, since, MOST)
        rows += await sql.subjects(connection, ids)
        searched.append(
            f"ce dont l'identifiant finit par « {short.reference} », parmi les orientations en cours, et celles qui "
            f"ont fini depuis le {day_and_hour(since)}"
        )
    return Meant(rows[:MOST], " ; ".join(searched))


def cut(found: Meant) -> str:
    """Return in French that there may be more things with this short id than those shown; "" if all are shown. Pure."""
    return f"les {MOST} plus récents : donnez davantage de l'identifiant" if len(found.rows) == MOST else ""
