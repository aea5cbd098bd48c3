"""What the page of a partner says of its answers."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from console.pages.partners import answers, is_ours
from ops.service.level import Loop

NOW = datetime(2026, 1, 14, 3, 0, tzinfo=UTC)


def answered_after(hours: float | None) -> Loop:
    answered = None if hours is None else NOW + timedelta(hours=hours)
    return Loop(uuid4(), "centre", "siao-01", NOW, answered, None, is_open=hours is None, silent=False)


def test_answers_are_counted_by_how_long_they_took_and_open_loops_are_not():
    counted = answers([answered_after(hours) for hours in (0.5, 1, 3, 200, None)])
    assert [bar.number for bar in counted] == [2, 1, 0, 0, 0, 0, 1]
    assert answers([answered_after(None)]) == []


def test_where_the_hub_keeps_a_secret_is_no_business_of_the_partner():
    assert is_ours("sortie.secret")
    assert is_ours("entree.cle_privee")
    assert not is_ours("sortie.url")
