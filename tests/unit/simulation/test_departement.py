"""Weeks of a whole département in simulated time: nothing is out of sight, and a hub that forgets is found out."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.base import Contrat
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.demande import DemandeTransferee
from contracts.v1.echeance import Echeance
from contracts.v1.orientation import OrientationProposee
from ops.commands.main import app
from router.domain import deadlines
from router.domain.rules import direct_admissions
from simulation.accelerated.hub import AcceleratedHub, Due
from simulation.departement import command
from simulation.departement.play import Outcome, play, run
from simulation.departement.setting import SIAO, Rates, set_up
from simulation.ends import End

AUTUMN = date(2026, 10, 5)
"""With the hour that comes twice, All Saints' Day and Armistice Day within five weeks."""
SPRING = date(2026, 3, 16)
"""With the hour that is left out, and Easter Monday."""
SMALL = Rates(centres=8, demands=2, calls=3)


def faults(outcome: Outcome) -> set[str]:
    return {each.partition(" : ")[0] for each in outcome.wrong}


@pytest.mark.parametrize("first", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_five_weeks_of_a_departement_end_with_nothing_out_of_sight(first: date) -> None:
    outcome = play(Rates(centres=12), 2, 35, first)
    assert outcome.wrong == ()
    assert {*outcome.ends.values()} == {*End} - {End.NONE}, "toutes les fins sont jouées"
    assert outcome.delivered["alerte.silence"] == 2, (
        "la semaine muette, et sa fin ; rien d'une fermeture annoncée"
    )


def test_what_is_for_a_centre_that_cannot_be_reached_is_late_by_our_own_deadline_and_comes_with_its_return() -> (
    None
):
    setting = set_up(SMALL, 1, AUTUMN, 21)
    ((centre, gone),) = setting.unreachable.items()
    hub = run(setting, 1, 21, AUTUMN)
    told = [e.contrat for e in hub.journals[SIAO] if isinstance(e.contrat, AlerteEcheance)]
    late = {alert.objet for alert in told if alert.echeance is Echeance.REMISE}
    arrived = {
        e.contrat.sujet: e.at for e in hub.journals[centre] if isinstance(e.contrat, OrientationProposee)
    }
    assert late
    assert {arrived[referral] for referral in late} == {gone.until}


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    again, other = (play(SMALL, seed, 7) for seed in (1, 2))
    assert play(SMALL, 1, 7) == again
    assert other != again


def test_the_state_is_told_of_every_admission_without_the_siao_and_a_hub_that_keeps_one_back_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = Rates(centres=8, demands=2, calls=3, direct=0.5)
    outcome = play(rates, 1, 14)
    assert outcome.delivered["admission.hors-siao"] > 10
    assert outcome.wrong == ()
    monkeypatch.setattr(direct_admissions, "_notices", lambda *_: ())
    assert "admission hors SIAO que l'État ignore" in faults(play(rates, 1, 14))


OF_CHRS = Rates(
    deemed=0.5,
    centres=6,
    emergency=0,
    demands=9,
    vacant=0.6,
    calls=0,
    incomplete=0.5,
    never_completed=0.5,
    direct=0.3,
    untitled_at_first=1,
)


def test_every_request_for_aide_sociale_and_every_suspected_admission_comes_to_an_end_or_is_awaited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = play(OF_CHRS, 1, 60)
    assert outcome.wrong == ()
    ends = {"aide-sociale.repondue", "aide-sociale.reputee-acceptee", "aide-sociale.completee"}
    assert ends <= outcome.delivered.keys(), "accordée, réputée acceptée, complétée"
    monkeypatch.setattr(deadlines, "_AWAITING", frozenset())
    lost = {"aide sociale perdue de vue", "occupée sans orientation, ni expliquée ni dite au SIAO"}
    assert lost <= faults(play(OF_CHRS, 1, 60))


def test_a_hub_without_deadlines_loses_referrals_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "_AWAITING", frozenset())
    assert "perdue de vue" in faults(play(SMALL, 1, 14))


def test_a_hub_that_tells_a_stage_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    elapse = AcceleratedHub.elapse

    def twice(hub: AcceleratedHub, due: Due) -> None:
        elapse(hub, due)
        hub.journals["siao"].append(hub.journals["siao"][-1])

    monkeypatch.setattr(AcceleratedHub, "elapse", twice)
    assert any(each.endswith("dite deux fois") for each in play(SMALL, 1, 7).wrong)


def test_the_command_tells_its_figures_writes_them_and_fails_where_something_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "USUAL", SMALL)
    out, order = tmp_path / "chiffres.json", ["simulate", "--jours", "14", "--json"]
    good = CliRunner().invoke(app, [*order, str(out)])
    assert good.exit_code == 0
    assert "14 jours du département 59" in good.stdout
    assert good.stdout.rstrip().endswith("perdue de vue : 0.")
    assert json.loads(out.read_text())["juste"] is True
    monkeypatch.setattr(deadlines, "_AWAITING", frozenset())
    assert CliRunner().invoke(app, [*order, str(out)]).exit_code == 1
    assert json.loads(out.read_text())["perdues_de_vue"]
    assert CliRunner().invoke(app, [*order, str(out), "--scenario", "x.toml"]).exit_code == 2


OFTEN = Rates(centres=8, demands=6, calls=3, transferred=0.5)


def test_a_demand_that_changes_hands_is_never_in_two_places_and_never_in_none() -> None:
    outcome = play(OFTEN, 3, 21)
    assert outcome.wrong == ()
    ended = {f"demande.transfert-{end}" for end in ("accepte", "refuse", "retire")}
    assert ended <= outcome.delivered.keys(), "chaque fin d'une proposition est jouée"


def test_a_hub_that_keeps_the_history_of_a_demand_from_its_new_siao_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AcceleratedHub, "_hand_over", lambda *_: None)
    assert any(each.endswith("n'est plus nulle part") for each in play(OFTEN, 3, 21).wrong)


def test_a_hub_that_tells_everything_before_the_acceptance_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deliver = AcceleratedHub._deliver

    def too_soon(hub: AcceleratedHub, recipient: str, contrat: Contrat) -> None:
        deliver(hub, recipient, contrat)
        if isinstance(contrat, DemandeTransferee):
            hub._hand_over(contrat.demande, recipient)

    monkeypatch.setattr(AcceleratedHub, "_deliver", too_soon)
    assert any(each.endswith("est lue avant d'être acceptée") for each in play(OFTEN, 3, 21).wrong)
