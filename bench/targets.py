"""The customer's targets for the stages of the benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on one figure of a stage."""

    figure: str
    bound: float
    text: str
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Return whether this median is within the bound."""
        return value <= self.bound if self.at_most else value >= self.bound


TARGETS: Mapping[str, Target] = {
    "Entrée HTTP": Target("par_s", 3000, "≥ 3 000/s"),
    "Entrée par fichier": Target("par_s", 8000, "≥ 8 000 lignes/s"),
    "Traitement": Target("rapport", 10, "≥ 10 × le tutoriel"),
    "Bout en bout": Target("par_s", 2000, "≥ 2 000/s livrés"),
    "Bout en bout, partenaire à 20 ms": Target("par_s", 1500, "≥ 1 500/s livrés"),
    "Bout en bout, boucle ouverte à 30/s": Target(
        "sql_par_message", 10, "≤ 10 instructions SQL", at_most=True
    ),
    "Bout en bout, boucle ouverte à 300/s": Target("p99_ms", 30, "p99 ≤ 30 ms", at_most=True),
}
