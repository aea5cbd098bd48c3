"""A type that a partner refuses is held back, and takes nothing else with it."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from router.delivery.refusals import PROBE_SECONDS, PROBED_SECONDS, REFUSALS_TO_HOLD, Refusals

NOW = 1000.0
AT = datetime(2026, 1, 12, 3, tzinfo=UTC)
REFUSED, OTHER, TAKEN = "menage.doublon-suspecte", "place.vacante", "orientation.proposee"
answers = st.lists(st.tuples(st.sampled_from([REFUSED, OTHER, TAKEN]), st.booleans()), max_size=300)


def refusing(*types: str, times: int = REFUSALS_TO_HOLD) -> Refusals:
    """A partner that has refused each of these types so often."""
    refusals = Refusals()
    for each in types * times:
        refusals.refused([each], NOW, AT)
    return refusals


def waits_s(refusals: Refusals, *lane: str, now: float = NOW) -> float:
    return refusals.waits_s(lane[:1], set(lane), now)


@given(answers)
def test_a_type_waits_if_and_only_if_it_was_itself_refused_so_often_since_it_was_last_accepted(
    answered: list[tuple[str, bool]],
) -> None:
    refusals, rows = Refusals(), Counter[str]()
    for kind, accepted in answered:
        if accepted:
            refusals.accepted([kind])
            rows[kind] = 0
        else:
            refusals.refused([kind], NOW, AT)
            rows[kind] += 1
    for kind in (REFUSED, OTHER, TAKEN):
        assert (waits_s(refusals, kind) > 0) == (rows[kind] >= REFUSALS_TO_HOLD)
        assert waits_s(refusals, kind, "a type that was never tried") == 0


@given(answers, st.integers(1, 30))
def test_of_a_type_that_is_always_refused_no_more_become_tasks_than_its_row_and_one_a_minute(
    others: list[tuple[str, bool]], minutes: int
) -> None:
    refusals = Refusals()
    for kind, accepted in others:
        refusals.accepted([kind]) if accepted else refusals.refused([kind], NOW, AT)
    refusals.accepted([REFUSED])
    tried = 0
    for second in range(minutes * int(PROBE_SECONDS)):
        if not waits_s(refusals, REFUSED, now=NOW + second):
            refusals.refused([REFUSED], NOW + second, AT)
            tried += 1
    assert tried <= REFUSALS_TO_HOLD + minutes


def test_one_delivery_in_flight_probes_and_the_others_of_its_type_go_on_waiting() -> None:
    refusals, later = refusing(REFUSED), NOW + PROBE_SECONDS
    assert waits_s(refusals, REFUSED, now=later - 1) == 1
    assert [waits_s(refusals, REFUSED, now=later) for _ in range(3)] == [0, PROBED_SECONDS, PROBED_SECONDS]
    refusals.refused([REFUSED], later, AT)
    assert waits_s(refusals, REFUSED, now=later) == PROBE_SECONDS


def test_what_is_accepted_never_waits_behind_what_is_refused_in_its_own_lane() -> None:
    assert waits_s(refusing(REFUSED), REFUSED, TAKEN) == 0
    assert waits_s(refusing(REFUSED, OTHER), REFUSED, OTHER) > 0


def test_a_lot_of_several_types_that_is_refused_counts_for_none_of_them() -> None:
    refusals = Refusals()
    for _ in range(3 * REFUSALS_TO_HOLD):
        refusals.refused([REFUSED, TAKEN], NOW, AT)
    assert not refusals.by_type


def test_a_partner_refuses_all_when_several_types_are_held_and_nothing_was_accepted_between() -> None:
    assert not refusing(REFUSED, times=100).of_all
    assert not refusing(REFUSED, OTHER, times=REFUSALS_TO_HOLD - 1).of_all
    refusals = refusing(REFUSED, OTHER)
    assert refusals.of_all
    refusals.accepted([TAKEN])
    assert not refusals.of_all


def test_a_person_who_says_that_it_is_mended_has_the_next_one_tried_at_once() -> None:
    refusals = refusing(REFUSED)
    refusals.try_now()
    assert [waits_s(refusals, REFUSED) for _ in range(2)] == [0, PROBED_SECONDS]
