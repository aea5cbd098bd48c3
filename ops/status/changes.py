"""Newest changes of the hub's settings, as acts of people: the rows that the audit has of one act are folded into one.
Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from contracts.plurals import counted, many
from router.domain.vitals import Act
from router.store.database import Row

LISTED = 5
READ = 100
"""Limit on the audit rows that are read to know how many acts there are beside the `LISTED` ones."""
MIGRATED = "base.migrer"
ALL = "siao-hub audit list --reglages"
"""Command that lists the changes of the settings."""


def acts_of(rows: Sequence[Row]) -> Iterator[Act]:
    """Yield the acts in these audit rows (at, actor, action, object), newest first. The rows of one transaction are one
    act, such as a registry applied with ten changed entries; the steps of a migration are one act too."""
    for _, group in groupby(rows, lambda row: (row.actor, MIGRATED if row.action == MIGRATED else row.at)):
        newest, *older = group
        others = sum(row.action == newest.action for row in older)
        yield Act(newest.at, newest.actor, newest.action, newest.object, others)


def shown_of(shown: int, in_all: int | None) -> str:
    """Return in French how many of the changes are shown: « 5 sur 12 changements » ; « les 5 derniers changements » if
    they are too many to be counted. Empty if all are shown."""
    if in_all is None:
        return f"les {many(shown, 'dernier changement', 'derniers changements')}"
    return f"{shown} sur {counted(in_all)} changements" if in_all > shown else ""
