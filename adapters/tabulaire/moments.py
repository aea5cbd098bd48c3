"""Read moments (date and hour) in tables. Most are written without a UTC offset, in the time zone of the
sender's territory."""

import re
from collections.abc import Sequence
from datetime import datetime, time

from adapters import valeurs
from adapters.rejets import Illisible
from adapters.valeurs import Lire
from contracts.reference.fuseaux import zone

_FRENCH = re.compile(
    r"(?P<jour>\d{1,2}/\d{1,2}/\d{4}) (?:à )?(?P<heure>\d{1,2}) ?[h:] ?(?P<minute>\d{2})?(?::\d{2})?"
)
TO_WRITE = "écrivez le jour et l'heure : 02/03/2026 14:30"


def moment_near(territoires: Sequence[str]) -> Lire:
    """Return a reader of a date and hour. An hour without a UTC offset is in the time zone of `territoires`.
    If they have several time zones, the reader raises Illisible for such an hour."""
    zones = {zone(territoire) for territoire in territoires}

    def read(cell: str) -> datetime:
        local = _local(" ".join(cell.split()))
        if local is None or len(zones) != 1:
            return _complete(cell, valeurs.FULL_MOMENT if len(zones) != 1 else TO_WRITE)
        valeurs.day(local.date().isoformat())
        return local.replace(tzinfo=min(zones, key=str))

    return read


def _complete(cell: str, advice: str) -> datetime:
    try:
        return valeurs.moment(cell)
    except Illisible as exc:
        raise Illisible(exc.code, advice if str(exc) == valeurs.FULL_MOMENT else str(exc)) from None


def _local(cell: str) -> datetime | None:
    """Return the date and hour in a cell, without time zone. Return None if the cell has an ISO date without
    an hour, or an ISO date and hour with a UTC offset. Raises Illisible for any other text that is no date
    and hour."""
    if french := _FRENCH.fullmatch(cell):
        day = valeurs.day(french["jour"])
        try:
            return datetime.combine(day, time(int(french["heure"]), int(french["minute"] or 0)))
        except ValueError:
            raise Illisible("date_illisible", TO_WRITE) from None
    try:
        read = datetime.fromisoformat(cell)
    except ValueError:
        raise Illisible("date_illisible", TO_WRITE) from None
    return read if read.tzinfo is None and len(cell) > len("2026-03-02") else None
