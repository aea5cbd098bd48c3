"""Sum up the newest changes of the hub's settings: when, who, what. The steps of a database migration count
as one change."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from contracts.plurals import counted
from router.domain.vitals import Change
from router.store.audit import SettingsChange

LISTED = 5
READ = 100
"""The maximum number of transactions that are read to count changes. Only `LISTED` are shown."""
SCANNED = 10_000
"""The maximum number of audit rows that are read to count changes. A change of the registry writes a row for
each entry."""
MIGRATED = "base.migrer"
ALL = "siao-hub audit list --reglages"
"""The command that lists the changes of the settings."""


def changes_of(rows: Sequence[SettingsChange]) -> Iterator[Change]:
    """Yield the changes of the settings, newest first. `rows` has their audit rows, newest first. Consecutive
    steps of a database migration count as one change."""
    for _, group in groupby(rows, lambda row: (row.actor, MIGRATED if row.action == MIGRATED else row.at)):
        newest, *older = group
        yield Change(newest.at, newest.actor, newest.action, newest.object, newest.others + len(older))


def is_all(rows: Sequence[SettingsChange]) -> bool:
    """Return whether `rows` has all changes of the settings that are in the audit. Return False if the
    reading of the audit stopped at a limit."""
    return len(rows) < READ and all(row.scanned < SCANNED for row in rows)


def shown_of(shown: int, in_all: int | None) -> str:
    """Return in French how many changes are shown, such as « 5 sur 12 changements »; an empty text if all are
    shown. `in_all` is the number of all changes, None if there are too many to count."""
    if in_all is None:
        return f"les {shown} derniers changements" if shown > 1 else "le dernier changement"
    return f"{shown} sur {counted(in_all)} changements" if in_all > shown else ""
