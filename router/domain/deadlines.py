"""Deadlines: who has to act, and until when. Pure.

The deadlines of a subject follow from its present state. An event starts, stops or moves a deadline by
changing this state. `deadlines.toml` has the lengths.
"""

import tomllib
from collections.abc import Iterator, Mapping
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
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.sandbox import message_territoire
from router.domain.subjects import Subject
from router.domain.vitals import collected_every_h

SHARES: Mapping[Etape, float] = {Etape.MI_DELAI: 0.5, Etape.BIENTOT: 0.8}
"""Part of a deadline's time (0.5 is half) after which each reminder is sent, by reminder."""


ANSWERS = (Echeance.DECISION, Echeance.COMMISSION)
"""Deadlines for the answer that closes a referral or candidacy."""


class Attendu(StrEnum):
    """Side that has to act before a deadline, such as the recipient or the hub."""

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
"""Duration as `deadlines.toml` writes it."""


class Terme(BaseModel):
    """Entry of `deadlines.toml`: a deadline, the states in which it runs, and its length."""

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
        """Tell whether this entry applies to a subject in its present state."""
        if subject.NATURE is not self.nature or subject.etat not in self.etats:
            return False
        return self.dispositifs is None or getattr(subject, "dispositif", None) in self.dispositifs


class Stage(NamedTuple):
    """Stage of a deadline, and the moment at which it is reached."""

    etape: Etape
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """Running deadline. Its kind and its start identify it."""

    echeance: Echeance
    awaited: Attendu
    started_at: datetime
    stages: tuple[Stage, ...]
    """Stages of the deadline, earliest first. The last stage is its end."""
    suite: SuiteEcheance | None

    @property
    def due_at(self) -> datetime:
        """Return the moment at which the deadline ends."""
        return next(stage.at for stage in self.stages if stage.etape is Etape.ECHUE)

    def follows(self, etape: Etape) -> SuiteEcheance | None:
        """Return the consequence if nobody acts in time. Return None before the last stage."""
        return self.suite if etape is self.stages[-1].etape else None

    def reached(self, after: int, now: datetime) -> int | None:
        """Return the number of the last stage that is reached at `now`. Return None if that is among the
        first `after` stages."""
        reached = [n for n in range(after, len(self.stages)) if self.stages[n].at <= now]
        news = [n for n in reached if self.stages[n].etape not in SHARES]
        return next(iter(news or reached[-1:]), None)


Running = Mapping[Echeance, Deadline]
NOTHING: Running = {}
Durations = Mapping[str, Duration]
"""Lengths of deadlines that a partner's registry entry sets in place of those in `deadlines.toml`, by name."""
Agreed = Mapping[Attendu, Durations]
"""Durations agreed by the partners of a subject, by the side that has to act."""


def _terms() -> tuple[Terme, ...]:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    return tuple(Terme(**row) for row in tomllib.loads(text)["terme"])


TERMES = _terms()


def states_awaiting(side: Attendu) -> frozenset[str]:
    """Return the states of a subject in which a deadline awaits an act of this side. A closed subject has no such
    state, even if it still has an unanswered request."""
    return frozenset(etat for terme in TERMES if terme.attendu is side for etat in terme.etats)


AWAITING = sorted({etat for terme in TERMES for etat in terme.etats})
"""States in which a deadline may run."""
_AWAITING = frozenset(AWAITING)


def running(subject: Subject, territoire: str, agreed: Agreed | None = None) -> Running:
    """Return the running deadlines of a subject, by a territory's calendar."""
    if subject.etat not in _AWAITING:
        return NOTHING
    first: dict[Echeance, Terme] = {}
    for terme in TERMES:
        if terme.holds_for(subject):
            first.setdefault(terme.echeance, terme)
    found = (_deadline(terme, subject, territoire, agreed or {}) for terme in first.values())
    return {deadline.echeance: deadline for deadline in found if deadline is not None}


class Until(NamedTuple):
    """Time span up to a fixed end: a moment, or the hour `heure` of a day. It replaces a `Duration`."""

    by: date | datetime
    heure: time

    def after(self, start: datetime, territoire: str, share: float = 1.0) -> datetime:
        """Return the moment at which a part of the time from `start` to the end has passed. `share` is this
        part (0.5 is half)."""
        end = self.by if isinstance(self.by, datetime) else self._evening(self.by, start, territoire)
        return start + share * (end - start)

    def _evening(self, day: date, start: datetime, territoire: str) -> datetime:
        """Return the moment of the hour `heure` on a day; a day later if that is past at `start`."""
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
    """Return the territory whose calendar counts for a subject: that of the partner that has to answer, else
    that of the partner that asks. Return None if neither is known."""
    sides = (getattr(subject, name, None) for name in ("destinataire", "gestionnaire", "emetteur"))
    known = (registry.get(side) for side in sides if side)
    commune: str | None = getattr(subject, "commune", None)
    return next((message_territoire(partner, commune) for partner in known if partner), None)


def running_of(subject: Subject, registry: Registry) -> Running:
    """Return the running deadlines of a subject, with the durations set for its partners. Empty if the
    registry has none of its partners."""
    if subject.etat not in _AWAITING:
        return NOTHING
    territoire = territoire_of(subject, registry)
    if territoire is None:
        return NOTHING
    return running(subject, territoire, _agreed_with(subject, registry))


def _agreed_with(subject: Subject, registry: Registry) -> Agreed:
    """Return the durations agreed by the partners of a subject. Of several awaited operators, the one asked
    last counts."""
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
    """Return the durations that a partner's registry entry sets.

    If the partner has a mailbox, the time for a delivery (`remise`) is the time in which the partner must
    empty the mailbox.
    """
    texts = ((name, getattr(partner.delais, name)) for name in Delais.model_fields)
    times = {name: Duration.parse(text) for name, text in texts if text is not None}
    hours = collected_every_h(partner)
    return times if hours is None else {**times, "remise": Duration(ceil(hours), Unit.HOUR)}


def awaited_of(subject: Subject, deadline: Deadline) -> tuple[str, ...]:
    """Return the partners that have to act before a deadline. If the household has to act, return the
    recipient that waits for the household's answer."""
    match deadline.awaited:
        case Attendu.HUB | Attendu.SIGNATAIRES:
            return ()
        case Attendu.LECTEURS:
            return tuple(getattr(subject, "attendus", ()))
        case Attendu.OPERATEUR:
            return tuple(getattr(subject, "operateurs_attendus", ()))
        case Attendu.REPRENEUR | Attendu.EVALUATEUR as side:
            one = getattr(subject, side, None)
        case Attendu.MENAGE:
            one = subject.player(Party.DESTINATAIRE)
        case side:
            one = subject.player(Party(side))
    return () if one is None else (one,)


def reminded(subject: Subject, deadline: Deadline, etape: Etape) -> tuple[str, ...]:
    """Return the partners to notify when a deadline reaches a stage (a reminder or the end).

    If several operators have to answer, only the first one asked is notified. If the household has to act,
    its SIAO gets the reminders, and the waiting recipient learns of the end.
    """
    if deadline.awaited is Attendu.MENAGE and etape in SHARES:
        siao = subject.player(Party.EMETTEUR)
        return () if siao is None else (siao,)
    awaited = awaited_of(subject, deadline)
    return awaited[:1] if deadline.awaited is Attendu.OPERATEUR else awaited


class Change(NamedTuple):
    """Deadlines that stop and start because of an event."""

    stopped: tuple[Echeance, ...]
    started: tuple[Deadline, ...]
    """Deadlines that begin, or whose end is moved."""


def change(before: Running, after: Running) -> Change:
    """Return the deadlines that stop and start when `before` becomes `after`."""
    stopped = tuple(echeance for echeance in before if echeance not in after)
    return Change(stopped, tuple(d for echeance, d in after.items() if before.get(echeance) != d))
