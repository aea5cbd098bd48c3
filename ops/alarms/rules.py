"""Decide when a condition of the hub becomes an alarm, and when the alarm ends. A condition is a finding of
`ops.status.verdict`. The built-in rules are in `ops/alarms/alarmes.toml`."""

import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from contracts import uuids
from ops.status.findings import BREAKDOWNS, Code, Finding

NAMESPACE = UUID("6d3c4f0a-9a43-5f0e-8f5d-6b1f4a0c7e21")


class Urgence(StrEnum):
    """Urgency of an alarm: a phone call to the person on call, a message, or nothing."""

    APPEL = "appel"
    MESSAGE = "message"
    AUCUNE = "aucune"
    """The condition is shown; nobody is notified."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Alarm rule of one condition: how urgent the condition is, how long it must last, and which page says what
    to do."""

    titre: str
    apres: timedelta
    """How long the condition must last before the alarm starts."""
    fin: timedelta
    """How long the condition must be absent before the alarm ends. A condition that comes and goes is one
    alarm."""
    page: str
    """Name of the page in docs/astreinte/ that says what to do, without `.md`."""
    urgence: Urgence


Rules: TypeAlias = Mapping[Code, Rule]


class Moment(StrEnum):
    """Occasion on which people get a notice: an alarm starts, or ends."""

    DEBUT = "debut"
    FIN = "fin"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Condition found in the hub, and the alarm about it. The alarm starts, and people are told, once the
    condition has lasted as long as its rule demands."""

    code: Code
    about: str
    sentence: str
    first_seen: datetime
    started_at: datetime | None = None
    """Start of the alarm; None while the condition has not lasted long enough."""
    gone_at: datetime | None = None
    """First moment at which the condition was absent; None while the condition lasts."""
    ended_at: datetime | None = None
    notified: frozenset[str] = frozenset()
    """Notices accepted by their channels, each as `moment:channel`."""
    since: datetime | None = None
    """Beginning of the condition, perhaps before its discovery; None if unknown."""

    @property
    def id(self) -> UUID:
        """Return the alarm's id. The id is derived from the condition and the moment of its discovery, so all
        processes give the alarm the same id."""
        return uuids.named(NAMESPACE, f"{self.code}\n{self.about}\n{self.first_seen.isoformat()}")

    @property
    def began(self) -> datetime:
        """Return when the condition began. If this is unknown, return when the condition was discovered."""
        return min(self.since or self.first_seen, self.first_seen)

    @property
    def over_at(self) -> datetime | None:
        """Return when the condition was first found absent, some time before the alarm ended; None if the alarm
        has not ended."""
        return self.gone_at if self.ended_at else None

    @property
    def key(self) -> tuple[Code, str]:
        """Return the code of the condition and what the condition is about. Both together identify the
        condition."""
        return self.code, self.about

    @property
    def at_rest(self) -> bool:
        """Return whether the alarm stays as it is until its condition changes: it has ended, or it has started
        and its condition still holds."""
        return self.ended_at is not None or (self.started_at is not None and self.gone_at is None)

    def with_notified(self, moment: Moment, channel: str) -> "Alarm":
        """Return a copy of the alarm which records that `channel` accepted the notice of the alarm's start or
        end (`moment`)."""
        return replace(self, notified=self.notified | {f"{moment}:{channel}"})


class Notice(NamedTuple):
    """Announcement that an alarm starts or ends, with the rule of the alarm. It goes to people by each channel
    that the settings name, such as e-mail or a webhook."""

    alarm: Alarm
    moment: Moment
    rule: Rule

    @property
    def id(self) -> str:
        """Return the id of the notice. Each attempt to send the notice has the same id, so that a channel can
        ignore a repetition."""
        return f"{self.alarm.id}-{self.moment}"


def alerts(findings: Iterable[Finding], rules: Rules, now: datetime) -> frozenset[Finding]:
    """Return the findings that justify a phone call now. Their rule asks for a call, and they have lasted as
    long as the rule demands, or began at an unknown moment."""
    return frozenset(each for each in findings if _wakes(each, rules[each.code], now))


def _wakes(finding: Finding, rule: Rule, now: datetime) -> bool:
    lasts = finding.since is None or now - finding.since >= rule.apres
    return rule.urgence is Urgence.APPEL and lasts


def judge(
    findings: Sequence[Finding],
    known: Sequence[Alarm],
    rules: Rules,
    now: datetime,
    untold: Container[Code] = (),
) -> list[Alarm]:
    """Bring the alarms up to date. `findings` has the conditions that hold now, `known` the alarms so far.
    Return the alarms of `known` as they are now, and a new alarm for each condition in `findings` that has
    none yet. A condition of which nobody is to be told gets no alarm.

    - An alarm starts once its condition has lasted for the time that the rules demand.
    - A started alarm ends once its condition has been absent for the time that the rules demand.
    - If a condition goes away before its alarm starts, the alarm is left out of the result. Only the alarm of a
      breakdown of the hub is then kept, as ended, and nobody is told of it.

    `untold` has the codes of the conditions that could not be checked. An alarm about such a condition stays
    unchanged if `findings` lacks the condition.
    """
    worth = (each for each in findings if rules[each.code].urgence is not Urgence.AUCUNE)
    found = {(finding.code, finding.about): finding for finding in worth}
    open_ = {alarm.key: alarm for alarm in known if alarm.ended_at is None}
    ended = [alarm for alarm in known if alarm.ended_at is not None]
    held = [_held(open_.get(key), finding, rules[finding.code], now) for key, finding in found.items()]
    missing = [alarm for key, alarm in open_.items() if key not in found]
    gone = [alarm if alarm.code in untold else _gone(alarm, rules[alarm.code], now) for alarm in missing]
    return [*ended, *held, *(alarm for alarm in gone if alarm is not None)]


def seconds_until_due(alarms: Sequence[Alarm], rules: Rules, now: datetime) -> float:
    """Return the seconds until the next alarm may start; it starts only if its condition still holds by then.
    Return infinity if no alarm is still to start."""
    due = (each.began + rules[each.code].apres for each in alarms if not (each.started_at or each.ended_at))
    return min((max(0.0, (moment - now).total_seconds()) for moment in due), default=math.inf)


def notices(alarms: Sequence[Alarm], rules: Rules, channel: str) -> Iterator[Notice]:
    """Yield the notices of these alarms that the channel `channel` has not accepted yet."""
    for alarm in alarms:
        if alarm.started_at and f"{Moment.DEBUT}:{channel}" not in alarm.notified:
            yield Notice(alarm, Moment.DEBUT, rules[alarm.code])
        if alarm.started_at and alarm.ended_at and f"{Moment.FIN}:{channel}" not in alarm.notified:
            yield Notice(alarm, Moment.FIN, rules[alarm.code])


def _held(known: Alarm | None, finding: Finding, rule: Rule, now: datetime) -> Alarm:
    alarm = known or Alarm(finding.code, finding.about, finding.whole, now, since=finding.since)
    if alarm.gone_at is not None:
        alarm = replace(alarm, gone_at=None)
    if alarm.started_at is None and now - alarm.began >= rule.apres:
        alarm = replace(alarm, started_at=now, sentence=finding.whole)
    return alarm


def _gone(alarm: Alarm, rule: Rule, now: datetime) -> Alarm | None:
    if alarm.started_at is None:  # a breakdown is kept: earlier counts of losses are invalid after it
        return replace(alarm, gone_at=now, ended_at=now) if alarm.code in BREAKDOWNS else None
    gone_at = alarm.gone_at or now
    return replace(alarm, gone_at=gone_at, ended_at=now if now - gone_at >= rule.fin else None)
