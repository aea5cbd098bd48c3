"""Write a table, after an import, of the ids under which the old application, the hub and the SIAO know each
demand."""

import csv
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from adapters.tabulaire.ecriture import harmless
from ops.importing import sql
from router.privacy.crosswalk import Crosswalk
from router.store.database import Database

HEADER = ("demande", "menage", "demande_hub", "menage_hub", "siao", "demande_siao", "menage_siao")
PAGE = 1000
FIRST = UUID(int=0)


class Line(NamedTuple):
    """Ids of a demand and its household: in the old application, at the hub, and at the SIAO. An id is empty if
    never given, or if the household is forgotten."""

    demande: str
    menage: str
    demande_hub: UUID
    menage_hub: UUID
    siao: str
    demande_siao: str
    menage_siao: str


async def lines(database: Database, crosswalk: Crosswalk, partner: str) -> AsyncIterator[Line]:
    """Yield a line for each demand that a partner sent and that the hub has applied. The line has the ids by
    which the partner, the hub and the SIAO know the demand and its household. The lines are sorted by the hub's
    id of the demand."""
    after: UUID | None = FIRST
    while after is not None:
        async with database.transaction() as connection:
            page = await sql.demands(connection, partner, after, PAGE)
            pairs = [
                (who, each) for row in page for who in (partner, row.siao) for each in (row.id, row.menage)
            ]
            names = await crosswalk.back(connection, pairs)
        for row in page:
            old, new = ([names.get((w, i), "") for i in (row.id, row.menage)] for w in (partner, row.siao))
            yield Line(old[0], old[1], row.id, row.menage, row.siao, new[0], new[1])
        after = page[-1].id if len(page) == PAGE else None


async def write(database: Database, crosswalk: Crosswalk, partner: str, file: Path) -> int:
    """Write a new CSV file that only its owner may read, with a line for each demand of a partner that the hub
    has applied. A line has the ids of the demand and of its household: the partner's, the hub's and the SIAO's.
    Return the number of lines without the header. Raises FileExistsError if `file` exists already."""
    number = 0
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, delimiter=";")
        writer.writerow(HEADER)
        async for line in lines(database, crosswalk, partner):
            writer.writerow(harmless(str(each)) for each in line)
            number += 1
    return number
