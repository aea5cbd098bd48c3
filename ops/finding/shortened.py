"""Short form of the hub's ids, as lists show it, and search for the things with a short id."""

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
"""Maximum number of things with one short id that a page or a history lists."""
ENDED_WITHIN = timedelta(days=7)
"""Time for which an ended referral can still be found by the end of its id. It is counted from the referral's
last change. A search for a single partner has a longer limit (`ops.desk.sql.REFERENCED_WITHIN`)."""
BEGINNING, DIGITS = 8, 32
"""Numbers of digits (hexadecimal) of an id: how many its short form has at its beginning, and how many a whole
id has."""
_CUT = r"(?:…|\.\.\.)"
_BEGINS, _ENDS = rf"[0-9a-f]{{{BEGINNING}}}(?:-[0-9a-f-]{{0,27}})?", rf"[0-9a-f]{{{REFERENCE_DIGITS}}}"
_TYPED = re.compile(
    r"(?:réf(?:érence|\.)?|message|événement|livraison|quarantaine|sujet|ménage|orientation)?\s*"
    rf"(?:({_BEGINS})(?:{_CUT}({_ENDS})?)?|{_CUT}?({_ENDS}))",
    re.IGNORECASE,
)


class Short(NamedTuple):
    """Short id that a person typed. A short id without `beginning` is the reference of a referral."""

    beginning: str = ""
    """First digits of the id, at least `BEGINNING` of them. Empty if only the end of the id is known."""
    end: str = ""

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Return the smallest and the largest id that begin with `beginning`. The two are equal if `beginning`
        is a whole id."""
        digits = self.beginning.replace("-", "")[:DIGITS]
        return UUID(digits.ljust(DIGITS, "0")), UUID(digits.ljust(DIGITS, "f"))

    @property
    def is_whole(self) -> bool:
        """Return whether the typed text is a whole id, not a short one."""
        first, last = self.ids
        return first == last


class Meant(NamedTuple):
    """Result of a search for a short id."""

    rows: Sequence[Row] = ()
    """What has this short id: messages, events, subjects (places, referrals…) and the like, newest first.
    Each row is (kind, id, at, etat, type, partner). `type` is a dialect, a message type, a cause or the kind
    of a subject."""
    sought: str = ""
    """French sentence that says what was searched, among what, and since when."""
    cut: str = ""
    """French sentence that says that `rows` is not complete: more things have this short id. Empty if `rows` is
    complete."""


def shortened(ident: UUID | str) -> str:
    """Return the short form of an id: « 0198c3a2…4d2a1f ». Its beginning lets an index find the id. Its end
    tells apart ids of the same minute, which begin alike because ids begin with a time. Pure."""
    return f"{str(ident)[:BEGINNING]}…{str(ident)[-REFERENCE_DIGITS:]}"


def short_in(text: str) -> Short | None:
    """Return the id in a text, as lists show it or people type it: « 0198c3a2…4d2a1f », « 0198c3a2 », « réf.
    4d2a1f », « 4d2a1f », or a whole id. Return None for other texts, such as longer numbers. Pure."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    beginning, end, reference = (part.lower() for part in found.groups(""))
    return Short(beginning, end or reference)


async def meant(connection: Connection, partners: Sequence[str], short: Short, most: int) -> Meant:
    """Return at most `most` things that a short id may mean. If the beginning of the id is known, these
    partners' messages, events, deliveries and quarantine entries are searched, and all subjects and households.
    If only the end is known, these partners' referrals are searched."""
    if short.beginning:
        rows = await sql.between(connection, partners, *short.ids, short.end, most + 1)
        ending = f" et finit par « {short.end} »" if short.end else ""
        sought = (
            f"ce dont l'identifiant commence par « {short.beginning} »{ending}, parmi les messages, événements, "
            "livraisons et entrées de la quarantaine des partenaires demandés, les sujets et les ménages"
        )
    else:
        from ops.desk.sql import REFERENCED_WITHIN, referenced  # these load every contract

        since = datetime.now(UTC) - (REFERENCED_WITHIN if len(partners) == 1 else ENDED_WITHIN)
        ids = await referenced(connection, partners, short.end, since, most + 1)
        rows = await sql.subjects(connection, ids)
        sought = (
            f"les orientations dont l'identifiant finit par « {short.end} », en cours ou finies depuis le "
            f"{day_and_hour(since)}"
        )
    cut = f"les {most} plus récents ; donnez davantage de l'identifiant" if len(rows) > most else ""
    return Meant(rows[:most], sought, cut)
