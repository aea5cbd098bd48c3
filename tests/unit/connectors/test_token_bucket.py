"""A rate with a burst."""

import pytest

from connectors.token_bucket import TokenBucket


def test_a_burst_is_let_through_at_once_and_then_the_rate_alone():
    bucket = TokenBucket(per_second=2, burst=3)
    assert [bucket.take(100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(100.5) == 0
    assert bucket.take(100.5) == 0.5


def test_who_is_refused_pays_nothing():
    bucket = TokenBucket(per_second=1, burst=1)
    bucket.take(0.0)
    for _ in range(100):
        assert bucket.take(0.5) == 0.5
    assert bucket.take(1.0) == 0


def test_a_quiet_time_gives_no_more_than_the_burst():
    bucket = TokenBucket(per_second=1, burst=2)
    assert [bucket.take(10_000.0) for _ in range(3)] == [0, 0, 1]


def test_a_reservation_waits_its_turn_behind_the_others_and_none_is_made_beyond_the_longest_wait():
    bucket = TokenBucket(per_second=1, burst=1)
    assert [bucket.reserve(0.0, within=2) for _ in range(4)] == [0, 1, 2, None]
    assert bucket.reserve(1.0, within=2) == pytest.approx(2)
