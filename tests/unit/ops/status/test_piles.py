"""How fast a pile changes, from what was sampled before; of a pile that is too large to be counted, what came to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.status import sql
from ops.status.piles import RECENT, _pile, piles, trend_of
from ops.status.sql import Sample
from router.domain.correspondents import Count
from router.domain.vitals import COUNTED, CountedSince, Etape, Pile

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
FIVE_MINUTES_AGO = Sample(
    at=NOW - timedelta(minutes=5), now=NOW, accepted=50, owed=30, piles={Etape.A_LIVRER: 10}
)


def test_what_left_a_pile_is_what_came_and_is_not_there() -> None:
    pile = _pile(Etape.A_LIVRER, Count(20, NOW), FIVE_MINUTES_AGO, FIVE_MINUTES_AGO)
    assert pile == Pile(
        Etape.A_LIVRER,
        20,
        NOW,
        CountedSince(10, FIVE_MINUTES_AGO.at),
        out_per_minute=4.0,
        in_per_minute=6.0,
        left=CountedSince(20, FIVE_MINUTES_AGO.at),
    )


def test_of_a_pile_that_is_not_counted_to_its_end_what_came_is_known_and_what_left_is_not() -> None:
    uncounted = _pile(Etape.A_LIVRER, Count(COUNTED, NOW), FIVE_MINUTES_AGO, None)
    assert uncounted == Pile(Etape.A_LIVRER, COUNTED, NOW, in_per_minute=6.0)
    unsampled = _pile(Etape.A_APPLIQUER, Count(3, NOW), FIVE_MINUTES_AGO, None)
    assert (unsampled.out_per_minute, unsampled.in_per_minute) == (None, 10.0)


def test_of_a_pile_that_is_not_counted_to_its_end_no_change_is_told() -> None:
    assert (
        trend_of(_pile(Etape.A_LIVRER, Count(COUNTED, NOW), FIVE_MINUTES_AGO, FIVE_MINUTES_AGO), NOW) == "—"
    )


@pytest.mark.parametrize(
    ("number", "by", "words"),
    [
        (4, 1_200, "1\N{NARROW NO-BREAK SPACE}200 de plus depuis 05:55"),
        (4, -3, "3 de moins depuis 05:55"),
        (4, 0, "autant qu'à 05:55"),
        (0, -3, "vide"),
    ],
)
def test_a_change_is_told_with_the_moment_since_when_it_is_measured(number: int, by: int, words: str) -> None:
    pile = Pile(Etape.A_LIVRER, number, growth=CountedSince(by, FIVE_MINUTES_AGO.at), sampled_at=NOW)
    assert trend_of(pile, NOW) == words


@pytest.mark.parametrize(
    ("out", "come", "words"),
    [
        (3.0, 1.0, "10 de moins depuis 05:55, vide vers 06:02 à ce rythme"),
        (0.0, 0.0, "10 de moins depuis 05:55"),
        (0.01, 0.0, "10 de moins depuis 05:55, vide vers 06:02 à ce rythme"),
        (None, None, "10 de moins depuis 05:55"),
    ],
)
def test_when_a_pile_will_be_empty_is_told_while_it_shrinks(
    out: float | None, come: float | None, words: str
) -> None:
    growth = CountedSince(-10, FIVE_MINUTES_AGO.at)
    pile = Pile(Etape.A_LIVRER, 4, growth=growth, out_per_minute=out, in_per_minute=come, sampled_at=NOW)
    assert trend_of(pile, NOW) == words
    assert "vide vers" not in trend_of(replace(pile, number=100_000), NOW), "au-delà d'une demi-journée"


@pytest.mark.parametrize(
    ("a_minute_ago", "words"),
    [(2, "autant qu'à 05:59"), (1, "1 de plus depuis 05:59"), (3, "117 de moins depuis 05:55")],
)
def test_a_pile_that_shrank_and_no_longer_does_is_not_said_to_shrink(a_minute_ago: int, words: str) -> None:
    burst = FIVE_MINUTES_AGO._replace(piles={Etape.A_LIVRER: 119})
    lately = FIVE_MINUTES_AGO._replace(at=NOW - timedelta(minutes=1), piles={Etape.A_LIVRER: a_minute_ago})
    pile = _pile(Etape.A_LIVRER, Count(2, NOW), lately, burst)
    assert trend_of(pile, NOW).partition(",")[0] == words


def test_nothing_is_said_of_a_pile_that_nobody_has_sampled() -> None:
    assert _pile(Etape.A_LIVRER, Count(3, NOW), None, None) == Pile(Etape.A_LIVRER, 3, NOW)


def test_what_left_is_counted_since_the_moment_of_the_sample() -> None:
    long_ago = FIVE_MINUTES_AGO._replace(at=NOW - timedelta(minutes=9))
    assert _pile(Etape.A_LIVRER, Count(7, NOW), None, long_ago).left == CountedSince(33, long_ago.at)
    assert _pile(Etape.A_LIVRER, Count(7, NOW), None, None).left is None
    assert _pile(Etape.EN_BOITE, Count(7, NOW), None, long_ago).left is None


def test_a_slow_growth_is_told_over_five_minutes_and_not_as_none_over_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = ("differe", "a_appliquer", "mis_de_cote")
    waits = {
        **dict.fromkeys(counted, 0),
        **{f"{each}_since": None for each in counted},
        "differe": 33,
        "sampled_at": NOW,
    }

    async def now(*_: object) -> SimpleNamespace:
        return SimpleNamespace(**waits)

    async def before(_: object, ages: Sequence[timedelta]) -> list[Sample]:
        return [
            Sample(
                at=NOW - age, now=NOW, accepted=0, owed=0, piles={Etape.DIFFERE: 27 if age == RECENT else 33}
            )
            for age in ages
        ]

    monkeypatch.setattr(sql, "piles", now)
    monkeypatch.setattr(sql, "compared", before)
    (found, *_) = asyncio.run(piles(cast(Any, None), (), COUNTED))
    assert found.growth == CountedSince(6, NOW - RECENT)
