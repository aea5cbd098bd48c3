"""How fast a pile changes, from what was sampled before; of a pile that is too large to be counted, what came to it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from ops.status.vitals import _compared
from router.domain.vitals import COUNTED, Count, Etape, Pile

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
FIVE_MINUTES_AGO = SimpleNamespace(
    at=NOW - timedelta(minutes=5), now=NOW, accepted=50, owed=30, piles={Etape.A_LIVRER: 10}
)


def test_what_left_a_pile_is_what_came_and_is_not_there() -> None:
    pile = _compared(Etape.A_LIVRER, Count(20, NOW), FIVE_MINUTES_AGO)
    assert pile == Pile(Etape.A_LIVRER, 20, NOW, per_minute=2.0, out_per_minute=4.0, in_per_minute=6.0)


def test_of_a_pile_that_is_not_counted_to_its_end_what_came_is_known_and_what_left_is_not() -> None:
    uncounted = _compared(Etape.A_LIVRER, Count(COUNTED, NOW), FIVE_MINUTES_AGO)
    assert uncounted == Pile(Etape.A_LIVRER, COUNTED, NOW, in_per_minute=6.0)
    unsampled = _compared(Etape.A_APPLIQUER, Count(3, NOW), FIVE_MINUTES_AGO)
    assert (unsampled.out_per_minute, unsampled.in_per_minute) == (None, 10.0)


def test_nothing_is_said_of_a_pile_that_nobody_has_sampled() -> None:
    assert _compared(Etape.A_LIVRER, Count(3, NOW), None) == Pile(Etape.A_LIVRER, 3, NOW)
