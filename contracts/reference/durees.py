"""Read durations in French words: «15 minutes», «7 jours ouvrés», «1 mois»."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator


class Unit(StrEnum):
    SECOND = "secondes"
    MINUTE = "minutes"
    HOUR = "heures"
    DAY = "jours"
    WORKING_DAY = "jours ouvrés"
    MONTH = "mois"


UNITS: Mapping[str, Unit] = {
    **{unit.value: unit for unit in Unit},
    "seconde": Unit.SECOND,
    "minute": Unit.MINUTE,
    "heure": Unit.HOUR,
    "jour": Unit.DAY,
    "jour ouvré": Unit.WORKING_DAY,
}


def counted(text: str) -> tuple[int, Unit]:
    """Return the number and the unit of a duration in French words (« 7 jours ouvrés »). Raises ValueError, in
    French, for any other text."""
    number, _, words = text.partition(" ")
    unit = UNITS.get(words)
    if unit is None or not re.fullmatch("[1-9][0-9]{0,3}", number):
        raise ValueError(
            f"durée illisible : « {text} » (attendu un nombre et une unité : {', '.join(UNITS)})"
        )
    return int(number), unit


def _readable(text: str) -> str:
    counted(text)
    return text


Duree = Annotated[str, AfterValidator(_readable)]
"""Duration in French words, such as «7 jours ouvrés»."""
