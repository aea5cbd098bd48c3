"""Plays a scenario: the clock jumps to whatever comes next, a gesture or a deadline, until the end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from router.domain.calendar import moment
from simulation.accelerated import judgement
from simulation.accelerated.company import contract_of, registry
from simulation.accelerated.hub import AcceleratedHub
from simulation.accelerated.judgement import End
from simulation.accelerated.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario came to."""

    titre: str
    ends: Mapping[str, int]
    """How many referrals ended in which way."""
    wrong: tuple[str, ...]
    """In French; empty where all is as it must be."""

    def as_json(self) -> Mapping[str, Any]:
        """For `--json`."""
        return {"titre": self.titre, "orientations": dict(self.ends), "faux": list(self.wrong)}


def play(scenario: Scenario) -> Outcome:
    """Raises Misconfigured, in French, for a gesture that is none."""
    hub = run(scenario)
    due = ((subject.id, at) for at, subject, _ in hub.running())
    awaited = frozenset(ident for ident, at in due if at > hub.now)
    ends = judgement.ends(hub.sent, hub.journals, awaited)
    wrong = (
        *judgement.unfulfilled(scenario, hub.journals),
        *judgement.untimely(hub.journals),
        *judgement.places_kept(hub.sent, hub.journals["siao"]),
        *(f"orientation {ident} : {end}" for ident, end in ends.items() if end is End.NONE),
    )
    return Outcome(scenario.titre, Counter(ends.values()), wrong)


def run(scenario: Scenario) -> AcceleratedHub:
    """The hub as the scenario leaves it."""
    territoire, gestes = scenario.territoire, sorted(scenario.geste, key=lambda geste: geste.le)
    hub = AcceleratedHub(registry(territoire), territoire, _at(scenario, gestes[0].le), scenario.injoignables)
    for geste in gestes:
        _pass_time(hub, _at(scenario, geste.le))
        hub.say(geste.qui, contract_of(geste))
    _pass_time(hub, _at(scenario, scenario.fin))
    return hub


def _pass_time(hub: AcceleratedHub, until: datetime) -> None:
    """What is said at the very moment at which a deadline ends was said in time."""
    while (due := hub.next_due()) is not None and due.at < until:
        hub.now = max(hub.now, due.at)
        hub.elapse(due)
    hub.now = until


def _at(scenario: Scenario, local: datetime) -> datetime:
    return moment(scenario.territoire, local)
