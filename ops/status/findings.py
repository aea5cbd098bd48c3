"""Describe findings, and sort the most harmful first. The command `siao-hub status`, the console and the alarms
show them.

The file `ops/alarms/alarmes.toml` says how much each condition harms households, and names the condition in
French.
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
"""The maximum number of findings, partners or recipients in a list."""
NAMED = 5
"""The maximum number of partners that a line about several partners names."""
MANY_REFUSALS = 5
"""The number of refused messages from which a sender has a line of its own in a list of findings."""


class Level(IntEnum):
    """The gravity of a finding."""

    BON = 0
    A_VOIR = 1
    """A person has to look or decide, but the hub goes on working."""
    EN_PANNE = 2
    """The hub cannot accept, apply or deliver."""


class Code(StrEnum):
    """A condition of the hub that a finding or an alarm may report."""

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
"""The conditions whose findings have the gravity `EN_PANNE`."""
MAY_LOSE = tuple(code for code in BREAKDOWNS if code is not Code.RIEN_N_AVANCE)
"""The breakdowns in which messages may be lost. Once one of them has begun, an earlier count of lost messages
proves nothing. `RIEN_N_AVANCE` is not among them: events that only wait are not lost."""
NOT_REACHED = frozenset((Code.INJOIGNABLE, Code.ACCES_REFUSE, Code.REFUSE))
"""The conditions in which deliveries do not reach a partner. The `number` of such a finding is that of the
deliveries or of the households that wait for the partner, whichever is greater; it is 0 if none wait."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A present condition of the hub, as a French sentence."""

    code: Code
    level: Level
    about: str
    """What the finding is about, such as roles, a partner, a cause or a safeguard."""
    sentence: str
    since: datetime | None = None
    cause: str = ""
    """The reported cause, such as the text of an error; empty if unknown."""
    of_siao: bool = False
    """Whether the finding concerns a SIAO, and so all partners in its territory."""
    number: int = 1
    """The number of messages, deliveries or households that the finding concerns."""
    is_late: bool = False
    """Whether a household waits for a decision of the hub's team although a deadline has passed."""

    @property
    def harm(self) -> int:
        """Return the score of the harm to households; a higher score is worse. An overdue decision of the
        hub's team scores as much as an overdue answer of a partner. A finding that concerns a SIAO scores one
        more than the same finding about any other partner."""
        code = Code.SANS_REPONSE if self.is_late else self.code
        return harms()[code].score + self.of_siao

    @property
    def parts(self) -> frozenset[str]:
        """Return the words of `about`, such as a partner's id, or the roles of a silent process."""
        return frozenset(self.about.split(" "))

    @property
    def start(self) -> str:
        """Return the first command that a person has to run because of this finding. If there is none, return
        the page of the manual to read."""
        return start_of(self.code, self.about)

    @property
    def whole(self) -> str:
        """Return the sentence, followed by the cause if one is known."""
        return f"{self.sentence} : {self.cause}" if self.cause else self.sentence


class Harm(NamedTuple):
    """The harm that a condition does to households. `score` ranks the findings: a higher score is worse.
    `one` and `several` are the French names of the condition, in the singular and in the plural."""

    score: int
    one: str
    several: str
    start: str
    """The first command to run, or the page of the manual to read. `{objet}` stands for what the finding is
    about."""


@cache
def harms() -> Mapping[Code, Harm]:
    """Return the harm that each condition does to households. The hub's own alarm rules name this harm."""
    return {Code(code): _harm(rule) for code, rule in rules_in_data().items()}


def start_of(code: Code, about: str) -> str:
    """Return the first command to run for a condition, or the page of the manual to read. `about` is what the
    condition is about, such as a partner's id. If it is empty, the command names no partner."""
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
    """Return the findings, the most harmful first. Of equally harmful ones, those about more households or
    messages come first, then the older ones."""
    return tuple(sorted(findings, key=lambda each: (-each.harm, -each.number, each.since or now, each.about)))


def worst_first(findings: Iterable[Finding], alerts: Collection[Finding]) -> list[Finding]:
    """Return the findings in the order in which a person on call reads them: first those that say that the
    hub has broken down, then urgent ones, then all others. A finding is urgent if it is in `alerts`, the
    findings that justify a phone call now. It is urgent too if something waits for a partner that deliveries
    do not reach."""
    return sorted(findings, key=lambda each: (each.level is not Level.EN_PANNE, not presses(each, alerts)))


def listed(
    findings: Iterable[Finding], alerts: Collection[Finding], names: Mapping[str, str], most: int | None
) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """Return the findings that a list of at most `most` lines shows, in the order of `worst_first`, and the
    findings that it leaves out. `most` may be None: no limit.

    Some findings are about senders with fewer than `MANY_REFUSALS` refused messages. These findings are
    joined into one, at the end of the list, if the whole list then fits in `most` lines; then nothing is left
    out. Otherwise, and without a limit, no findings are joined.

    `alerts` has the findings that justify a phone call now; it is used only for the order. `names` has the
    partners' names, by id.
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
    """Return whether a finding is urgent. It is urgent if it is in `alerts`, the findings that justify a
    phone call now. It is urgent too if it says that deliveries do not reach a partner for which something
    waits."""
    return finding in alerts or (finding.code in NOT_REACHED and finding.number > 0)


def tally(findings: Collection[Finding], alerts: Collection[Finding]) -> str:
    """Return in French how many findings there are, such as « 1 alerte, 6 à voir »; an empty text if there
    are none. `alerts` has those that justify a phone call now."""
    others = len(findings) - len(alerts)
    return ", ".join(
        [*([many(len(alerts), "alerte")] if alerts else ()), *([f"{others} à voir"] if others else ())]
    )


def left_out(findings: Sequence[Finding], names: Mapping[str, str]) -> str:
    """Return in French what a list leaves out, such as « 3 autres : 2 silences (Foyer A, Foyer B), 1 rôle
    muet ». If it leaves out one finding, return the sentence of this finding. `names` has the partners'
    names, by id."""
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
