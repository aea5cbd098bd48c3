"""The judge of a siege: each thing that a hub owes is missed when it is not so."""

from dataclasses import replace

import pytest

from bench.records import Arrival
from tests.hostile.hurling import Unfair, judge
from tests.hostile.verdict import Observed, Pair, Sent, faults, held_faults, p99_ratio
from tests.hostile.watching import READERS, Seen, longest
from tests.rows import each_row

SENT = [Sent(1, "a"), Sent(2, "b"), Sent(1, "c")]
ARRIVED = [Arrival(1.0, "b"), Arrival(2.0, "a"), Arrival(3.0, "c")]
SEEN = Seen({"gateway": 300.0, READERS: 900.0}, {"gateway": {7}, READERS: {8, 9}})
HELD = {"gateway": 0.1}
GOOD = Observed(
    SENT, ARRIVED, {400: 3, 202: 1}, [], SEEN, "intake.accepted", [Pair(10.0, 20.0, HELD, HELD)], {"sftp": 1}
)


def test_a_hub_that_owes_nothing_has_no_faults() -> None:
    assert list(faults(GOOD)) == []


@each_row(
    ("seen", "said"),
    [
        (replace(GOOD, found=["réponse 500 : …"]), "réponse 500"),
        (replace(GOOD, answers={0: 12}), "ne prouve rien"),
        (replace(GOOD, answered={"http": 3, "sftp": 0}), "aucune réponse hostile au hub (sftp)"),
        (replace(GOOD, arrivals=ARRIVED[:2]), "1 message(s) du partenaire tranquille perdu(s)"),
        (replace(GOOD, arrivals=[*ARRIVED, ARRIVED[0]]), "1 livraison(s) de trop"),
        (replace(GOOD, arrivals=ARRIVED[::-1]), "1 place(s) dont l'ordre n'est pas tenu"),
        (replace(GOOD, seen=Seen({}, {"gateway": {7, 8}})), "un processus est mort : gateway"),
        (replace(GOOD, seen=Seen({"gateway": 513.0}, {"gateway": {7}})), "gateway : 513 Mio"),
        (replace(GOOD, seen=Seen({READERS: 1025.0}, {"gateway": {7}})), "lecteurs : 1025 Mio"),
        (replace(GOOD, seen=Seen({READERS: 90.0}, {READERS: {8}})), "aucun processus du hub n'a été vu"),
        (replace(GOOD, log='{"event": "intake.bug"}'), "intake.bug"),
    ],
)
def test_each_fault_is_told(seen: Observed, said: str) -> None:
    (fault,) = faults(seen)
    assert said in fault


@each_row("head", [b"HTTP/1.1 500 \r\n\r\n", b"HTTP/1.1 503 \r\n\r\n", b"HTTP/1.1 502 \r\n\r\n"])
def test_an_error_of_ours_is_unfair(head: bytes) -> None:
    with pytest.raises(Unfair):
        judge(int(head[9:12]), head)


def test_a_hub_short_of_memory_may_say_when_to_come_back() -> None:
    judge(503, b"HTTP/1.1 503 \r\nRetry-After: 5\r\n\r\n")
    judge(429, b"HTTP/1.1 429 \r\n\r\n")


def test_a_soap_fault_is_judged_by_the_status_that_it_stands_for() -> None:
    judge(500, b"HTTP/1.1 500 \r\nsiao-statut: 422\r\n\r\n")
    with pytest.raises(Unfair):
        judge(500, b"HTTP/1.1 500 \r\nsiao-statut: 500\r\n\r\n")


def test_the_ratio_is_the_median_over_the_pairs() -> None:
    assert p99_ratio([Pair(10, each, HELD, HELD) for each in (20, 900, 25)]) == 2.5


@each_row(
    ("quiet", "noisy", "said"),
    [
        (0.05, 0.1, []),
        (0.1, 0.25, ["gateway : la boucle est tenue plus de 0.1 s (jusqu'à 0.25 ; 0.1 au calme)"]),
        (0.25, 0.25, []),
    ],
)
def test_a_loop_is_held_for_a_tenth_of_a_second_at_most_or_as_long_as_in_the_calm(
    quiet: float, noisy: float, said: list[str]
) -> None:
    first, worst = ({"gateway": each} for each in (0.05, noisy))
    pairs = [Pair(10, 20, {"gateway": quiet}, first), Pair(10, 20, {"gateway": 0.05}, worst)]
    assert list(held_faults(pairs)) == said


def test_what_held_a_loop_is_what_was_counted_between_two_readings() -> None:
    infinite = float("inf")
    before = {"gateway": {0.1: 4.0, 0.25: 5.0, infinite: 5.0}}
    after = {"gateway": {0.1: 9.0, 0.25: 10.0, infinite: 10.0}}
    assert longest(before, after) == {"gateway": 0.1}
    assert longest(before, {"gateway": {0.1: 9.0, 0.25: 11.0, infinite: 11.0}}) == {"gateway": 0.25}
