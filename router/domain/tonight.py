"""Compute until when a place counts as free tonight, after its manager has declared it free. Pure."""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files

from contracts.partner import Famille
from router.domain.calendar import Duration


@cache
def _duration() -> Duration:
    text = files("router.domain").joinpath("deadlines.toml").read_text(encoding="utf-8")
    return Duration.parse(tomllib.loads(text)["nuit"]["duree"])


def holds_until(recipient: Famille, said_at: datetime, territoire: str) -> datetime | None:
    """Return until when a place declared vacant at `said_at` counts as free for partners of the type
    `recipient`. None if they do not look for places for tonight."""
    return _duration().after(said_at, territoire) if recipient is Famille.VEILLE_SOCIALE else None
