"""Whether the hub does its work: the facts, judged. Pure; the time is a parameter.

One `Finding` a condition, with a code that stays: `status` prints them, alarms start and clear by them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from router.domain.roles import AT_WORK, Role
from router.domain.vitals import (
    LATE,
    SILENT_BEAT,
    Answer,
    Beat,
    Behind,
    Contact,
    Correspondent,
    Etape,
    Held,
    Vitals,
)
from router.triage import FORGED

STUCK = timedelta(minutes=1)
"""An event that is accepted is applied within seconds; one that waits for so long says that nothing moves."""


UNKNOWN_KEYS = 30
"""Requests without a known key in an hour: somebody guesses, or a partner still sends its old key."""


class Level(IntEnum):
    """How bad it is."""

    BON = 0
    A_VOIR = 1
    """Somebody has to look or decide; all else goes on."""
    EN_PANNE = 2
    """The hub accepts nothing, or moves nothing."""


class Code(StrEnum):
    """A condition that starts and ends."""

    BASE = "base"
    BASCULEE = "base_basculee"
    BUS = "bus"
    ROLE_MUET = "role_muet"
    ROLE_ATTEND = "role_attend"
    RIEN_N_AVANCE = "rien_n_avance"
    INJOIGNABLE = "partenaire_injoignable"
    ACCES_REFUSE = "partenaire_acces_refuse"
    REFUSE = "partenaire_refuse"
    SILENCE = "partenaire_silencieux"
    EN_RETARD = "livraisons_en_retard"
    BOITE = "boite_non_relevee"
    REFUSEES = "livraisons_refusees"
    INCERTAINES = "livraisons_incertaines"
    QUARANTAINE = "quarantaine"
    ORPHELINES = "reponses_orphelines"
    ECART = "occupation_ecart"
    RELEVE = "releve_perime"
    VACANCES = "vacances_perimees"
    LECTURE = "lecture_en_pause"
    FALSIFIE = "bus_falsifie"
    CLES_INCONNUES = "cles_inconnues"
    FILET = "filet"


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that holds: what, how bad, about whom, since when, in one French sentence."""

    code: Code
    level: Level
    about: str
    """A role, a partner, a cause or a net: with the code, what tells this condition from every other."""
    sentence: str
    since: datetime | None = None
    cause: str = ""
    """What the part concerned said itself, where it said something."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to «does it work?»."""

    level: Level
    accepts: bool
    moves: bool
    since: datetime | None
    """Since when the worst of it holds, where that is known."""
    findings: tuple[Finding, ...]
    """The worst first, then the oldest."""


def verdict(vitals: Vitals, now: datetime) -> Verdict:
    """Judge. The database is what everything rests on: without it nothing else is known."""
    if vitals.base is not Answer.OK:
        found = [Finding(Code.BASE, Level.EN_PANNE, "postgresql", _DATABASE[vitals.base])]
    else:
        found = [*_machine(vitals, now), *_work(vitals, now), *_decisions(vitals)]
    found += [
        Finding(Code.FILET, Level.A_VOIR, n.name, f"{n.name} : {n.state}") for n in vitals.nets if not n.holds
    ]
    found.sort(key=lambda finding: (-finding.level, finding.since or now))
    level = max((finding.level for finding in found), default=Level.BON)
    since = min((f.since for f in found if f.level is level and f.since), default=None)
    down = {(f.code, f.about) for f in found if f.level is Level.EN_PANNE}
    accepts = vitals.base is Answer.OK and (Code.ROLE_MUET, Role.GATEWAY) not in down
    moves = not down - {(Code.ROLE_MUET, Role.GATEWAY)}
    return Verdict(level, accepts, moves, since, tuple(found))


_DATABASE = {
    Answer.ABSENT: "PostgreSQL est absent : rien n'écoute à son adresse",
    Answer.MUET: "PostgreSQL est gelé : il prend la connexion et ne répond pas",
    Answer.REFUSE: "PostgreSQL répond, et ne prend pas d'écritures du hub",
    Answer.ATTEND: "les écritures de PostgreSQL attendent une réplique absente : la remettre, ou ne plus l'attendre "
    "(ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();)",
    Answer.ANCIENNE: "PostgreSQL est l'ancienne base primaire, réveillée : un secours a pris sa place. Le hub "
    "n'y écrit rien : l'arrêter, et rendre l'adresse à celle d'aujourd'hui",
}
_BUS = {
    Answer.ABSENT: "Kafka est absent : rien n'écoute à son adresse",
    Answer.MUET: "Kafka est gelé : il prend la connexion et ne répond pas",
    Answer.REFUSE: "Kafka répond, et refuse le compte ou le certificat du hub",
}


def live(beats: tuple[Beat, ...], role: Role, now: datetime) -> list[Beat]:
    """The processes that do this work, and have said so lately."""
    return [beat for beat in beats if beat.role is role and now - beat.beat_at <= SILENT_BEAT]


def _machine(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    """The parts: the bus, every role, and whether accepted events are applied."""
    if vitals.bus is not Answer.OK:
        yield Finding(Code.BUS, Level.EN_PANNE, "kafka", _BUS[vitals.bus])
    if (behind := vitals.behind) is not None:
        yield Finding(Code.BASCULEE, Level.A_VOIR, "postgresql", _told_of(behind), behind.since)
    for role in AT_WORK:
        alive = live(vitals.beats, role, now)
        if not alive:
            last = max((beat.beat_at for beat in vitals.beats if beat.role is role), default=None)
            said = "n'a donné signe de vie nulle part" if last is None else "ne donne plus signe de vie"
            yield Finding(Code.ROLE_MUET, Level.EN_PANNE, role, f"aucun processus « {role} » : {said}", last)
        elif all(beat.attend for beat in alive):
            yield Finding(Code.ROLE_ATTEND, Level.EN_PANNE, role, f"« {role} » attend : {alive[0].attend}")
    unknown = sum(beat.unknown_keys for beat in live(vitals.beats, Role.GATEWAY, now))
    if unknown >= UNKNOWN_KEYS:
        sentence = f"{unknown} requêtes en une heure avec une clé que personne n'a"
        yield Finding(Code.CLES_INCONNUES, Level.A_VOIR, "porte", sentence)
    pile = vitals.pile(Etape.A_APPLIQUER)
    if pile.oldest is not None and now - pile.oldest > STUCK and not _applied_per_minute(vitals):
        sentence = "des événements acceptés ne sont pas appliqués"
        yield Finding(Code.RIEN_N_AVANCE, Level.EN_PANNE, Etape.A_APPLIQUER, sentence, pile.oldest)


def _told_of(behind: Behind) -> str:
    if behind.made_good:
        return "base basculée sur un secours, et remise à jour d'après le bus : lui redonner un secours"
    what = "base basculée sur un secours en retard" if behind.by_failover else "base restaurée"
    who = "le hub relit le bus de lui-même" if behind.by_failover else "« siao-hub recover »"
    return f"{what}, et bus pas encore relu ({who}) : 503 pour ce qu'elle ne sait plus, et des partenaires attendent"


def _applied_per_minute(vitals: Vitals) -> float | None:
    """How fast events are applied; of more than are counted, how fast deliveries follow from them."""
    left = vitals.pile(Etape.A_APPLIQUER).out_per_minute
    return vitals.pile(Etape.A_LIVRER).in_per_minute if left is None else left


def _work(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    """What partners get, and what they say."""
    for partner in vitals.partners:
        if partner.contact in _CONTACTS:
            code, said = _CONTACTS[partner.contact]
            cause = partner.cause or ""
            yield Finding(code, Level.A_VOIR, partner.id, f"{partner.id} {said}", partner.since, cause)
        yield from late(partner, now)
        if partner.silent_since is not None:
            sentence = f"{partner.id} n'a rien dit quand il le devait ({partner.rythme})"
            yield Finding(Code.SILENCE, Level.A_VOIR, partner.id, sentence, partner.silent_since)


_CONTACTS = {
    Contact.INJOIGNABLE: (Code.INJOIGNABLE, "est injoignable"),
    Contact.ACCES_REFUSE: (Code.ACCES_REFUSE, "nous refuse l'accès"),
    Contact.REFUSE: (Code.REFUSE, "refuse tout ce qu'il reçoit"),
}


def late(partner: Correspondent, now: datetime) -> Iterator[Finding]:
    """A delivery that is late is told whatever state it is in."""
    waits, lies = partner.waiting, partner.in_box
    if waits.oldest and now - waits.oldest > LATE + timedelta(seconds=partner.lot_s):
        sentence = f"{partner.id} : {waits.number} livraison(s) en attente, dont en retard"
        yield Finding(Code.EN_RETARD, Level.A_VOIR, partner.id, sentence, waits.oldest)
    if lies.oldest and partner.releve_h and now - lies.oldest > timedelta(hours=partner.releve_h):
        sentence = f"{partner.id} ne relève pas sa boîte, où {lies.number} attend(ent)"
        yield Finding(Code.BOITE, Level.A_VOIR, partner.id, sentence, lies.oldest)


def _decisions(vitals: Vitals) -> Iterator[Finding]:
    """What only a human can decide."""
    for partner in vitals.partners:
        if (refused := partner.refused).number:
            sentence = f"{partner.id} : {refused.number} livraison(s) refusée(s), à décider"
            yield Finding(Code.REFUSEES, Level.A_VOIR, partner.id, sentence, refused.oldest)
        if (uncertain := partner.uncertain).number:
            sentence = f"{partner.id} : {uncertain.number} livraison(s) d'issue incertaine, à décider"
            yield Finding(Code.INCERTAINES, Level.A_VOIR, partner.id, sentence, uncertain.oldest)
    for halt in vitals.halts:
        if halt.is_paused:
            yield Finding(Code.LECTURE, Level.A_VOIR, halt.partner, halt.sentence, halt.since, halt.cause)
    for held in vitals.orphans:
        sentence = f"{held.partner} : {held.number} réponse(s) qui ne correspondent à aucun envoi, à décider"
        yield Finding(Code.ORPHELINES, Level.A_VOIR, held.partner or "", sentence, held.since)
    for doubt in vitals.doubts:
        about = f"{doubt.partner} {doubt.dispositif}".strip()
        yield Finding(Code(doubt.kind), Level.A_VOIR, about, doubt.sentence, doubt.since)
    for held in vitals.quarantine:
        if condition_of(held) is Code.FALSIFIE:
            sentence = f"{held.number} enregistrement(s) de Kafka ne sont pas du hub, ou furent changés"
            yield Finding(Code.FALSIFIE, Level.A_VOIR, "kafka", sentence, held.since)
            continue
        sentence = (
            f"quarantaine : {held.number} entrée(s), {held.cause} ({held.partner or 'sans expéditeur'})"
        )
        about = f"{held.cause} {held.partner or ''}".strip()
        yield Finding(Code.QUARANTAINE, Level.A_VOIR, about, sentence, held.since)


def condition_of(held: Held) -> Code:
    """Which condition something in quarantine is."""
    return Code.FALSIFIE if held.cause == FORGED else Code.QUARANTAINE
