"""Every trial closes with the same line: how many loops ended in each way, and by name those that ended in none."""

from simulation import screen
from simulation.ends import NAMED, End, ends, out_of_sight, tally
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

FOUND = {"dossier-1": End.ANSWERED, "dossier-2": End.SILENCE_TOLD, "dossier-3": End.ANSWERED}


def test_the_closing_line_counts_every_loop_and_says_that_none_is_out_of_sight():
    assert tally(FOUND) == "3 boucles ouvertes. Répondue : 2, silence dit : 1, perdue de vue : 0."
    assert out_of_sight(FOUND) == ()
    assert not screen.closing(FOUND).style


def test_loops_out_of_sight_are_named_and_the_line_is_red():
    lost = {f"dossier-{n}": End.NONE for n in range(4, 5 + NAMED)}
    assert tally(FOUND | {"dossier-4": End.NONE}).endswith("perdue de vue : 1 (dossier-4).")
    assert tally(FOUND | lost).endswith(f"perdue de vue : {NAMED + 1} ({', '.join(list(lost)[:NAMED])}…).")
    assert out_of_sight(FOUND | lost) == tuple(lost)
    assert "red" in str(screen.closing(lost).style)


@each_row(
    ("opening", "referral", "step"),
    [
        ("dossier-14:demande.recue", 15, "orientation.mise-en-attente"),
        ("dossier-14:demande.recue", 15, "orientation.proposee"),
        ("uuid:accompagnement.demande", 11, "accompagnement.repondu"),
    ],
)
def test_a_loop_that_waits_for_a_step_of_another_is_where_that_step_is(opening, referral, step):
    said, loop = Journals(), f"dossier-{14 if referral == 15 else 16}"
    said.sent(opening, opens=loop).answered(opening)
    said.effect(f"dossier-{referral}:orientation.proposee", subject="uuid", dossier=referral)
    said.sent(f"uuid:{step}", subject="uuid", seq=1).answered(f"uuid:{step}")
    assert ends(said.observed, {f"uuid:{step}": "refusee"})[loop] is End.REFUSED
    assert ends(said.observed, {f"uuid:{step}": "incertaine"})[loop] is End.TASK
    assert ends(said.observed, {})[loop] is End.NONE


def test_a_request_that_opens_a_loop_says_where_that_loop_is_and_not_the_one_that_it_is_about():
    said = Journals().effect("dossier-11:orientation.proposee", subject="uuid", dossier=11)
    said.sent("uuid:accompagnement.demande", opens="dossier-16").answered("uuid:accompagnement.demande")
    assert ends(said.observed, {"uuid:accompagnement.demande": "perdue_avec_la_base"}) == {
        "dossier-16": End.REFUSED
    }
