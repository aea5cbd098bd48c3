"""Compute the level of service of a group of loops: how many were answered in time and within how many hours,
how many wait and since when.

A loop is a referral or candidacy, from its proven receipt to its answer.
"""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from statistics import quantiles
from typing import NamedTuple, Self
from uuid import UUID

from router.domain.deadlines import running_of
from router.domain.partners import Registry
from router.domain.rulebooks.orientation import Etat
from router.domain.rules.answered import answer_due
from router.domain.subjects import Candidature, Orientation

UNANSWERED = frozenset({Etat.SANS_REPONSE})
"""The states of a referral that has ended because its recipient did not answer."""


class Loop(NamedTuple):
    """A referral or candidacy, from the proof that the recipient has received it to the recipient's
    answer."""

    envoi: UUID
    partner: str
    siao: str
    received: datetime
    answered: datetime | None
    due: datetime | None
    is_open: bool
    """Whether an answer is still awaited: the loop was neither answered nor withdrawn, and has not ended
    without answer."""
    silent: bool
    structure: str | None = None
    """The FINESS or SIRET of the structure; None for a candidacy, or if the address is secret or unknown."""

    @classmethod
    def of(cls, envoi: Orientation | Candidature, registry: Registry) -> Self | None:
        """Return the loop of a referral or candidacy; None as long as nothing proves that the recipient has
        received it."""
        if envoi.remise_le is None:
            return None
        return cls(
            envoi=envoi.id,
            partner=envoi.destinataire,
            siao=envoi.emetteur,
            received=envoi.remise_le,
            answered=envoi.repondue_le,
            due=envoi.attendue_le or answer_due(running_of(envoi, registry)),
            is_open=envoi.etat in envoi.MACHINE.early,
            silent=envoi.etat in UNANSWERED,
            structure=registry.open_structure(getattr(envoi, "structure", None)),
        )

    def is_in_time(self) -> bool:
        """Return whether the loop was answered by its due date. A loop without answer is not in time. A loop
        that was answered and has no due date is in time."""
        return self.answered is not None and (self.due is None or self.answered <= self.due)

    def is_judged(self, now: datetime) -> bool:
        """Return whether it is certain by now that the loop is in time or late. This is so if it was
        answered, has ended without answer, or is overdue."""
        overdue = self.is_open and self.due is not None and self.due < now
        return self.answered is not None or self.silent or overdue


class Service(NamedTuple):
    """The level of service of a group of loops. `in_time` counts those answered in time. `late` counts those
    answered late, overdue, or ended without answer. The figures also say within how many hours answers came,
    how many loops are open, and since when."""

    in_time: int
    late: int
    open: int
    share: float | None
    """The share of answers in time among the answers due so far, from 0 to 1; None if no answer was due."""
    median_h: float | None
    """The median time from receipt to answer, in hours; None if there are no answers."""
    p90_h: float | None
    oldest: Loop | None
    """The open loop that was received first."""
    ages: tuple[int, int, int]
    """The number of open loops received less than a day ago; from a day to less than a week ago; a week or
    more ago."""


def service_of(loops: Sequence[Loop], now: datetime) -> Service:
    """Return the level of service of `loops`, taken together, at the moment `now`. An overdue loop without
    answer counts both as late and as open."""
    judged = [loop for loop in loops if loop.is_judged(now)]
    in_time = sum(loop.is_in_time() for loop in judged)
    hours = [(loop.answered - loop.received) / timedelta(hours=1) for loop in loops if loop.answered]
    waiting = [loop for loop in loops if loop.is_open]
    ages = [now - loop.received for loop in waiting]
    day, week = (sum(age < limit for age in ages) for limit in (timedelta(days=1), timedelta(days=7)))
    return Service(
        in_time=in_time,
        late=len(judged) - in_time,
        open=len(waiting),
        share=in_time / len(judged) if judged else None,
        median_h=_tenth(hours, 5),
        p90_h=_tenth(hours, 9),
        oldest=min(waiting, key=lambda loop: loop.received, default=None),
        ages=(day, week - day, len(ages) - week),
    )


def _tenth(hours: Sequence[float], tenth: int) -> float | None:
    if len(hours) < 2:
        return next(iter(hours), None)
    return quantiles(hours, n=10, method="inclusive")[tenth - 1]


class Objectif(NamedTuple):
    """An objective for the share of loops answered in time. The share `part`, from 0 to 1, is in force from
    the day `depuis` until the next objective begins."""

    depuis: date
    part: float


@cache
def _objectifs() -> tuple[Objectif, ...]:
    rows = tomllib.loads(files("ops.service").joinpath("objectifs.toml").read_text(encoding="utf-8"))
    return tuple(Objectif(row["depuis"], row["part"]) for row in rows["objectif"])


def objective(day: date) -> Objectif | None:
    """Return the objective for the share of loops answered in time that is in force on the day `day`; None if
    this day is before the first objective."""
    return max((o for o in _objectifs() if o.depuis <= day), default=None)
