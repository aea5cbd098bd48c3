"""What `status` awaits and `loops` does not count is said in words, so that the two never seem to disagree."""

from typing import NamedTuple

import pytest

from ops.service.printed import beside


class Owed(NamedTuple):
    etat: str
    destinataire: str
    number: int
    nature: str
    unproven: int = 0


@pytest.mark.parametrize(
    ("owed", "said"),
    [
        (Owed("PROPOSEE", "centre", 3, "orientation"), ""),
        (Owed("PROPOSEE", "centre", 3, "orientation", 2), "2 envois ne sont pas encore remis"),
        (Owed("ACCEPTEE", "residence-lys", 1, "orientation"), "1 acceptée"),
    ],
)
def test_what_waits_outside_of_a_loop_is_named_with_its_state_and_whom_it_waits_for(
    owed: Owed, said: str
) -> None:
    lines = " ".join(beside([owed]))  # type: ignore[list-item]  # the fields of a row
    assert said in lines
    assert bool(lines) is bool(said)
    assert not said.startswith("1") or "chez residence-lys" in lines
