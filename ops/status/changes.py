"""Newest changes of the hub's settings, as acts of people: the steps of a migration are folded into one. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from contracts.plurals import counted
from router.domain.vitals import Act
from router.store.database import Row

LISTED = 5
READ = 100
"""Limit on the transactions that are read to know how many acts there are beside the `LISTED` ones."""
SCANNED = 10_000
"""Limit on the audit rows in these transactions: a registry writes one for each changed entry."""
MIGRATED = "base.migrer"
ALL = "siao-hub audit list --reglages"
"""Command that lists the changes of the settings."""


def acts_of(rows: Sequence[Row]) -> Iterator[Act]:
    """Yield the acts in these transactions (at, actor, action, object, others), newest first. The steps of a migration
    are one act."""
    for _, group in groupby(rows, lambda row: (row.actor, MIGRATED if row.action == MIGRATED else row.at)):
        newest, *older = group
        yield Act(newest.at, newest.actor, newest.action, newest.object, newest.others + len(older))


def is_all(rows: Sequence[Row]) -> bool:
    """Tell whether these transactions are all that the audit has, and not cut off by `READ` or `SCANNED`."""
    return len(rows) < READ and all(row.scanned < SCANNED for row in rows)


def shown_of(shown: int, in_all: int | None) -> str:
    """Return in French how many of the changes are shown: « 5 sur 12 changements » ; « les 5 derniers changements » if
    they are too many to be counted. Empty if all are shown."""
    if in_all is None:
        return f"les {shown} derniers changements" if shown > 1 else "le dernier changement"
    return f"{shown} sur {counted(in_all)} changements" if in_all > shown else ""
