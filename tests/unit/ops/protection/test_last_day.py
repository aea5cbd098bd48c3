"""The last day of a referent is that of the territory, wherever the command runs."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ops.protection.printed import last_day
from ops.status.quantities import ZONE


def test_a_referent_of_martinique_is_named_until_the_day_that_was_written() -> None:
    midnight_there = datetime(2026, 12, 1, 4, tzinfo=UTC)
    token = ZONE.set(ZoneInfo("America/Martinique"))
    try:
        assert last_day(midnight_there) == "30/11/2026"
    finally:
        ZONE.reset(token)
