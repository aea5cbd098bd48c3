"""Every trial closes with the same line: how many loops ended in each way, and by name those that ended in none."""

from simulation import screen
from simulation.ends import NAMED, End, out_of_sight, tally

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
