"""Determine until when a vacant place counts as free tonight. Tell the 115 (emergency line for homeless
people) when such a place is taken."""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files

from contracts.envelope import HUB, Event
from contracts.partner import Famille
from contracts.v1.place import PlaceRetenue
from router.domain import routing
from router.domain.calendar import Duration
from router.domain.partners import Registry
from router.domain.subjects import Place


@cache
def _duration() -> Duration:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    return Duration.parse(tomllib.loads(text)["nuit"]["duree"])


def holds_until(recipient: Famille, said_at: datetime, territoire: str) -> datetime | None:
    """Return until when a place that was declared vacant at `said_at` counts as free for partners of the type
    `recipient`. Return None if partners of this type do not look for places for tonight."""
    return _duration().after(said_at, territoire) if recipient is Famille.VEILLE_SOCIALE else None


def taken(event: Event, place: Place, registry: Registry) -> tuple[PlaceRetenue, ...]:
    """Return the message which tells the 115 that `place` is taken: the event has reserved or occupied it.
    Return an empty tuple if the place is not for emergencies, or if no partner of the territory looks for
    places for tonight."""
    news = PlaceRetenue(place=place.id, version=place.version)
    told = any(routing.listeners(news, HUB, event.attributes.territoire, place, registry))
    return (news,) if told else ()
