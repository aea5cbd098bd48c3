"""Write ids of the hub in short form, as lists show them, and search by the short form."""

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
"""Maximum number of results that a page or a history lists for one short id."""
ENDED_WITHIN = timedelta(days=7)
"""How long after its last change an ended referral is still found by the end of its id, in a search over
several partners. A search for one partner uses `ops.desk.sql.REFERENCED_WITHIN`."""
BEGINNING, DIGITS = 8, 32
"""Number of hexadecimal digits at the beginning of a short form, and in a whole id."""
_CUT = r"(?:…|\.\.\.)"
_BEGINS, _ENDS = rf"[0-9a-f]{{{BEGINNING}}}(?:-[0-9a-f-]{{0,27}})?", rf"[0-9a-f]{{{REFERENCE_DIGITS}}}"
_TYPED = re.compile(
    r"(?:réf(?:érence|\.)?|message|événement|livraison|quarantaine|sujet|ménage|orientation)?\s*"
    rf"(?:({_BEGINS})(?:{_CUT}({_ENDS})?)?|{_CUT}?({_ENDS}))",
    re.IGNORECASE,
)


class Short(NamedTuple):
    """Id as a person typed it, whole or in part. `beginning` has the first digits of the id, or the whole id.
    `end` has its last digits. One of the two may be empty: people name a referral by its last digits alone."""

    beginning: str = ""
    """At least `BEGINNING` digits; empty if only the end is known."""
    end: str = ""

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """Return the smallest and the largest id that start with `beginning`. Both are equal if `beginning` is
        a whole id."""
        digits = self.beginning.replace("-", "")[:DIGITS]
        return UUID(digits.ljust(DIGITS, "0")), UUID(digits.ljust(DIGITS, "f"))

    @property
    def is_whole(self) -> bool:
        """Return whether this is a whole id, and not only the first or last digits of one."""
        first, last = self.ids
        return first == last


class Meant(NamedTuple):
    """Possible meanings of a short id: the rows found, and in French what was searched."""

    rows: Sequence[Row] = ()
    """Rows (kind, id, at, etat, type, partner), newest first. `type` is a dialect, a message type, a cause or
    the kind of a subject, depending on the row's kind."""
    sought: str = ""
    """French sentence which says what was searched, among what, and since when."""
    cut: str = ""
    """French sentence which says that more things have this short id; empty if `rows` is complete."""


def shortened(ident: UUID | str) -> str:
    """Return the short form of an id, such as « 0198c3a2…4d2a1f »: a beginning by which an index finds it,
    and an end by which people distinguish it."""
    return f"{str(ident)[:BEGINNING]}…{str(ident)[-REFERENCE_DIGITS:]}"


def short_in(text: str) -> Short | None:
    """Read a text that is an id, whole or as the hub's pages shorten it: « 0198c3a2…4d2a1f », « 0198c3a2 »,
    « réf. 4d2a1f » or « 4d2a1f ». Return None for any other text."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    beginning, end, reference = (part.lower() for part in found.groups(""))
    return Short(beginning, end or reference)


async def meant(connection: Connection, partners: Sequence[str], short: Short, most: int) -> Meant:
    """Return at most `most` things whose id may be `short`, and in French what was searched. The search covers:

    * by the first digits of an id: the messages, events, deliveries and quarantine entries of these partners,
      and the subjects and households of all partners;
    * by the last digits alone: the referrals from or to these partners that are open, or that changed in the
      last seven days (`ENDED_WITHIN`) or, for one partner alone, 90 days (`REFERENCED_WITHIN`).
    """
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
