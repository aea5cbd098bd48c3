"""What an error says of itself, and what it never says."""

from contracts.errors import InvalidContract, Refused, Throttled
from router.triage import FRAMES, cause_of
from tests.rows import each_row


def caught(exc: Exception, depth: int = 0) -> Exception:
    """The error as it comes out of `depth` calls."""
    try:
        if depth:
            raise caught(exc, depth - 1)
        raise exc
    except (ValueError, KeyError) as out:
        return out


@each_row("exc", [InvalidContract("date absente"), Refused("422"), Throttled("doucement", 3)])
def test_an_error_of_the_hub_speaks_for_itself(exc: Exception) -> None:
    assert cause_of(exc) == (type(exc).__name__, str(exc), {"message": str(exc)})


def test_a_bug_tells_its_type_and_where_it_happened_and_never_its_words() -> None:
    cause, fingerprint, detail = cause_of(caught(ValueError("Camille Fictif, née le 3 mai")))
    assert cause == "bug"
    assert fingerprint.startswith("ValueError test_triage.py:")
    assert detail["type"] == "ValueError"
    assert "Fictif" not in f"{fingerprint} {detail}"


def test_the_same_bug_has_the_same_fingerprint_whatever_it_was_about() -> None:
    one, other = caught(KeyError("Camille")), caught(KeyError("Dominique"))
    assert cause_of(one)[1] == cause_of(other)[1]


def test_only_the_innermost_frames_of_a_bug_are_kept() -> None:
    assert len(cause_of(caught(ValueError(), depth=20))[2]["pile"]) == FRAMES


def test_an_error_that_was_never_raised_has_no_stack() -> None:
    assert cause_of(ValueError("x")) == ("bug", "ValueError", {"type": "ValueError", "pile": []})
