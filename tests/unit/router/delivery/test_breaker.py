"""The breaker of one partner: when it is left alone, and how it comes back."""

from router.delivery.breaker import (
    DENIALS_TO_PAUSE,
    FAILURES_TO_OPEN,
    IN_FLIGHT_FIRST,
    MISCONFIGURED_SECONDS,
    PROBE_FIRST_SECONDS,
    PROBE_MAX_SECONDS,
    Breaker,
)
from tests.rows import each_row

NOW = 1000.0


def opened() -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(NOW)
    return breaker


def test_it_opens_after_five_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(NOW)
    assert breaker.permits(8, 0, NOW) == 8
    breaker.failed(NOW)
    assert breaker.permits(8, 0, NOW) == 0
    assert FAILURES_TO_OPEN == 5


def test_a_success_in_between_begins_the_count_again() -> None:
    breaker = Breaker()
    for _ in range(3):
        for _ in range(4):
            breaker.failed(NOW)
        breaker.succeeded(1)
    assert breaker.permits(8, 0, NOW) == 8


def test_when_its_time_has_come_a_single_probe_goes_out() -> None:
    breaker = opened()
    later = NOW + PROBE_FIRST_SECONDS
    assert breaker.permits(8, 0, later - 0.01) == 0
    assert breaker.permits(8, 0, later) == 1
    assert breaker.permits(8, 1, later) == 0


def test_a_probe_takes_no_room_that_others_have_taken() -> None:
    assert opened().permits(0, 0, NOW + PROBE_FIRST_SECONDS) <= 0
    assert opened().permits(-3, 0, NOW + PROBE_FIRST_SECONDS) <= 0


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()
    breaker.succeeded(1)
    assert breaker.permits(8, 0, NOW) == 8


def test_each_probe_that_fails_doubles_the_wait_up_to_the_longest() -> None:
    breaker, now, waits = opened(), NOW, []
    for _ in range(8):
        waits.append(breaker.probe_at - now)
        now = breaker.probe_at
        breaker.failed(now)
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert PROBE_MAX_SECONDS == 60.0


def test_deliveries_in_flight_when_it_opened_do_not_lengthen_the_outage() -> None:
    breaker = opened()
    for _ in range(200):
        breaker.failed(NOW + 0.5)
    assert breaker.permits(8, 0, NOW + PROBE_FIRST_SECONDS) == 1


def test_a_partner_that_asks_to_wait_is_left_alone_for_as_long() -> None:
    breaker = Breaker()
    breaker.pause(NOW, 30)
    assert breaker.permits(8, 0, NOW + 29.9) == 0
    assert breaker.permits(8, 0, NOW + 30) == 8


def test_a_success_that_was_under_way_does_not_end_the_pause() -> None:
    breaker = Breaker()
    breaker.pause(NOW, 30)
    breaker.succeeded(3)
    assert breaker.permits(8, 3, NOW + 1) == 0


def test_of_two_pauses_the_longer_holds() -> None:
    breaker = Breaker()
    breaker.pause(NOW, 30)
    breaker.pause(NOW + 1, 5)
    assert breaker.permits(8, 0, NOW + 29) == 0


@each_row(("free", "in_flight"), [(0, 0), (3, 5), (IN_FLIGHT_FIRST, 0)])
def test_a_healthy_partner_gets_all_the_room_there_is_within_its_window(free: int, in_flight: int) -> None:
    assert Breaker().permits(free, in_flight, NOW) == free


def test_a_partner_of_which_nothing_is_known_gets_few_lanes_however_many_are_free() -> None:
    assert Breaker().permits(256, 0, NOW) == IN_FLIGHT_FIRST
    assert Breaker().permits(256, IN_FLIGHT_FIRST, NOW) == 0


def answering(rounds: int) -> Breaker:
    """A breaker of a partner that answered all that it was sent, as much as was let through each time."""
    breaker = Breaker()
    for _ in range(rounds):
        in_flight = breaker.permits(256, 0, NOW)
        for left in range(in_flight, 0, -1):
            breaker.succeeded(left)
    return breaker


def test_a_partner_that_answers_is_soon_sent_as_much_as_its_entry_allows() -> None:
    assert answering(rounds=10).permits(256, 0, NOW) == 256


def test_a_window_that_is_not_used_does_not_grow() -> None:
    breaker = Breaker()
    for _ in range(1000):
        breaker.succeeded(IN_FLIGHT_FIRST // 2 - 1)
    assert breaker.in_flight_at_most == IN_FLIGHT_FIRST


def test_a_partner_that_comes_back_from_an_outage_begins_with_few_lanes_again() -> None:
    breaker = answering(rounds=10)
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(NOW)
    breaker.succeeded(1)
    assert breaker.permits(256, 0, NOW) == IN_FLIGHT_FIRST


def test_a_partner_that_refuses_is_there_and_its_breaker_closes() -> None:
    breaker = opened()
    breaker.answered()
    assert breaker.permits(8, 0, NOW) == 8


def test_who_does_not_let_one_thing_in_goes_on_being_sent_the_others() -> None:
    breaker = Breaker()
    assert not breaker.denied(NOW, "une fiche")
    assert not breaker.denied(NOW, "une fiche")
    assert breaker.permits(8, 0, NOW) == 8
    breaker.succeeded(1)
    assert not breaker.denied(NOW, "une autre")
    assert breaker.permits(8, 0, NOW) == 8


def test_who_lets_nothing_in_is_left_alone() -> None:
    breaker = Breaker()
    assert not breaker.denied(NOW, "une fiche")
    assert breaker.denied(NOW, "une autre")
    assert breaker.permits(8, 0, NOW + MISCONFIGURED_SECONDS - 1) == 0
    assert breaker.permits(8, 0, NOW + MISCONFIGURED_SECONDS) == 8


def test_who_is_denied_again_and_again_leaves_the_partner_to_others_for_a_while() -> None:
    breaker = Breaker()
    for _ in range(DENIALS_TO_PAUSE - 1):
        assert not breaker.denied(NOW, "une fiche")
    assert breaker.denied(NOW, "une fiche")
    assert breaker.permits(8, 0, NOW + MISCONFIGURED_SECONDS - 1) == 0
    breaker.succeeded(1)
    assert not breaker.denied(NOW + MISCONFIGURED_SECONDS, "une fiche")
