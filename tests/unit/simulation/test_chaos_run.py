"""What a run of faults may be asked for, what it leaves behind however it ends, and when it says that all is well."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.local import PartUnavailable
from simulation.cast import LIST, PARTS
from simulation.chaos import report, run
from simulation.chaos.kills import Kills
from simulation.chaos.outcome import Outcome
from simulation.chaos.reckoning import account
from simulation.chaos.recovery import Recoveries
from simulation.chaos.run import INTERRUPTED, MISUSED, Order, run_chaos
from simulation.stage import PORTS
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

ALWAYS = (
    "accepted",
    "kills",
    "faults",
    "lost",
    "duplicates",
    "inversions",
    "orphans",
    "seed",
    "minutes",
    "nodes",
)


def ordered(json_file: Path | None = None, **changes: Any) -> Order:
    order: dict[str, Any] = {"minutes": 1.0, "seed": 7, "faults": "kill-role", "nodes": 1}
    return Order(**order | changes, json_file=json_file)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"minutes": 0.0}, "plus grande que zéro"),
        ({"minutes": -2.0}, "plus grande que zéro"),
        ({"minutes": float("nan")}, "plus grande que zéro"),
        ({"nodes": 2}, "1 ou 3 nœuds"),
        ({"faults": "tremblement"}, "panne inconnue : tremblement"),
        ({"json_file": Path("/nulle/part/chiffres.json")}, "/nulle/part/chiffres.json"),
        ({"json_file": Path("/")}, "ne peut pas être écrit"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_in_words_before_anything_starts(
    order, says, monkeypatch, capsys
):
    monkeypatch.setattr(run, "_run", lambda *_: pytest.fail("it ran"))
    assert run_chaos(ordered(**order)) == MISUSED
    assert says in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), INTERRUPTED), (PartUnavailable("Kafka ne vient pas"), 1)]
)
def test_a_run_that_is_broken_off_leaves_what_is_known_and_is_not_sound(tmp_path, monkeypatch, error, status):
    def breaks(_console, _order, _faults, known):
        known["accepted"] = 12
        raise error

    monkeypatch.setattr(run, "_run", breaks)
    assert run_chaos(ordered(tmp_path / "c.json")) == status
    said = json.loads((tmp_path / "c.json").read_text())
    assert set(ALWAYS) < said.keys()
    assert (said["accepted"], said["sound"], said["lost"], said["seed"]) == (12, False, None, 7)
    assert said["version"]


def test_what_is_known_of_a_broken_run_does_not_call_lost_what_was_on_its_way():
    journals = Journals().arrived("a").sent("b").answered("b").effect("a")
    known = report.so_far(journals.observed, Counter({"cut": 1}), Kills())
    assert (known["accepted"], known["duplicates"], known["faults"]) == (2, 1, {"cut": 1})
    assert "lost" not in known


def outcome(**changes: Any) -> Outcome:
    said: dict[str, Any] = {"faults": Counter({"cut": 1}), "quiet_s": 1.0, "unforeseen": ()}
    return Outcome(account(Journals().arrived("a").observed, {}), kills=Kills(), **said | changes)


def test_a_run_is_sound_when_nothing_is_wrong_and_a_fault_happened():
    assert outcome().sound
    assert "✓" in str(report.conclusion(outcome()))
    assert report.figures(outcome(), Recoveries())["sound"] is True


@each_row(
    ("changes", "says"),
    [
        ({"quiet_s": None}, "pas revenu au calme"),
        ({"unforeseen": ["worker-1, état 1"]}, "arrêté de lui-même"),
        ({"faults": Counter()}, "aucune panne n'a eu lieu"),
    ],
)
def test_a_run_that_proves_nothing_or_never_came_to_rest_is_not_sound_and_says_why(changes, says):
    assert not outcome(**changes).sound
    assert "✗" in str(report.conclusion(outcome(**changes)))
    assert says in str(report.conclusion(outcome(**changes)))
    assert report.figures(outcome(**changes), Recoveries())["sound"] is False


def test_what_a_zero_proves_follows_from_the_kills_that_hit_unfinished_work():
    kills = Kills()
    kills.by_role.update({"worker": 400})
    kills.on_unfinished = 300
    assert "inférieur à 1,0 %" in str(report.proof(kills))
    kills.on_unfinished = 2
    assert "prouve" not in str(report.proof(kills))


def test_every_partner_of_the_story_plays_in_a_run_of_faults(tmp_path):
    setting = run._set_up(tmp_path, range(PORTS), {}, ordered())
    assert setting.configs.keys() == {part.id for part in (*PARTS, *LIST)}
