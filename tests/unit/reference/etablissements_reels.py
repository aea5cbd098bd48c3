"""The 3,995 real establishments from which tests and simulation take theirs."""

import csv
from pathlib import Path
from typing import NamedTuple

FICHIER = Path(__file__).parents[3] / "simulation" / "data" / "finess_siret_reels.csv"


class Reel(NamedTuple):
    finess: str
    siret: str
    commune: str


with FICHIER.open(encoding="utf-8", newline="") as file:
    REELS = tuple(Reel(**row) for row in csv.DictReader(file, delimiter=";"))
