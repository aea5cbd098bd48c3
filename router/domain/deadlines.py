"""Compute the deadlines of a subject: who has to act, and until when.

The deadlines depend only on the subject's present fields and on the registry. The durations are in
`deadlines.toml`; a partner's registry entry may set others.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from math import ceil
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, InstanceOf, model_validator

from contracts.base import Nature
from contracts.partner import Delais, Partner
from contracts.reference.codes import Dispositif
from contracts.reference.durees import Unit
from contracts.v1.echeance import Echeance, Etape, SuiteEcheance
from router.domain.calendar import Duration, moment, wall_clock
from router.domain.correspondents import collected_every_h
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.sandbox import message_territoire
from router.domain.subjects import Subject

SHARES: Mapping[Etape, float] = {Etape.MI_DELAI: 0.5, Etape.BIENTOT: 0.8}
"""Fraction of a deadline's duration after which each reminder is sent, if its row in `deadlines.toml` has
`rappels`; 0.5 is half of the duration."""


ANSWERS = (Echeance.DECISION, Echeance.COMMISSION)
"""Kinds of deadline for a decision on a referral or candidacy."""


class Attendu(StrEnum):
    """The one who has to act before a deadline ends: the hub, the household, or a party of the subject."""

    HUB = "hub"
    DESTINATAIRE = "destinataire"
    MENAGE = "menage"
    SIGNATAIRES = "signataires"
    GESTIONNAIRE = "gestionnaire"
    OPERATEUR = "operateur"
    REPRENEUR = "repreneur"
    LECTEURS = "lecteurs"
    EMETTEUR = "emetteur"
    EVALUATEUR = "evaluateur"


Duree = Annotated[InstanceOf[Duration], BeforeValidator(Duration.parse)]
"""A duration. Its French text, such as «7 jours ouvrés», is parsed when `deadlines.toml` is read."""


class Terme(BaseModel):
    """Row of `deadlines.toml`: a kind of deadline, the states in which it runs, and its duration or end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    echeance: Echeance
    nature: Nature
    etats: frozenset[str]
    dispositifs: frozenset[Dispositif] | None = None
    attendu: Attendu
    depuis: str
    jusqu_a: str | None = None
    duree: Duree | None = None
    convention: str = ""
    le: str | None = None
    heure: time = time()
    rappels: bool
    avant: tuple[Duree, Duree] | None = None
    apres: Duree | None = None
    suite: SuiteEcheance | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.duree is None and self.le is None:
            raise ValueError("une échéance a une `duree`, un jour `le`, ou les deux")
        return self

    def holds_for(self, subject: Subject) -> bool:
        """Tell whether this row of `deadlines.toml` applies to a subject: to its type, its present state, and
        its kind of offer."""
        if subject.NATURE is not self.nature or subject.etat not in self.etats:
            return False
        return self.dispositifs is None or getattr(subject, "dispositif", None) in self.dispositifs


class Stage(NamedTuple):
    """A stage of a deadline: a reminder, the deadline's end, or a moment after its end."""

    etape: Etape
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """Deadline of a subject. Its kind (`echeance`) and its start distinguish it from the subject's other
    deadlines."""

    echeance: Echeance
    awaited: Attendu
    started_at: datetime
    stages: tuple[Stage, ...]
    """Stages of the deadline, in the order of time: reminders, the end, and possibly a last stage after the
    end."""
    suite: SuiteEcheance | None

    @property
    def due_at(self) -> datetime:
        """Return the moment at which the deadline ends."""
        return next(stage.at for stage in self.stages if stage.etape is Etape.ECHUE)

    def follows(self, etape: Etape) -> SuiteEcheance | None:
        """Return what the hub does at the stage `etape` because nobody acted. Return None if `etape` is not the
        last stage, or if the hub does nothing."""
        return self.suite if etape is self.stages[-1].etape else None

    def reached(self, after: int, now: datetime) -> int | None:
        """Return the index of the next stage to report at `now`. Return None if there is none. `after` is the
        number of stages that are already reported. A reminder is skipped once a later stage is reached."""
        reached = [n for n in range(after, len(self.stages)) if self.stages[n].at <= now]
        news = [n for n in reached if self.stages[n].etape not in SHARES]
        return next(iter(news or reached[-1:]), None)


Running = Mapping[Echeance, Deadline]
NOTHING: Running = {}
Durations = Mapping[str, Duration]
"""Durations in a partner's registry entry, by the names that they have there. They replace the durations of
`deadlines.toml`."""
Agreed = Mapping[Attendu, Durations]
"""Durations agreed for one subject, by who has to act (`Attendu`). They come from the registry entry of the
partner that has to act or, if the hub has to deliver, of the recipient."""


def _terms() -> tuple[Terme, ...]:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    return tuple(Terme(**row) for row in tomllib.loads(text)["terme"])


TERMES = _terms()


def states_awaiting(side: Attendu) -> frozenset[str]:
    """Return the states, of any type of subject, in which `side` may have to act before a deadline ends."""
    return frozenset(etat for terme in TERMES if terme.attendu is side for etat in terme.etats)


AWAITING = sorted({etat for terme in TERMES for etat in terme.etats})
"""States in which a deadline may run."""
_AWAITING = frozenset(AWAITING)
_ENDS = frozenset(terme.le for terme in TERMES if terme.le)
"""Fields of subjects that give the end of a deadline."""


def running(subject: Subject, territoire: str, agreed: Agreed | None = None) -> Running:
    """Return the deadlines that run for a subject in its present state, by kind. A deadline whose end has
    passed still runs. All are computed with the calendar of `territoire`. A duration in `agreed` replaces the
    duration of `deadlines.toml`."""
    if subject.etat not in _AWAITING:
        return NOTHING
    found = (_deadline(terme, subject, territoire, agreed or {}) for terme in _holding(subject))
    return {deadline.echeance: deadline for deadline in found if deadline is not None}


def _holding(subject: Subject) -> Iterable[Terme]:
    """Return, for each kind of deadline, the first row of `deadlines.toml` that applies to the subject in its
    present state."""
    first: dict[Echeance, Terme] = {}
    for terme in TERMES:
        if terme.holds_for(subject):
            first.setdefault(terme.echeance, terme)
    return first.values()


def time_to_answer(envoi: Subject, registry: Registry) -> Duration | None:
    """Return how long the recipient of a referral, a candidacy or a proposed transfer has to decide. If the
    recipient has not received the request yet, this time will count from the receipt. Return None if no time is
    set."""
    theirs = _agreed_with(envoi, registry)
    times = (
        theirs.get(terme.attendu, {}).get(terme.convention, terme.duree)
        for terme in _holding(envoi)
        if terme.echeance in (*ANSWERS, Echeance.TRANSFERT)
    )
    return next(times, None)


class Until(NamedTuple):
    """The fixed end of a deadline that has no duration. `by` is the moment of the end, or the day on which
    the deadline ends at the local time `heure`."""

    by: date | datetime
    heure: time

    def after(self, start: datetime, territoire: str, share: float = 1.0) -> datetime:
        """Return the moment at which the fraction `share` (0.5 is half) of the time from `start` to the
        deadline's end has passed. If the end is given as a day and a local time, it is the local time in
        `territoire`."""
        end = self.by if isinstance(self.by, datetime) else self._evening(self.by, start, territoire)
        return start + share * (end - start)

    def _evening(self, day: date, start: datetime, territoire: str) -> datetime:
        """Return the moment on `day` when it is `heure` in the local time of `territoire`. If the deadline
        starts after this moment, return the first moment after the start when it is `heure`."""
        today = wall_clock(territoire, start).date()
        evenings = (
            moment(territoire, datetime.combine(today + timedelta(days=n), self.heure)) for n in (0, 1)
        )
        coming = next(evening for evening in evenings if evening > start)
        return max(coming, moment(territoire, datetime.combine(day, self.heure)))


def _deadline(terme: Terme, subject: Subject, territoire: str, agreed: Agreed) -> Deadline | None:
    start: datetime | None = getattr(subject, terme.depuis)
    over = terme.jusqu_a is not None and getattr(subject, terme.jusqu_a) is not None
    if start is None or over:
        return None
    by: date | datetime | None = getattr(subject, terme.le) if terme.le else None
    theirs = agreed.get(terme.attendu, {})
    time_given = theirs.get(terme.convention, terme.duree) if by is None else Until(by, terme.heure)
    if time_given is None:
        return None
    if by is not None and subject.echeance_reportee_le is not None:
        start = max(start, subject.echeance_reportee_le)
    stages = tuple(_stages(terme, start, time_given, territoire))
    return Deadline(terme.echeance, terme.attendu, start, stages, terme.suite)


def _stages(terme: Terme, start: datetime, time_given: Duration | Until, territoire: str) -> Iterator[Stage]:
    if terme.rappels:
        yield from (
            Stage(etape, time_given.after(start, territoire, share)) for etape, share in SHARES.items()
        )
    due = time_given.after(start, territoire)
    early = zip(SHARES, terme.avant or (), strict=False)
    before = (Stage(etape, length.before(due, territoire)) for etape, length in early)
    yield from (stage for stage in before if stage.at > start)
    yield Stage(Etape.ECHUE, due)
    if terme.apres is not None:
        yield Stage(Etape.DEPASSEE, terme.apres.after(due, territoire))


def territoire_of(subject: Subject, registry: Registry) -> str | None:
    """Return the territory whose calendar counts for a subject's deadlines. It is a territory of the recipient,
    the manager or the sender: the first of these three partners that the registry knows. If this partner has
    several territories, the subject's commune decides. Return None if the registry knows none of the three."""
    sides = (getattr(subject, name, None) for name in ("destinataire", "gestionnaire", "emetteur"))
    known = (registry.get(side) for side in sides if side)
    commune: str | None = getattr(subject, "commune", None)
    return next((message_territoire(partner, commune) for partner in known if partner), None)


def running_of(subject: Subject, registry: Registry) -> Running:
    """Return the deadlines that run for a subject in its present state. Durations in the registry entries of
    the subject's parties replace those of `deadlines.toml`. Return no deadline if the registry knows no party
    of the subject."""
    if subject.etat not in _AWAITING:
        return NOTHING
    territoire = territoire_of(subject, registry)
    if territoire is None:
        return NOTHING
    return running(subject, territoire, _agreed_with(subject, registry))


def _agreed_with(subject: Subject, registry: Registry) -> Agreed:
    asked: tuple[str, ...] = getattr(subject, "operateurs_attendus", ())
    recipient = registry.get(getattr(subject, "destinataire", ""))
    operator = registry.get(asked[-1]) if asked else None
    asked_siao = registry.get(getattr(subject, "repreneur", None) or "")
    readers = map(registry.get, getattr(subject, "attendus", ()))
    theirs = agreed(recipient) if recipient else {}
    return {
        Attendu.HUB: theirs,
        Attendu.DESTINATAIRE: theirs,
        Attendu.OPERATEUR: agreed(operator) if operator else {},
        Attendu.REPRENEUR: agreed(asked_siao) if asked_siao else {},
        Attendu.LECTEURS: next((agreed(reader) for reader in readers if reader), {}),
    }


@lru_cache(maxsize=1000)
def agreed(partner: Partner) -> Durations:
    """Return the durations of deadlines that a partner's registry entry sets, by the names that they have
    there. The entry may also say within how many hours the partner has to empty its mailbox. Then these
    hours, rounded up, are added under the name `remise`: the partner must have received a delivery within
    this time."""
    texts = ((name, getattr(partner.delais, name)) for name in Delais.model_fields)
    times = {name: Duration.parse(text) for name, text in texts if text is not None}
    hours = collected_every_h(partner)
    return times if hours is None else {**times, "remise": Duration(ceil(hours), Unit.HOUR)}


def awaited_of(subject: Subject, deadline: Deadline) -> tuple[str, ...]:
    """Return the ids of the partners that have to act before a deadline of the subject ends. If the household
    has to act on a candidacy, return the candidacy's recipient. If the hub or the signatories have to act,
    return an empty tuple."""
    match deadline.awaited:
        case Attendu.HUB | Attendu.SIGNATAIRES:
            return ()
        case Attendu.LECTEURS:
            return tuple(getattr(subject, "attendus", ()))
        case Attendu.OPERATEUR:
            return tuple(getattr(subject, "operateurs_attendus", ()))
        case Attendu.EVALUATEUR:
            return tuple(getattr(subject, "evaluating", ()))
        case Attendu.REPRENEUR as side:
            one = getattr(subject, side, None)
        case Attendu.MENAGE:
            one = subject.player(Party.DESTINATAIRE)
        case side:
            one = subject.player(Party(side))
    return () if one is None else (one,)


def reminded(subject: Subject, deadline: Deadline, etape: Etape) -> tuple[str, ...]:
    """Return the ids of the partners to notify when a deadline reaches the stage `etape`. Usually, these are
    the partners that have to act; of several operators, only the first. If the household has to act on a
    candidacy, two different partners are notified: before the deadline's end, the SIAO that sent the
    candidacy; from the end on, the candidacy's recipient."""
    if deadline.awaited is Attendu.MENAGE and etape in SHARES:
        siao = subject.player(Party.EMETTEUR)
        return () if siao is None else (siao,)
    awaited = awaited_of(subject, deadline)
    return awaited[:1] if deadline.awaited is Attendu.OPERATEUR else awaited


def starts_again(before: Subject, after: Subject, at: datetime, registry: Registry) -> bool:
    """Tell whether an event reopens a deadline: at the moment of the event (`at`), the deadline's end had
    passed, and the event puts this end off beyond that moment. `before` and `after` are the deadline's subject
    before and after the event."""
    if all(getattr(before, end, None) == getattr(after, end, None) for end in _ENDS):
        return False
    ran, runs = running_of(before, registry), running_of(after, registry)
    both = ((ran[kind], runs[kind]) for kind in ran.keys() & runs)
    return any(was.started_at == new.started_at and was.due_at <= at < new.due_at for was, new in both)


def moved(before: Running, after: Running) -> dict[Echeance, Deadline | None]:
    """Return the deadlines in `after` that are missing in `before`, or different there, by kind. A kind of
    deadline that is only in `before` no longer runs, and has the value None."""
    stopped: dict[Echeance, Deadline | None] = {kind: None for kind in before if kind not in after}
    return stopped | {kind: deadline for kind, deadline in after.items() if before.get(kind) != deadline}
