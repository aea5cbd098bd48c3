"""A département played for some days in simulated time, then judged by its partners' messages."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from contracts.base import Contrat
from contracts.reference.codes import Dispositif
from router.domain.calendar import is_working_day
from simulation.accelerated.handing_over import misplaced
from simulation.accelerated.hub import AcceleratedHub
from simulation.accelerated.judgement import Waits, ends, mistold, places_kept, untimely
from simulation.accelerated.of_the_state import LONGEST_TO_JUSTIFY, forgotten, unexplained, unseen
from simulation.accelerated.play import step
from simulation.departement.aide import State
from simulation.departement.bringers import Bringer
from simulation.departement.centres import Shelter
from simulation.departement.course import Course
from simulation.departement.desk import Desk
from simulation.departement.landlords import Landlord
from simulation.departement.neighbour import Neighbour
from simulation.departement.operators import Operator
from simulation.departement.setting import (
    NEIGHBOUR,
    NIGHT_CALLS,
    OPERATOR,
    SIAO,
    STATE,
    TERRITOIRE,
    Rates,
    Setting,
    midnight,
    set_up,
)
from simulation.ends import End, out_of_sight

FIRST_DAY = date(2026, 1, 1)
SLOW = (Dispositif.STABILISATION, Dispositif.INSERTION)
"""Kinds of offer that households ask for on working days only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of playing a département."""

    days: int
    partners: int
    said: int
    """Messages of partners, all accepted."""
    delivered: Counter[str]
    """Deliveries, by message type."""
    ends: Mapping[str, End]
    wrong: tuple[str, ...]
    """Faults, in French."""

    def as_json(self) -> Mapping[str, Any]:
        return {
            "jours": self.days,
            "partenaires": self.partners,
            "messages": self.said,
            "livraisons": dict(self.delivered),
            "boucles": Counter(self.ends.values()),
            "perdues_de_vue": out_of_sight(self.ends),
            "faux": list(self.wrong),
        }


def play(rates: Rates, seed: int, days: int, first: date = FIRST_DAY) -> Outcome:
    """Play a département for some days and judge the messages. Deterministic."""
    setting = set_up(rates, seed, first, days)
    hub = run(setting, seed, days, first)
    in_time = {name: journal for name, journal in hub.journals.items() if name not in setting.unreachable}
    found = ends(hub.sent, hub.journals, Waits(hub.awaited(), hub.overdue()))
    return Outcome(
        days=days,
        partners=len(hub.registry.partners),
        said=len(hub.sent),
        delivered=Counter(each.contrat.NOM for journal in hub.journals.values() for each in journal),
        ends=found,
        wrong=(
            *untimely(in_time),
            *mistold(hub.journals[SIAO]),
            *misplaced(hub.journals[SIAO], hub.journals[NEIGHBOUR], hub.awaited()),
            *places_kept(hub.sent, hub.journals[SIAO]),
            *unseen(hub.sent, hub.journals[STATE], hub.now - LONGEST_TO_JUSTIFY),
            *forgotten(hub.sent, hub.journals, hub.awaited() | hub.overdue()),
            *unexplained(hub.sent, hub.journals, hub.awaited()),
            *(f"{End.NONE} : {each}" for each in out_of_sight(found)),
        ),
    )


def run(setting: Setting, seed: int, days: int, first: date) -> AcceleratedHub:
    """Play a département for some days, and return the hub at their end."""
    hub = AcceleratedHub(setting.registry, TERRITOIRE, midnight(first))
    course = Course(hub, Random(seed), setting.away)
    _begin(setting, course, first, days)
    end = midnight(first + timedelta(days=days))
    while hub.now < end:
        until = min(course.next_at or end, end)
        if not step(hub, until):
            hub.now = until
            if until < end:
                course.go_on()
    return hub


def _begin(setting: Setting, course: Course, first: date, days: int) -> None:
    desk = Desk(setting, course)
    shelters = [Shelter(centre, setting.rates, course) for centre in setting.centres]
    bringers = [Bringer(name, course) for name in (NIGHT_CALLS, *setting.bringers)]
    landlords = [Landlord(name, course) for name in setting.landlords]
    hearing: dict[str, Callable[[Contrat], None]] = {
        SIAO: desk.hears,
        NEIGHBOUR: Neighbour(course).hears,
        OPERATOR: Operator(OPERATOR, course).hears,
        STATE: State(setting.rates, course).hears,
        **{each.name: each.hears for each in shelters},
        **{each.name: each.hears for each in bringers},
        **{each.name: each.hears for each in landlords},
    }
    course.hub.heeded_by = lambda recipient, contrat: hearing[recipient](contrat)
    for shelter in shelters:
        shelter.begin()
    for name, gone in setting.unreachable.items():
        course.later(SIAO, gone.since, partial(course.hub.cut_off, name))
        course.later(SIAO, gone.until, partial(course.hub.reach_again, name))
    for day in (first + timedelta(days=n) for n in range(days)):
        at = course.at_hour(day, 0)
        course.later(SIAO, at, partial(_lay_out, setting, course, desk, shelters, bringers, day))


def _lay_out(
    setting: Setting,
    course: Course,
    desk: Desk,
    shelters: Sequence[Shelter],
    bringers: Sequence[Bringer],
    day: date,
) -> None:
    """Schedule the acts of a day that no delivery causes."""
    rates, (night, *others) = setting.rates, bringers
    for shelter in shelters:
        shelter.give_figures(day)
    for _ in range(course.number_of(rates.calls)):
        at = course.at_hour(day, course.chance.uniform(17, 27))
        course.later(night.name, at, partial(night.bring, Dispositif.URGENCE, is_family=False))
    desk.close_the_night(day)
    if not is_working_day(TERRITOIRE, day):
        return
    for _ in range(course.number_of(rates.demands)):
        bringer, kind = course.chance.choice(others), course.chance.choice(SLOW)
        is_family = course.happens(rates.families)
        course.later(bringer.name, course.at_work(0, 0), partial(bringer.bring, kind, is_family=is_family))
    for _ in range(course.number_of(rates.candidacies)):
        course.later(SIAO, course.at_work(0, 0), desk.present)
