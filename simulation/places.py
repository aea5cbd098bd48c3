"""Simulated places in real establishments, taken from `data/finess_siret_reels.csv`."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random

STRUCTURES_OF_A_CENTRE = 4
FORESEEN_SHARE = 0.7
"""Share of places whose vacancy is announced beforehand. Each sends two rows at once, whose order must be
kept."""
DISPOSITIFS = ("URGENCE", "STABILISATION", "INSERTION")
TYPES = {"URGENCE": "10", "STABILISATION": "40", "INSERTION": "30"}
PUBLICS = (("10", "20"), ("20",), ("30",), ("40", "50"), ("40", "50", "100"))


@dataclass(frozen=True, slots=True)
class Structure:
    """A real establishment, by its public numbers."""

    finess: str
    siret: str
    commune: str


@dataclass(frozen=True, slots=True)
class Place:
    """A simulated place that becomes vacant `at_s` seconds after the start."""

    code: str
    number: int
    structure: Structure
    adresse: str
    dispositif: str
    compositions: tuple[str, ...]
    at_s: float
    foreseen: bool
    """Whether the vacancy is announced beforehand."""


def structures(departement: str, seed: int) -> list[Structure]:
    """Return the real establishments of a département with complete numbers, shuffled. Of those with one SIRET,
    return one: a SIRET belongs to one partner."""
    source = files("simulation").joinpath("data", "finess_siret_reels.csv").read_text(encoding="utf-8")
    found = [
        Structure(row["finess"], row["siret"], row["commune"])
        for row in csv.DictReader(source.splitlines(), delimiter=";")
        if row["commune"].startswith(departement) and len(row["finess"]) == 9 and len(row["siret"]) == 14
    ]
    Random(seed).shuffle(found)
    one_each: dict[str, Structure] = {}
    for each in found:
        one_each.setdefault(each.siret, each)
    return list(one_each.values())


def places(
    count: int, centres: Sequence[tuple[str, Sequence[Structure]]], seed: int, spread_s: float
) -> list[Place]:
    """Return places, dealt out to the shelters in turn. A shelter is the prefix of its places' codes, and its
    establishments.

    The last one becomes vacant after `spread_s` seconds.
    """
    chance = Random(seed)
    found = []
    for number in range(1, count + 1):
        prefix, theirs = centres[number % len(centres)]
        code = f"{prefix}-{number:05d}"
        found.append(
            Place(
                code=code,
                number=number,
                structure=chance.choice(theirs),
                adresse=f"{chance.randint(1, 99)} rue de l'Exemple, chambre {code}",
                dispositif=chance.choice(DISPOSITIFS),
                compositions=chance.choice(PUBLICS),
                at_s=spread_s * number / count,
                foreseen=chance.random() < FORESEEN_SHARE,
            )
        )
    return found
