"""What `status` awaits and `loops` does not count is said in words, so that the two never seem to disagree."""

from typing import NamedTuple

from ops.service.printed import beside
from tests.rows import each_row


class Owed(NamedTuple):
    etat: str
    destinataire: str
    number: int
    nature: str
    unproven: int = 0


@each_row(
    ("owed", "said"),
    [
        (Owed("PROPOSEE", "centre", 3, "orientation"), ""),
        (Owed("PROPOSEE", "centre", 3, "orientation", 2), "2 envois ne sont pas encore remis"),
        (
            Owed("ACCEPTEE", "residence-lys", 1, "orientation"),
            "1 autre attente n'est pas comptée ici (orientation, acceptée : 1)",
        ),
        (
            Owed("SOLLICITE", "operateur", 3, "suivi", 3),
            "3 autres attentes ne sont pas comptées ici (accompagnement d'un ménage,",
        ),
    ],
)
def test_what_waits_outside_of_a_loop_is_named_with_its_kind_and_its_state(owed: Owed, said: str) -> None:
    lines = " ".join(beside([owed]))  # type: ignore[list-item]  # the fields of a row
    assert said in lines
    assert bool(lines) is bool(said)
    assert ("siao-hub status --tout" in lines) is ("autre" in said)


def test_waits_of_one_kind_are_counted_together_and_the_most_numerous_are_said_first() -> None:
    owed = [
        Owed("ACCEPTEE", "a", 1, "orientation"),
        Owed("DESIGNE", "b", 20, "daho"),
        Owed("DESIGNE", "c", 19, "daho"),
    ]
    (line,) = beside(owed)  # type: ignore[arg-type]  # the fields of rows
    assert line.startswith("40 autres attentes")
    assert line.index(" : 39") < line.index(" : 1")
