"""What a partner has declared and nobody can rely on: figures that are not what is known, or what it should have said
anew. Pure.

Figures of occupation and vacancies hold from the day on which they are told until so long after its end
(`fraicheur`, in `deadlines.toml`): at what hour a daily file comes makes no difference. Of a partner whose silence is
told nothing is said beside it.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from contracts.base import Nature
from contracts.partner import Partner
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.echeance import Echeance
from contracts.v1.occupation import OccupationReleve
from contracts.v1.place import PlaceVacante
from ops.occupation.compared import Occupation
from ops.silences.rules import id_of
from router.domain.calendar import Duration, day_in, moment
from router.domain.deadlines import agreed
from router.domain.doubts import Doubt, Kind
from router.domain.partners import Registry
from router.domain.rulebooks.place import Etat

DAY = timedelta(days=1)
LONGEST = 800
"""Days: longer than whatever is agreed."""


class Fraicheur(NamedTuple):
    """One line of `deadlines.toml`, in its words."""

    echeance: Echeance
    duree: Duration
    convention: str


@cache
def _fraicheurs() -> Mapping[Echeance, Fraicheur]:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["fraicheur"]
    each = (Fraicheur(Echeance(r["echeance"]), Duration.parse(r["duree"]), r["convention"]) for r in rows)
    return {row.echeance: row for row in each}


FRAICHEURS = _fraicheurs()
ECHEANCES: Mapping[Kind, Echeance] = {Kind.RELEVE: Echeance.OCCUPATION, Kind.VACANCES: Echeance.VACANCE}
_SAID = {Kind.RELEVE: OccupationReleve.TYPE, Kind.VACANCES: PlaceVacante.TYPE}


class Stale(NamedTuple):
    """What was told on that day, or before, has been out of date since then."""

    day: date
    ended: datetime
    """When that day ended in the territory."""
    since: datetime


def stale(partner: Partner, echeance: Echeance, now: datetime) -> Stale | None:
    """The last day of which the word is too old; None where nothing is, as while a partner is closed, and for as long
    after as it has to speak again."""
    rule, territoire = FRAICHEURS[echeance], partner.territoire
    holds = agreed(partner).get(rule.convention, rule.duree)

    def end_of(day: date) -> datetime:
        return moment(territoire, datetime.combine(day + DAY, time()))

    def over(day: date) -> datetime:
        return holds.after(end_of(day), territoire)

    today = day_in(territoire, now)
    if any(closed.du <= today and now < over(closed.au) for closed in partner.fermetures):
        return None
    for day in (today - n * DAY for n in range(1, LONGEST)):
        if over(day) <= now:
            return Stale(day, end_of(day), over(day))
    return None


def stale_figures(partner: Partner, day: date, now: datetime) -> Stale | None:
    """What is out of date, where the figures that a partner gave of a day are."""
    old = stale(partner, Echeance.OCCUPATION, now)
    return old if old is not None and day <= old.day else None


def stale_since(partners: Iterable[Partner], now: datetime) -> Mapping[str, Stale]:
    """By partner, what is out of date of the vacancies that it has told."""
    found = ((partner.id, stale(partner, Echeance.VACANCE, now)) for partner in partners)
    return {name: old for name, old in found if old is not None}


def is_stale_vacancy(etat: str | None, heard: datetime, old: Stale | None) -> bool:
    """Whether a place passes for vacant by its manager's word of that moment, which is out of date. In any other state
    nobody has to tell it anew."""
    return etat == Etat.DISPONIBLE and old is not None and heard < old.ended


def of_occupations(
    occupations: Iterable[Occupation], registry: Registry, silent: Collection[str], now: datetime
) -> Iterator[Doubt]:
    """Gaps that nothing explains, and figures that were not given anew."""
    for each in occupations:
        partner = registry.get(each.partner)
        if partner is None or partner.id in silent:
            continue
        old = stale_figures(partner, each.releve_le, now)
        if old is not None:
            yield Doubt(partner.id, Kind.RELEVE, each.dispositif, old.since, each.releve_le, each.occupees)
        if each.gap:
            known = each.inhabited
            yield Doubt(partner.id, Kind.ECART, each.dispositif, now, each.releve_le, each.occupees, known)


def of_vacancies(partner: Partner, old: Stale, number: int) -> Doubt:
    """So many vacant places of which nobody has spoken since a day that is too long ago."""
    return Doubt(partner.id, Kind.VACANCES, "", old.since, old.day, number)


def told(partner: Partner, doubt: Doubt, registry: Registry) -> list[AlerteEcheance]:
    """What the SIAO is told, and the partner, when it begins: of what is out of date. Nothing where no SIAO is to be
    reached. A gap is for who can look into both accounts."""
    echeance = ECHEANCES.get(doubt.kind)
    if echeance is None or not registry.siaos_around(partner):
        return []
    ident = id_of(partner)
    return [
        AlerteEcheance(
            objet=ident,
            nature=Nature.PARTENAIRE,
            evenement=ident,
            type_evenement=_SAID[doubt.kind],
            emetteur=partner.id,
            echeance=echeance,
            due_le=doubt.since,
        )
    ]
