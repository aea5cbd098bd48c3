"""Findings: present conditions of the hub, for `status`, the console and the alarms, most harmful first. Pure.

The file `ops/alarms/alarmes.toml` says how each condition harms households, and contains the French words for
it.
"""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from contracts.plurals import many

LISTED = 12
"""Maximum number of findings (present conditions of the hub), partners or recipients in a list."""


class Level(IntEnum):
    """Gravity of a finding: all is well, a person has to look, or something is broken down."""

    BON = 0
    A_VOIR = 1
    """Gravity of a finding that a person has to look at or decide, while the hub goes on working."""
    EN_PANNE = 2
    """Gravity of a finding that keeps the hub from accepting, applying or delivering."""


class Code(StrEnum):
    """Code of a condition of the hub, such as « base » (the database is away)."""

    BASE = "base"
    BASCULEE = "base_basculee"
    BUS = "bus"
    INCONNU = "inconnu"
    ROLE_MUET = "role_muet"
    ROLE_ATTEND = "role_attend"
    PROCESSUS_MUET = "processus_muet"
    RIEN_N_AVANCE = "rien_n_avance"
    SANS_REPONSE = "reponses_en_retard"
    INJOIGNABLE = "partenaire_injoignable"
    ACCES_REFUSE = "partenaire_acces_refuse"
    REFUSE = "partenaire_refuse"
    TYPE_REFUSE = "type_refuse"
    SILENCE = "partenaire_silencieux"
    EN_RETARD = "livraisons_en_retard"
    BOITE = "boite_non_relevee"
    ILLISIBLE = "lecture_impossible"
    LECTURE = "lecture_en_pause"
    REFUSEES = "livraisons_refusees"
    INCERTAINES = "livraisons_incertaines"
    QUARANTAINE = "quarantaine"
    ENVOIS_REFUSES = "envois_refuses"
    LIGNES_REFUSEES = "lignes_refusees"
    ORPHELINES = "reponses_orphelines"
    ECART = "occupation_ecart"
    RELEVE = "releve_perime"
    VACANCES = "vacances_perimees"
    FALSIFIE = "bus_falsifie"
    CLE_RETIREE = "cle_retiree"
    CLES_INCONNUES = "cles_inconnues"
    DROITS = "droits_en_retard"
    FILET = "filet"


@dataclass(frozen=True, slots=True)
class Finding:
    """Present condition of the hub: a French sentence, with its gravity, its subject and its beginning."""

    code: Code
    level: Level
    about: str
    """What the finding is about, as a text: a role, a partner, a cause or a safeguard (protective measure).
    """
    sentence: str
    since: datetime | None = None
    cause: str = ""
    """Reported cause of the condition, such as the text of an error; empty if unknown."""
    of_siao: bool = False
    """Whether the condition concerns a SIAO. It then affects all partners of the SIAO's territory."""
    number: int = 1
    """Number of messages, deliveries or households that the condition concerns."""

    @property
    def harm(self) -> int:
        """Return the score of the condition's harm to households; a higher score is worse. The score is one
        higher if the condition concerns a SIAO."""
        return harms()[self.code].score + self.of_siao

    @property
    def start(self) -> str:
        """Return the first command to run against the condition, or the path of a manual page if there is no
        such command."""
        return start_of(self.code, self.about)

    @property
    def whole(self) -> str:
        """Return the French sentence about the condition, with its cause."""
        return f"{self.sentence} : {self.cause}" if self.cause else self.sentence


class Harm(NamedTuple):
    """Harm of a condition to households: a score, French words for one such condition and for several, and the
    first command to run."""

    score: int
    one: str
    several: str
    start: str
    """First command to run against the finding, or a page of the manual if there is no command. `{objet}`
    stands for what the finding is about, such as a partner's id."""


@cache
def harms() -> Mapping[Code, Harm]:
    """Return how findings (present conditions of the hub) harm households, by the code of the finding."""
    return {Code(code): _harm(rule) for code, rule in rules_in_data().items()}


def start_of(code: Code, about: str) -> str:
    """Return the first command to run for a finding (a present condition of the hub), or the path of a manual
    page if there is no command. `about` is the finding's subject, such as a partner's id."""
    return harms()[code].start.format(objet=about.partition(" ")[0])


def _harm(rule: Mapping[str, Any]) -> Harm:
    start = rule.get("commande", f"docs/astreinte/{rule['page']}.md")
    one, several = rule["noms"]
    return Harm(rule["gravite"], one, several, start)


def rules_in_data() -> Mapping[str, Any]:
    """Return the built-in rules of the alarms, by the code of the condition."""
    return tomllib.loads(files("ops.alarms").joinpath("alarmes.toml").read_text(encoding="utf-8"))


def ranked(findings: Iterable[Finding], now: datetime) -> tuple[Finding, ...]:
    """Return the findings (present conditions of the hub), most harmful first. At equal harm, the one that
    concerns more messages, deliveries or households comes first, then the older one."""
    return tuple(sorted(findings, key=lambda each: (-each.harm, -each.number, each.since or now, each.about)))


def worst_first(findings: Iterable[Finding], alerts: Collection[Finding]) -> list[Finding]:
    """Return ranked findings in the order in which a person on call deals with them: breakdowns and alerts
    first, then all others. Within both groups, the ranking stays."""
    return sorted(findings, key=lambda each: each.level is not Level.EN_PANNE and each not in alerts)


def tally(findings: Collection[Finding], alerts: Collection[Finding]) -> str:
    """Return in French how many findings there are, alerts first, such as « 1 alerte, 6 à voir »; an empty text
    for no findings."""
    others = len(findings) - len(alerts)
    return ", ".join(
        [*([many(len(alerts), "alerte")] if alerts else ()), *([f"{others} à voir"] if others else ())]
    )


def left_out(findings: Sequence[Finding]) -> str:
    """Return a French summary of the findings (conditions to look at) that a list leaves out: « 3 autres : 2
    envois refusés, 1 silence ». If only one is left out, return its sentence."""
    if len(findings) == 1:
        return f"1 autre : {findings[0].sentence}"
    kinds = Counter(each.code for each in findings)
    named = ", ".join(
        many(number, harms()[code].one, harms()[code].several) for code, number in kinds.items()
    )
    return f"{many(len(findings), 'autre')} : {named}"
