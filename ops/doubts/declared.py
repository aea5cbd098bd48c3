"""Decide when the hub doubts what a partner declared: its figures differ from the hub's, or the declaration
is too old. The section `fraicheur` of `deadlines.toml` says how long a declaration is valid."""

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
"""Number of past days searched for a declaration that is too old; no agreed validity is longer."""


class Fraicheur(NamedTuple):
    """How long a partner's declarations of one kind (`echeance`) stay valid: for the time `duree`. A partner
    may have agreed on another time with the hub. Its registry entry then gives that time in the field that
    `convention` names."""

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
    """The declarations of a partner that are too old to be relied on: those of `day`, and those of all
    earlier days. `since` is when the declarations of `day` became too old."""

    day: date
    ended: datetime
    """End of `day`, in the territory's local time. A declaration made before this moment is too old."""
    since: datetime


def stale(partner: Partner, echeance: Echeance, now: datetime) -> Stale | None:
    """Return which of a partner's declarations of the kind `echeance` are too old, because the partner has not
    repeated them in time; None if all are valid. While the partner is closed, all are valid. After a closure,
    the partner has as much time as if it had declared everything on the closure's last day."""
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
    """Return which declared figures of occupation are too old; None if the partner's newest figures are still
    valid. `day` is the day of the newest figures."""
    old = stale(partner, Echeance.OCCUPATION, now)
    return old if old is not None and day <= old.day else None


def stale_since(partners: Iterable[Partner], now: datetime) -> Mapping[str, Stale]:
    """Return which declarations of vacant places are too old, by the id of the partner that made them.
    Partners without such declarations are left out. All declarations are valid while the partner is closed,
    according to its registry entry, and shortly after it has reopened."""
    found = ((partner.id, stale(partner, Echeance.VACANCE, now)) for partner in partners)
    return {name: old for name, old in found if old is not None}


def is_stale_vacancy(etat: str | None, declared_at: datetime, old: Stale | None) -> bool:
    """Return whether a place counts as free only because of a declaration that is too old. `etat` is the
    place's state, `declared_at` when it was declared. `old` says which declarations of the place's manager
    are too old; None if all are valid."""
    return etat == Etat.DISPONIBLE and old is not None and declared_at < old.ended


def of_occupations(
    occupations: Iterable[Occupation], registry: Registry, silent: Collection[str], now: datetime
) -> Iterator[Doubt]:
    """Yield the doubts about declared numbers of occupied places. There is a doubt if the partner has not
    repeated the declaration in time. There is another if the number differs from the hub's count by
    more than can be explained by places that the hub does not know, or that changed since the declaration.
    Partners in `silent` are left out: the SIAO knows of their silence."""
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
    """Return the doubt about vacant places that a partner has not declared anew in time. `number` is how many
    places; `old` says since when their declarations are too old."""
    return Doubt(partner.id, Kind.VACANCES, "", old.since, old.day, number)


def alerts_of(partner: Partner, doubt: Doubt, registry: Registry) -> list[AlerteEcheance]:
    """Return the alert which tells the SIAO that the partner has not declared figures or vacancies anew in
    time, as a list of one. The list is empty for a doubt about a gap of occupancy, which people judge, and if no
    SIAO of the partner's territories receives deliveries."""
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
