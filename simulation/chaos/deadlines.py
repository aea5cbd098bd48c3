"""Judgement of deadlines in a fault run, by the journals: late partners must be reminded and the SIAO
notified, in time, once, and never after an answer. Pure.

A notice may be late while something is broken, and for one minute after. Periods with a wrong clock are not
judged.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from contracts.v1.echeance import Echeance, Etape
from simulation import alerts
from simulation.alerts import Stage
from simulation.cast import CENTRE_JSON, SIAO
from simulation.chaos.clocks import OFF_SECONDS
from simulation.chaos.recovery import NANOSECONDS, Ended
from simulation.moods import REFUSALS
from simulation.observed import Delivery, Observed
from simulation.shelter import ANNULEE, PROPOSEE

DELAIS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {CENTRE_JSON.id: {"nuit": "1 minute", "decision": "1 minute"}}
)
"""Deadlines in the registry entries of partners, equal to `TERM`."""
TERM = 60 * NANOSECONDS
LATE = 60 * NANOSECONDS
SHARES = {Etape.MI_DELAI: 0.5, Etape.BIENTOT: 0.8, Etape.ECHUE: 1.0}
WRONG_CLOCK = "clock-off"
ENOUGH = frozenset({"orientation.acceptee", "orientation.refusee", "orientation.mise-en-attente", ANNULEE})
"""Events that end the wait for an answer."""


@dataclass(frozen=True, slots=True)
class Referral:
    """Referral to a partner with short deadlines; moments in nanoseconds since the epoch."""

    subject: str
    loop: str
    recipient: str
    received: int
    answered: int | None
    """When its sender learnt that an answer, or the withdrawal, was accepted, if ever."""

    def met(self, moment: int) -> bool:
        """Return whether the referral was answered by `moment`."""
        return self.answered is not None and self.answered <= moment


class Weather:
    """Periods of a fault run in which something was broken."""

    def __init__(self, ended: Sequence[Ended]) -> None:
        self._outages = sorted((int(e.began * NANOSECONDS), int(e.ended * NANOSECONDS)) for e in ended)
        wrong = [e for e in ended if e.name == WRONG_CLOCK]
        self._wrong = [(int(e.began * NANOSECONDS), int(e.ended * NANOSECONDS)) for e in wrong]

    def by(self, moment: int) -> int:
        """Return the latest moment, in nanoseconds, for work due at `moment`: one minute after it, or after
        an outage."""
        for began, ended in self._outages:
            if began <= moment + LATE and ended > moment:
                moment = ended
        return moment + LATE

    def calm(self, first: int, last: int) -> bool:
        """Return whether nothing was broken between two moments, nor in the minute before."""
        return all(ended + LATE < first or began > last for began, ended in self._outages)

    def clock_was_wrong(self, first: int, last: int) -> bool:
        """Return whether a process had a wrong clock between two moments."""
        return any(began <= last and ended >= first for began, ended in self._wrong)


def referrals(observed: Observed) -> list[Referral]:
    """Return the referrals that partners with short deadlines received."""
    subjects, answered = {loop: subject for subject, loop in observed.loops.items()}, _answered(observed)
    found = []
    for ref, effects in observed.effects.items():
        loop, _, event = ref.partition(":")
        if event == PROPOSEE and effects[0].recipient in DELAIS and loop in subjects:
            first = effects[0]
            found.append(Referral(subjects[loop], loop, first.recipient, first.at, answered.get(loop)))
    return found


def _answered(observed: Observed) -> Mapping[str, int]:
    """Return when the first sufficient answer was accepted, to its sender's knowledge, by loop."""
    found: dict[str, int] = {}
    for ref, sent in observed.sent.items():
        loop, answer = observed.loop_of(ref), observed.answer_to(sent)
        if loop and answer and ref.rpartition(":")[2] in ENOUGH and observed.accepted(sent):
            found[loop] = min(answer.at, found.get(loop, answer.at))
    return found


def to_come(observed: Observed, now: int) -> bool:
    """Return whether the hub still has, in time, to notify the SIAO of a missing answer."""
    told = {s.subject for _, s in alerts.stages(observed) if s.etape is Etape.ECHUE and s.to == SIAO.id}
    return any(
        r.answered is None and r.subject not in told and now < r.received + TERM + 2 * LATE
        for r in referrals(observed)
    )


def running(observed: Observed, ended: Sequence[Ended], until: int) -> set[str]:
    """Return the loops whose deadline may still run at the end of the run."""
    weather = Weather(ended)
    return {r.loop for r in referrals(observed) if r.answered is None and _latest(r, weather) > until}


def _latest(referral: Referral, weather: Weather) -> int:
    latest = weather.by(weather.by(referral.received) + TERM)
    wrong = weather.clock_was_wrong(referral.received, latest)
    return latest + int(OFF_SECONDS) * NANOSECONDS if wrong else latest


def troubles(
    observed: Observed, ended: Sequence[Ended], until: int, undecided: Collection[Delivery] = ()
) -> Iterator[str]:
    """Yield, in French, each deadline stage notified at a wrong moment, twice, or not at all.

    `until`: end of the run. `undecided`: deliveries whose referrals need no notice.
    """
    weather, known = Weather(ended), {each.subject: each for each in referrals(observed)}
    told: Counter[tuple[str, str, Etape]] = Counter()
    for ref, stage in alerts.stages(observed):
        if stage.echeance != Echeance.DECISION:
            continue
        told[stage.to, stage.subject, stage.etape] += 1
        if told[stage.to, stage.subject, stage.etape] > 1:
            yield f"{ref} : dite deux fois"
        for effect in observed.effects.get(ref, ())[:1]:
            if wrong := _wrong(stage, effect.at, known.get(stage.subject), weather):
                yield f"{ref} : {wrong}"
    unknown = {each.subject for each in undecided}
    for referral in known.values():
        if referral.subject not in unknown and not _was_refused(observed, referral):
            for to, etape in _due(referral, weather, until):
                if not told[to, referral.subject, etape]:
                    yield f"{referral.loop} : {etape} de sa réponse, jamais dite à {to}"


def _wrong(stage: Stage, at: int, referral: Referral | None, weather: Weather) -> str | None:
    if referral is None:
        return "d'une orientation que personne n'a reçue"
    if weather.clock_was_wrong(referral.received, at):
        return None
    moment = stage.due - int((1 - SHARES.get(stage.etape, 2.0)) * TERM)
    if at < moment or stage.due < referral.received + TERM:
        return "dite trop tôt"
    if referral.met(moment):
        return "dite, et pourtant répondue à temps"
    if at > weather.by(moment) or stage.due > weather.by(referral.received) + TERM:
        return "dite trop tard"
    return None


def _due(referral: Referral, weather: Weather, until: int) -> Iterator[tuple[str, Etape]]:
    """Yield each stage that must have been notified by `until`, with its recipient.

    A reminder, which a later stage may replace, is only required in calm periods.
    """
    latest, due = _latest(referral, weather), referral.received + TERM
    if latest <= until and not referral.met(latest):
        yield SIAO.id, Etape.ECHUE
        yield referral.recipient, Etape.ECHUE
    if due <= until and not referral.met(due) and weather.calm(referral.received, due):
        yield from ((referral.recipient, etape) for etape in (Etape.MI_DELAI, Etape.BIENTOT))


def _was_refused(observed: Observed, referral: Referral) -> bool:
    """Return whether the recipient acted on a referral and then refused it."""
    effect = observed.effects[f"{referral.loop}:{PROPOSEE}"][0]
    return bool(REFUSALS.intersection(observed.moods.get((effect.recipient, effect.name), ())))
