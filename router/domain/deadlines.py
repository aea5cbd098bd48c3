"""Who owes what until when: a function of where a subject stands, not of the way it came there. Pure.

So what starts, stops or moves with an event is the difference between before and after it. The terms are data:
`deadlines.toml`.
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

from contracts.base import Contrat, Nature
from contracts.partner import Delais, Partner
from contracts.reference.codes import Dispositif
from contracts.reference.durees import Unit
from contracts.v1.echeance import CandidatureEcheance, Echeance, Etape, OrientationEcheance, SuiteEcheance
from contracts.v1.place import PlaceLiberee
from router.domain.calendar import Duration, moment, wall_clock
from router.domain.partners import Registry
from router.domain.sandbox import heard_in
from router.domain.subjects import Candidature, Envoi, Place, Subject
from router.domain.vitals import collected_every_h

SHARES: Mapping[Etape, float] = {Etape.MI_DELAI: 0.5, Etape.BIENTOT: 0.8}
"""Reminders, by how much of the time is over."""


ANSWERS = (Echeance.DECISION, Echeance.COMMISSION)
"""The deadlines of the answer that closes a loop."""


class Attendu(StrEnum):
    """Who is awaited."""

    HUB = "hub"
    DESTINATAIRE = "destinataire"
    MENAGE = "menage"
    OPERATEUR = "operateur"
    PREFET = "prefet"


Duree = Annotated[InstanceOf[Duration], BeforeValidator(Duration.parse)]


class Terme(BaseModel):
    """One line of `deadlines.toml`, in its words."""

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
    apres: Duree | None = None
    suite: SuiteEcheance | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.duree is None and self.le is None:
            raise ValueError("une échéance a une `duree`, un jour `le`, ou les deux")
        return self

    def holds_for(self, subject: Subject) -> bool:
        """Whether this line speaks of a subject as it stands."""
        if subject.NATURE is not self.nature or subject.etat not in self.etats:
            return False
        return self.dispositifs is None or getattr(subject, "dispositif", None) in self.dispositifs


class Stage(NamedTuple):
    """How much of a deadline is over at a moment."""

    etape: Etape
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """One that runs. Its start says which one it is: another start is another deadline."""

    echeance: Echeance
    awaited: Attendu
    started_at: datetime
    stages: tuple[Stage, ...]
    """In the order of their moments; the last one has the consequence."""
    suite: SuiteEcheance | None

    @property
    def due_at(self) -> datetime:
        """By when it was to be done."""
        return next(stage.at for stage in self.stages if stage.etape is Etape.ECHUE)

    def follows(self, etape: Etape) -> SuiteEcheance | None:
        """What the silence becomes at this stage."""
        return self.suite if etape is self.stages[-1].etape else None

    def reached(self, after: int, now: datetime) -> int | None:
        """The number of the next stage that is reached, of those after so many. A reminder that a later stage has
        overtaken is left out: it would remind of what is over."""
        reached = [n for n in range(after, len(self.stages)) if self.stages[n].at <= now]
        news = [n for n in reached if self.stages[n].etape not in SHARES]
        return next(iter(news or reached[-1:]), None)


Running = Mapping[Echeance, Deadline]
NOTHING: Running = {}
Durations = Mapping[str, Duration]
"""What a partner's entry says in the place of `duree`, by its own word for it (`convention`)."""
Agreed = Mapping[Attendu, Durations]
"""The same of each who is awaited; of the hub, what it may take to reach the recipient."""


def _terms() -> tuple[Terme, ...]:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    return tuple(Terme(**row) for row in tomllib.loads(text)["terme"])


TERMES = _terms()
AWAITING = sorted({etat for terme in TERMES for etat in terme.etats})
"""States in which a deadline may run."""
_AWAITING = frozenset(AWAITING)


def running(subject: Subject, territoire: str, agreed: Agreed | None = None) -> Running:
    """The deadlines of a subject, by the calendar of a territory."""
    if subject.etat not in _AWAITING:
        return NOTHING
    first: dict[Echeance, Terme] = {}
    for terme in TERMES:
        if terme.holds_for(subject):
            first.setdefault(terme.echeance, terme)
    found = (_deadline(terme, subject, territoire, agreed or {}) for terme in first.values())
    return {deadline.echeance: deadline for deadline in found if deadline is not None}


class Until(NamedTuple):
    """A time whose end is given; used like a duration."""

    by: date | datetime
    heure: time

    def after(self, start: datetime, territoire: str, share: float = 1.0) -> datetime:
        """The moment at which this share of it has passed."""
        end = self.by if isinstance(self.by, datetime) else self._evening(self.by, start, territoire)
        return start + share * (end - start)

    def _evening(self, day: date, start: datetime, territoire: str) -> datetime:
        """The hour of a day. One that is over before the start is the next that comes."""
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
    start = max(start, subject.delais_depuis or start)
    stages = tuple(_stages(terme, start, time_given, territoire))
    return Deadline(terme.echeance, terme.attendu, start, stages, terme.suite)


def _stages(terme: Terme, start: datetime, time_given: Duration | Until, territoire: str) -> Iterator[Stage]:
    if terme.rappels:
        yield from (
            Stage(etape, time_given.after(start, territoire, share)) for etape, share in SHARES.items()
        )
    due = time_given.after(start, territoire)
    yield Stage(Etape.ECHUE, due)
    if terme.apres is not None:
        yield Stage(Etape.DEPASSEE, terme.apres.after(due, territoire))


def territoire_of(subject: Subject, registry: Registry) -> str | None:
    """The territory whose calendar counts: of who is to answer, else of who asks; of several, the one in which its
    subject lies. None where neither is known."""
    sides = (getattr(subject, name, None) for name in ("destinataire", "gestionnaire", "emetteur"))
    known = (registry.get(side) for side in sides if side)
    commune: str | None = getattr(subject, "commune", None)
    return next((heard_in(partner, commune) for partner in known if partner), None)


def running_of(subject: Subject, registry: Registry) -> Running:
    """The deadlines of a subject, as the registry has its partners; none where it has none of them."""
    if subject.etat not in _AWAITING:
        return NOTHING
    territoire = territoire_of(subject, registry)
    if territoire is None:
        return NOTHING
    return running(subject, territoire, _agreed_with(subject, registry))


def _agreed_with(subject: Subject, registry: Registry) -> Agreed:
    """Of several operators the one asked last: the deadline counts from that demand."""
    asked: tuple[str, ...] = getattr(subject, "operateurs_attendus", ())
    recipient = registry.get(getattr(subject, "destinataire", ""))
    operator = registry.get(asked[-1]) if asked else None
    theirs = agreed(recipient) if recipient else {}
    return {
        Attendu.HUB: theirs,
        Attendu.DESTINATAIRE: theirs,
        Attendu.OPERATEUR: agreed(operator) if operator else {},
    }


@lru_cache(maxsize=1000)
def agreed(partner: Partner) -> Durations:
    """What a partner's entry says; to deliver into a mailbox takes as long as its owner may leave it."""
    said = ((name, getattr(partner.delais, name)) for name in Delais.model_fields)
    times = {name: Duration.parse(text) for name, text in said if text is not None}
    hours = collected_every_h(partner)
    return times if hours is None else {**times, "remise": Duration(ceil(hours), Unit.HOUR)}


def told_of(subject: Subject, deadline: Deadline, etape: Etape) -> Contrat:
    """What the hub says when a stage of a deadline is reached."""
    which = {"echeance": deadline.echeance, "etape": etape, "commencee_le": deadline.started_at}
    match subject:
        case Place():
            return PlaceLiberee(place=subject.id, version=subject.version)
        case Candidature():
            return CandidatureEcheance(candidature=subject.id, **which)
    return OrientationEcheance(orientation=subject.id, **which)


def reminded(subject: Subject, deadline: Deadline, etape: Etape) -> str | None:
    """The partner that a stage of a deadline concerns: of several operators, who was asked first. A household is
    reminded by its SIAO; what it has become concerns who waits for it."""
    if not isinstance(subject, Envoi) or deadline.awaited is Attendu.HUB:
        return None
    if deadline.awaited is Attendu.OPERATEUR:
        return next(iter(getattr(subject, "operateurs_attendus", ())), None)
    by_the_siao = deadline.awaited is Attendu.MENAGE and etape in SHARES
    return subject.emetteur if by_the_siao else subject.destinataire


class Change(NamedTuple):
    """What becomes of the deadlines of a subject."""

    stopped: tuple[Echeance, ...]
    started: tuple[Deadline, ...]
    """Those that began, or ends at another time than before."""


def change(before: Running, after: Running) -> Change:
    """From one state to the next."""
    stopped = tuple(echeance for echeance in before if echeance not in after)
    return Change(stopped, tuple(d for echeance, d in after.items() if before.get(echeance) != d))
