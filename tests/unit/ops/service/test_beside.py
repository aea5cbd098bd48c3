"""What `status` awaits and `loops` does not count is said in words, so that the two never seem to disagree."""

from datetime import UTC, datetime

from ops.service.printed import beside
from router.domain.vitals import Unanswered
from tests.rows import each_row

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def owed(etat: str, recipient: str, number: int, nature: str, unproven: int = 0) -> Unanswered:
    return Unanswered(recipient, etat, number, unproven, SINCE, nature=nature)


@each_row(
    ("waits", "said"),
    [
        (owed("PROPOSEE", "centre", 3, "orientation"), ""),
        (owed("PROPOSEE", "centre", 3, "orientation", 2), "2 envois ne sont pas encore remis"),
        (
            owed("ACCEPTEE", "residence-lys", 1, "orientation"),
            "1 autre attente n'est pas comptée ici (orientation, acceptée : 1)",
        ),
        (
            owed("SOLLICITE", "operateur", 3, "suivi", 3),
            "3 autres attentes ne sont pas comptées ici (accompagnement d'un ménage,",
        ),
    ],
)
def test_what_waits_outside_of_a_loop_is_named_with_its_kind_and_its_state(
    waits: Unanswered, said: str
) -> None:
    lines = " ".join(beside([waits]))
    assert said in lines
    assert bool(lines) is bool(said)
    assert ("siao-hub status --tout" in lines) is ("autre" in said)


def test_waits_of_one_kind_are_counted_together_and_the_most_numerous_are_said_first() -> None:
    waits = [
        owed("ACCEPTEE", "a", 1, "orientation"),
        owed("DESIGNE", "b", 20, "daho"),
        owed("DESIGNE", "c", 19, "daho"),
    ]
    (line,) = beside(waits)
    assert line.startswith("40 autres attentes")
    assert line.index(" : 39") < line.index(" : 1")
