"""In simulated time every scenario comes out as it says, and a hub that forgets somebody is seen."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.errors import Misconfigured
from contracts.v1.alerte import AlerteEcheance, AlerteSilence
from contracts.v1.place import PlaceDisponible
from router.domain import deadlines
from simulation.accelerated.command import all_scenarios, run_scenarios
from simulation.accelerated.hub import AcceleratedHub, Received
from simulation.accelerated.judgement import mistold, places_kept, unfulfilled, untimely
from simulation.accelerated.play import play, run
from simulation.accelerated.scenario import Scenario, read
from tests.rows import each_row

SILENCE = "silence-jusqu-a-l-escalade"


def scenario(name: str) -> Scenario:
    return read(next(file for file in all_scenarios() if file.stem == name))


def silences(hub: AcceleratedHub) -> list[Received]:
    return [each for each in hub.journals["siao"] if isinstance(each.contrat, AlerteEcheance)]


@each_row("file", all_scenarios(), ids=lambda file: file.stem)
def test_a_scenario_comes_out_as_it_says(file: Path) -> None:
    assert play(read(file)).wrong == ()


@each_row("file", all_scenarios(), ids=lambda file: file.stem)
def test_a_scenario_fails_by_each_thing_that_does_not_come_or_should_not_have(file: Path) -> None:
    played = read(file)
    unwanted = played.model_copy(update={"attendu": (), "jamais": played.attendu})
    assert played.attendu
    assert len(list(unfulfilled(played, {}))) == len(played.attendu)
    assert len(list(unfulfilled(unwanted, run(played).journals))) == len(played.attendu)


def test_a_scenario_fails_when_what_it_expects_does_not_come() -> None:
    silent = scenario(SILENCE)
    early = [
        trace.model_copy(update={"le": trace.le - timedelta(minutes=2)}) if trace.le else trace
        for trace in silent.attendu
    ]
    assert len(play(silent.model_copy(update={"attendu": tuple(early)})).wrong) == 3


def test_a_hub_without_deadlines_loses_a_referral_out_of_sight_and_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadlines, "_AWAITING", frozenset())
    wrong = play(scenario(SILENCE).model_copy(update={"attendu": ()})).wrong
    assert [each.rpartition(" : ")[2] for each in wrong] == ["perdue de vue"]


def test_a_deadline_that_is_told_twice_or_late_is_found_in_the_journals() -> None:
    hub = run(scenario(SILENCE))
    assert list(untimely(hub.journals)) == []
    first = silences(hub)[0]
    twice = {"siao": [first, first]}
    late = {"siao": [first._replace(at=first.at + timedelta(seconds=61))]}
    early = {"siao": [first._replace(at=first.at - timedelta(seconds=1))]}
    endings = [each.rpartition(", ")[2] for told in (twice, late, early) for each in untimely(told)]
    assert endings == ["dite deux fois", "dite trop tard", "dite au mauvais moment"]


def test_a_silence_that_is_told_twice_or_late_is_found_in_the_journal_of_the_siao() -> None:
    journal = run(scenario("flux-muet")).journals["siao"]
    began, ended = (each for each in journal if isinstance(each.contrat, AlerteSilence))
    assert list(mistold([began, ended])) == []
    late = began._replace(at=began.at + timedelta(seconds=61))
    endings = [each.rpartition(", ")[2] for told in ([began, began], [late]) for each in mistold(told)]
    assert endings == ["dit deux fois", "dit au mauvais moment"]


def test_a_hub_whose_clock_passes_what_was_accepted_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AcceleratedHub, "waits", lambda *_: False)
    wrong = play(scenario("reponse-a-la-derniere-seconde")).wrong
    assert any(each.startswith("venu, contre toute attente : siao reçoit alerte.echeance") for each in wrong)


def test_a_place_that_is_not_given_back_is_found_in_the_journal_of_the_siao() -> None:
    hub = run(scenario(SILENCE))
    assert list(places_kept(hub.sent, hub.journals["siao"])) == []
    kept = [each for each in hub.journals["siao"] if not isinstance(each.contrat, PlaceDisponible)]
    assert len(list(places_kept(hub.sent, kept))) == 1


def test_the_command_tells_each_scenario_writes_its_figures_and_fails_with_one_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, wrong = tmp_path / "chiffres.json", tmp_path / "faux.toml"
    (good,) = (file for file in all_scenarios() if file.stem == SILENCE)
    wrong.write_text(good.read_text().replace("2026-03-11T10:00:00", "2026-03-11T11:00:00"))
    assert run_scenarios([good], out) == 0
    assert json.loads(out.read_text())["orientations"] == {"silence dit": 1}
    assert run_scenarios([good, wrong], out) == 1
    assert json.loads(out.read_text())["juste"] is False
    said = capsys.readouterr().out
    assert "attendu, et pas venu : siao reçoit alerte.echeance de « o-1 » le 11/03/2026 à 11:00" in said


def test_a_file_that_is_no_scenario_is_refused_with_the_place_of_the_fault(tmp_path: Path) -> None:
    file = tmp_path / "sans-fin.toml"
    file.write_text('titre = "x"\nterritoire = "59"\n')
    with pytest.raises(Misconfigured, match=r"sans-fin.toml, « fin »"):
        read(file)
    assert run_scenarios([file], None) == 2
    no_message = scenario(SILENCE)
    geste = no_message.geste[0].model_copy(update={"dit": "place.volante"})
    with pytest.raises(Misconfigured, match="n'est pas un message"):
        play(no_message.model_copy(update={"geste": (geste,)}))
