"""Findings, for `status`, the console and the alarms, most harmful first. Pure.

`ops/alarms/alarmes.toml` says how each condition harms households, with its French words.
"""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from contracts.plurals import enumerated, many

LISTED = 12
"""Maximum number of findings, partners or recipients in a list."""
NAMED = 5
"""Maximum number of partners that a line about several partners names."""
MANY_REFUSALS = 5
"""Number of refusals from which a sender has a line of its own in a list of findings."""


class Level(IntEnum):
    """Gravity of a finding."""

    BON = 0
    A_VOIR = 1
    """A person has to look or decide; the hub goes on working."""
    EN_PANNE = 2
    """The hub cannot accept, apply or deliver."""


class Code(StrEnum):
    """Condition of the hub that a finding or an alarm may report."""

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


BREAKDOWNS = (Code.BASE, Code.BUS, Code.ROLE_MUET, Code.ROLE_ATTEND, Code.RIEN_N_AVANCE)
"""Conditions whose findings are `EN_PANNE`."""
MAY_LOSE = tuple(code for code in BREAKDOWNS if code is not Code.RIEN_N_AVANCE)
"""Breakdowns after which an earlier count of losses says nothing. Events that only wait are not lost."""
NOT_REACHED = frozenset((Code.INJOIGNABLE, Code.ACCES_REFUSE, Code.REFUSE))
"""Conditions in which deliveries do not reach a partner. The finding's `number` is that of the deliveries or
households that wait for the partner, 0 if none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Present condition of the hub, as a French sentence."""

    code: Code
    level: Level
    about: str
    """Roles, partner, cause or safeguard that the finding is about."""
    sentence: str
    since: datetime | None = None
    cause: str = ""
    """Reported cause, such as the text of an error; empty if unknown."""
    of_siao: bool = False
    """Whether a SIAO is concerned, and so all partners of its territory."""
    number: int = 1
    """Messages, deliveries or households concerned."""
    is_late: bool = False
    """Whether a household waits for a decision of the hub beyond a deadline."""

    @property
    def harm(self) -> int:
        """Return the score of the harm to households; higher is worse. A finding about an overdue decision of
        the hub's team scores as much as one about an overdue answer. A finding that concerns a SIAO scores one
        more than the same finding about any other partner."""
        code = Code.SANS_REPONSE if self.is_late else self.code
        return harms()[code].score + self.of_siao

    @property
    def parts(self) -> frozenset[str]:
        """Return the words of `about`: each role of a silent process, for example, or a partner's id."""
        return frozenset(self.about.split(" "))

    @property
    def start(self) -> str:
        """Return the first command to run because of this finding, or else the page of the manual to read."""
        return start_of(self.code, self.about)

    @property
    def whole(self) -> str:
        """Return the sentence, followed by the cause if it is known."""
        return f"{self.sentence} : {self.cause}" if self.cause else self.sentence


class Harm(NamedTuple):
    """Harm that a condition does to households. `score` ranks the findings: higher is worse. `one` and
    `several` are the French names of the condition, for one finding and for several."""

    score: int
    one: str
    several: str
    start: str
    """First command to run, or page of the manual. `{objet}` stands for what the finding is about."""


@cache
def harms() -> Mapping[Code, Harm]:
    """Return the harm that each condition does to households: its score, its French names, and the first
    command to run or page of the manual to read. The harms are read from the rules of alarms that come with the
    hub."""
    return {Code(code): _harm(rule) for code, rule in rules_in_data().items()}


def start_of(code: Code, about: str) -> str:
    """Return the first command to run for a condition, or the page of the manual to read. `about` is what the
    condition is about, such as a partner's id; empty for all partners."""
    start = harms()[code].start if about else harms()[code].start.replace("--partner {objet} ", "")
    return start.format(objet=about.partition(" ")[0])


def _harm(rule: Mapping[str, Any]) -> Harm:
    start = rule.get("commande", f"docs/astreinte/{rule['page']}.md")
    one, several = rule["noms"]
    return Harm(rule["gravite"], one, several, start)


def rules_in_data() -> Mapping[str, Any]:
    """Return the rules of alarms that come with the hub (`alarmes.toml`), as read from the file."""
    return tomllib.loads(files("ops.alarms").joinpath("alarmes.toml").read_text(encoding="utf-8"))


def ranked(findings: Iterable[Finding], now: datetime) -> tuple[Finding, ...]:
    """Return the findings, the most harmful first; then those about more households or messages, then the
    oldest."""
    return tuple(sorted(findings, key=lambda each: (-each.harm, -each.number, each.since or now, each.about)))


def worst_first(findings: Iterable[Finding], alerts: Collection[Finding]) -> list[Finding]:
    """Return the findings as a person on call reads them: first those that say that the hub has broken down,
    then urgent ones, then all others. A finding in `alerts` is urgent: it justifies a phone call now. A finding
    is urgent too if deliveries or households wait for a partner that deliveries do not reach."""
    return sorted(findings, key=lambda each: (each.level is not Level.EN_PANNE, not presses(each, alerts)))


def listed(
    findings: Iterable[Finding], alerts: Collection[Finding], names: Mapping[str, str], most: int | None
) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """Return the findings that a list of at most `most` lines shows, in the order of `worst_first`, and those
    that the list leaves out.

    The findings about senders with fewer than `MANY_REFUSALS` refused messages are joined if the whole list
    then fits in `most` lines: one last finding replaces them, and nothing is left out. Otherwise, and if `most`
    is None (no limit), no findings are joined. `alerts`, used only for the order: the findings that justify a
    phone call now. `names`: the partners' names, by id.
    """
    every = worst_first(findings, alerts)
    few = [each for each in every if each.code is Code.LIGNES_REFUSEES and each.number < MANY_REFUSALS]
    others = [each for each in every if each not in few]
    if most is not None and len(few) > 1 and len(others) < most:
        return [*others, _together(few, names)], ()
    shown = every[:most]
    return shown, every[len(shown) :]


def _together(few: Sequence[Finding], names: Mapping[str, str]) -> Finding:
    number = sum(each.number for each in few)
    senders = _enumerated([names.get(each.about, each.about) for each in few])
    sentence = f"{senders} doivent corriger {many(number, 'envoi refusé')}, en tout ou en partie"
    since = min((each.since for each in few if each.since), default=None)
    return Finding(Code.LIGNES_REFUSEES, Level.A_VOIR, "", sentence, since, number=number)


def presses(finding: Finding, alerts: Collection[Finding]) -> bool:
    """Return whether a finding cannot wait: it is in `alerts` (the findings that justify a phone call now), or
    it says that a partner for which something waits is out of reach."""
    return finding in alerts or (finding.code in NOT_REACHED and finding.number > 0)


def tally(findings: Collection[Finding], alerts: Collection[Finding]) -> str:
    """Return in French how many findings there are, such as « 1 alerte, 6 à voir »; an empty text without
    findings. `alerts` has those that justify a phone call now."""
    others = len(findings) - len(alerts)
    return ", ".join(
        [*([many(len(alerts), "alerte")] if alerts else ()), *([f"{others} à voir"] if others else ())]
    )


def left_out(findings: Sequence[Finding], names: Mapping[str, str]) -> str:
    """Return in French what a list leaves out: « 3 autres : 2 silences (Foyer A, Foyer B), 1 rôle muet »; for a
    single finding, its sentence. `names` has the partners' names by id."""
    if len(findings) == 1:
        return f"1 autre : {findings[0].sentence}"
    kinds: defaultdict[Code, list[str]] = defaultdict(list)
    for each in findings:
        kinds[each.code].append(names.get(each.about.partition(" ")[0], ""))
    return f"{many(len(findings), 'autre')} : {', '.join(_of_kind(*kind) for kind in kinds.items())}"


def _of_kind(code: Code, partners: Sequence[str]) -> str:
    said = many(len(partners), harms()[code].one, harms()[code].several)
    named = list(dict.fromkeys(filter(None, partners)))
    return f"{said} ({_enumerated(named)})" if named else said


def _enumerated(partners: Sequence[str]) -> str:
    more = [many(len(partners) - NAMED, "autre")] if len(partners) > NAMED else []
    return enumerated([*partners[:NAMED], *more])
