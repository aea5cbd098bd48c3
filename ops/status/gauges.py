"""Show the hub's state as Prometheus gauges (figures that the monitoring server fetches). Only the process that
measures the state shows them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ops.service.level import Service, objective
from ops.service.loops import Group, Month
from ops.status.findings import Finding
from router.domain.correspondents import Contact, Correspondent, Lecture
from router.domain.vitals import Answer, Asked, Vitals
from router.telemetry import metrics
from router.telemetry.metrics import Shown

STALE = timedelta(seconds=60)
"""The maximum age of the figures that are shown."""


class Sample(NamedTuple):
    """A value of a gauge, with its label values."""

    labels: tuple[str, ...]
    value: float


class Gauges(Collector):
    """A collector (source of figures for Prometheus) that shows the state of the hub, as this process has last
    measured it. If the last measure is older than `STALE`, it shows nothing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._measured: tuple[Vitals, Sequence[Finding], datetime] | None = None
        self._month = Month({}, {})

    def show(self, vitals: Vitals, findings: Sequence[Finding], now: datetime) -> None:
        """Show `vitals` and `findings` from now on, in place of the earlier ones. `now` is when they were
        measured."""
        self._measured = vitals, findings, now

    def show_service(self, month: Month) -> None:
        """Show the level of service `month` from now on, in place of the earlier one. `month` covers the loops
        received this month, and all open loops."""
        self._month = month

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Yield the gauges. The library prometheus_client calls this for each request of the monitoring
        server."""
        if self._measured is None or self._clock() - self._measured[2] > STALE:
            return
        _, _, now = self._measured
        for shown, samples in chain(gauges(*self._measured), of_service(self._month, now.date())):
            family = GaugeMetricFamily(shown.name, shown.means, labels=shown.labels)
            for sample in samples:
                family.add_metric(sample.labels, sample.value)
            yield family


def gauges(
    vitals: Vitals, findings: Sequence[Finding], now: datetime
) -> Iterator[tuple[Shown, list[Sample]]]:
    """Yield each gauge of the hub's state, with its values."""
    yield metrics.MEASURED, [Sample((), now.timestamp())]
    yield metrics.PART_UP, [_up("postgresql", vitals.base), _up("kafka", vitals.bus)]
    yield from _of_roles(vitals)
    yield metrics.BACKLOG, [Sample((p.etape,), p.number) for p in vitals.piles]
    yield metrics.BACKLOG_OLDEST, [Sample((p.etape,), _age(p.oldest, now) or 0.0) for p in vitals.piles]
    yield from _of_partners(vitals.partners, now)
    yield from _unanswered(vitals, now)
    yield metrics.TO_DECIDE, list(_to_decide(vitals))
    yield (
        metrics.SAFEGUARD_HOLDS,
        [Sample((each.name,), float(each.holds)) for each in vitals.safeguards if each.holds is not None],
    )
    yield metrics.CONDITIONS, [Sample((finding.code, finding.about), 1.0) for finding in findings]


def of_service(month: Month, today: date) -> Iterator[tuple[Shown, list[Sample]]]:
    """Yield each gauge of the level of service, with its values. `today` decides which objective is shown."""
    yield metrics.ANSWERED_IN_TIME, _shares(month.towards)
    yield metrics.STRUCTURE_ANSWERED_IN_TIME, _shares(month.structures)
    delays = [(group, (("0.5", each.median_h), ("0.9", each.p90_h))) for group, each in month.towards.items()]
    yield (
        metrics.ANSWER_DELAY,
        [
            Sample((*group, name), hours)
            for group, each in delays
            for name, hours in each
            if hours is not None
        ],
    )
    wanted = objective(today)
    yield metrics.ANSWERED_OBJECTIVE, [Sample((), wanted.part)] if wanted else []


def _shares(services: Mapping[Group, Service]) -> list[Sample]:
    return [Sample(group, each.share) for group, each in services.items() if each.share is not None]


def _of_roles(vitals: Vitals) -> Iterator[tuple[Shown, list[Sample]]]:
    roles = sorted({beat.role for beat in vitals.beats})
    last = {role: max(b.beat_at for b in vitals.beats if b.role is role) for role in roles}
    yield metrics.HEARTBEAT, [Sample((role,), at.timestamp()) for role, at in last.items()]
    yield metrics.PROCESSES, [Sample((role,), sum(b.role is role for b in vitals.beats)) for role in roles]


def _of_partners(partners: Sequence[Correspondent], now: datetime) -> Iterator[tuple[Shown, list[Sample]]]:
    yield (
        metrics.PARTNER_UP,
        [
            Sample((p.id,), float(p.contact is Contact.JOIGNABLE))
            for p in partners
            if p.contact not in (None, Contact.JOIGNABLE) or p.is_news(now)
        ],
    )
    read = {p.id: p.reading.state(now) for p in partners if p.reading is not None}
    yield (
        metrics.PARTNER_READABLE,
        [Sample((i,), float(s is Lecture.LISIBLE)) for i, s in read.items() if s is not Lecture.INCONNUE],
    )
    yield metrics.PARTNER_WAITING, [Sample((p.id,), p.waiting.number) for p in partners]
    yield metrics.PARTNER_LATENESS, [Sample((p.id,), _age(p.waiting.oldest, now) or 0.0) for p in partners]
    ages = {p.id: _age(p.last_in or p.known_since, now) for p in partners}
    yield metrics.PARTNER_SILENCE, [Sample((i,), age) for i, age in ages.items() if age is not None]
    yield (
        metrics.PARTNER_OVERDUE,
        [Sample((p.id,), _age(p.silent_since, now) or 0.0) for p in partners if p.rythme is not None],
    )


def _unanswered(vitals: Vitals, now: datetime) -> Iterator[tuple[Shown, list[Sample]]]:
    owing = sorted({owed.recipient for owed in vitals.unanswered})
    of = {partner: [o for o in vitals.unanswered if o.recipient == partner] for partner in owing}
    yield metrics.UNANSWERED, [Sample((p,), sum(o.number for o in owed)) for p, owed in of.items()]
    ages = {p: _age(min(o.since for o in owed), now) for p, owed in of.items()}
    yield metrics.UNANSWERED_OLDEST, [Sample((p,), age or 0.0) for p, age in ages.items()]


def _to_decide(vitals: Vitals) -> Iterator[Sample]:
    if vitals.knows(Asked.DECISIONS):
        yield Sample(("quarantaine",), sum(held.number for held in vitals.quarantine))
        yield Sample(("orphelines",), sum(held.number for held in vitals.orphans))
    if vitals.knows(Asked.PARTENAIRES):
        yield Sample(("refusees",), sum(p.refused.number for p in vitals.partners))
        yield Sample(("incertaines",), sum(p.uncertain.number for p in vitals.partners))


def _up(part: str, answer: Answer) -> Sample:
    return Sample((part,), float(answer is Answer.OK))


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())
