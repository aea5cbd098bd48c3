"""The state of the reading of a source says what the last round has shown, while it still runs."""

from router.intake.source_rounds import SourceRounds
from router.store.heartbeat import Read


def news(rounds: SourceRounds) -> Read:
    read = rounds.news()
    assert read is not None
    return read


def failing() -> SourceRounds:
    rounds = SourceRounds("centre")
    rounds.failed("injoignable")
    return rounds


def test_a_long_round_ends_a_fault_with_the_first_file_that_it_has_put_away() -> None:
    rounds = failing()
    rounds.goes_on()
    assert news(rounds).cause == "injoignable", "un essai qui commence ne prouve rien"
    rounds.put_away()
    assert (news(rounds).failing_since, news(failing()).cause) == (None, "injoignable")


def test_a_round_that_fails_after_some_files_continues_the_fault_from_its_first_beginning() -> None:
    rounds = failing()
    began = news(rounds).failing_since
    rounds.put_away()
    rounds.failed("coupé")
    read = news(rounds)
    assert (read.failing_since, read.failures, read.cause) == (began, 2, "coupé")
    rounds.succeeded()
    rounds.failed("de nouveau")
    assert (news(rounds).failing_since, rounds.news()) != (began, None)
