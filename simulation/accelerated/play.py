"""The play of a scenario: the clock moves from one message or deadline to the next."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from contracts.base import Contrat
from router.domain.calendar import moment
from simulation.accelerated import judgement
from simulation.accelerated.company import contract_of, named, registry
from simulation.accelerated.hub import AcceleratedHub
from simulation.accelerated.scenario import Rattachement, Scenario
from simulation.ends import End, out_of_sight


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one scenario."""

    titre: str
    ends: Mapping[str, End]
    """End of each referral and candidacy, by id."""
    wrong: tuple[str, ...]
    """Faults in French."""

    def as_json(self) -> Mapping[str, Any]:
        """Return the result for JSON: title, number of referrals by end, faults."""
        return {"titre": self.titre, "orientations": Counter(self.ends.values()), "faux": list(self.wrong)}


def play(scenario: Scenario) -> Outcome:
    """Play a scenario and judge the messages. Raises Misconfigured, in French, for an impossible message."""
    hub = run(scenario)
    ends = judgement.ends(hub.sent, hub.journals, judgement.Waits(hub.awaited(), hub.overdue()))
    wrong = (
        *judgement.unfulfilled(scenario, hub.journals),
        *judgement.untimely(hub.journals),
        *judgement.mistold(hub.journals["siao"]),
        *judgement.places_kept(hub.sent, hub.journals["siao"]),
        *(f"orientation {ident} : {End.NONE}" for ident in out_of_sight(ends)),
    )
    return Outcome(scenario.titre, ends, wrong)


def run(scenario: Scenario) -> AcceleratedHub:
    """Play a scenario, and return the hub at its end."""
    begins = _at(scenario, min(geste.le for geste in scenario.geste))
    hub = AcceleratedHub(registry(scenario), scenario.territoire, begins, scenario.injoignables)
    for local, happens in _moments(scenario):
        _pass_time(hub, _at(scenario, local))
        happens(hub)
    _pass_time(hub, _at(scenario, scenario.fin))
    return hub


def _pass_time(hub: AcceleratedHub, until: datetime) -> None:
    while step(hub, until):
        pass
    hub.now = until


def step(hub: AcceleratedHub, until: datetime) -> bool:
    """Apply the next deadline stage before `until`, or the next silence; False without either."""
    due, silence = hub.next_due(), hub.next_silence(until)
    if silence is not None and (due is None or silence.at <= due.at):
        hub.now = max(hub.now, silence.at)
        hub.fall_silent(silence)
    elif due is not None and due.at < until:
        hub.now = max(hub.now, due.at)
        hub.elapse(due)
    else:
        return False
    return True


def _moments(scenario: Scenario) -> list[tuple[datetime, Callable[[AcceleratedHub], None]]]:
    """Return the actions of a scenario in order, with their local times."""
    found: list[tuple[datetime, Callable[[AcceleratedHub], None]]] = []
    for geste in scenario.geste:
        said = geste.qui, contract_of(geste)
        accepted = _at(scenario, geste.le)
        found.append((geste.le, partial(_accept, said=said)))
        found.append((geste.applique_le or geste.le, partial(_apply, said=said, accepted=accepted)))
    for each in scenario.decision:
        found.append((each.le, partial(_attach, decision=each)))
    return sorted(found, key=lambda moment: moment[0])


def _accept(hub: AcceleratedHub, said: tuple[str, Contrat]) -> None:
    hub.accept(*said)


def _apply(hub: AcceleratedHub, said: tuple[str, Contrat], accepted: datetime) -> None:
    hub.apply(*said, accepted)


def _attach(hub: AcceleratedHub, decision: Rattachement) -> None:
    hub.attach(named(decision.rattache), named(decision.a))


def _at(scenario: Scenario, local: datetime) -> datetime:
    return moment(scenario.territoire, local)
