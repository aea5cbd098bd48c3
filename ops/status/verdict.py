"""Judge whether the hub works. Each condition that needs attention is a `Finding` with a stable code, from
which alarms are made."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter

from contracts.plurals import enumerated, inflected, many
from contracts.unknown_keys import UnknownKeys
from ops.person.rights import Droit
from ops.status.findings import MAY_LOSE, NOT_REACHED, Code, Finding, Level, ranked
from ops.status.quantities import at, day_and_hour, local
from ops.status.quarantined import quarantined
from ops.status.wording import ROLES, identified, many_or_more, spelled
from router.domain.beats import SILENT_BEAT, Beat
from router.domain.correspondents import Contact, Correspondent, Lecture, OldKey
from router.domain.roles import AT_WORK, Role
from router.domain.vitals import AHEAD, LATE, Answer, Asked, Behind, Etape, Unanswered, Vitals

STUCK = timedelta(minutes=1)
"""If the oldest pending event is older than this, events seem not to be applied."""
UNSEEN = timedelta(minutes=1)
"""The least time without a look at a partner's own server before a finding says that nobody knows whether it
can be read. If the hub looks at the server rarely, this time is longer (`SourceState.state`)."""
UNKNOWN_KEYS = 30
"""If at least this number of requests with an unknown API key come in an hour, somebody guesses keys, or has
copied one wrongly."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on the hub: its findings, and whether it accepts, applies and delivers. Each of these
    three is None if unknown."""

    level: Level
    accepts: bool | None
    applies: bool | None
    delivers: bool | None
    away: tuple[str, ...]
    """The names of the partners that deliveries do not reach. Those for which something waits come first."""
    unreadable: tuple[str, ...]
    """The names of the partners whose own server the hub cannot read, or perhaps cannot, SIAO first."""
    shut_out: tuple[str, ...]
    """The names of the partners that send only a withdrawn API key, SIAO first."""
    overdue: int | None
    """The number of households that wait longer than a deadline allows; None if unknown."""
    since: datetime | None
    """When the first of `findings` that has the gravity `level` began; None if unknown."""
    broke_at: datetime | None
    """When the newest breakdown in which messages may be lost (`MAY_LOSE`) began, even if it is over; None if
    there was none, or if unknown."""
    findings: tuple[Finding, ...]
    """The findings, the most harmful first."""

    @property
    def down(self) -> frozenset[str]:
        """Return what has broken down: roles, and parts of the hub such as `kafka`."""
        return frozenset(
            part for each in self.findings if each.level is Level.EN_PANNE for part in each.parts
        )

    @property
    def frozen_since(self) -> datetime | None:
        """Return since when no event is applied. Return None if events are applied now, or if the moment is
        unknown."""
        return begun(self.breakdowns(APPLYING))

    def breakdowns(self, among: Collection[str]) -> Sequence[Finding]:
        """Return the findings that say that a part of the hub in `among` has broken down. A part is a role,
        or for example `kafka`."""
        broken = (each for each in self.findings if each.level is Level.EN_PANNE)
        return [each for each in broken if not each.parts.isdisjoint(among)]


def begun(findings: Iterable[Finding]) -> datetime | None:
    """Return the earliest beginning of a condition among these findings. Return None if no beginning is
    known, or if there are no findings."""
    return min((each.since for each in findings if each.since), default=None)


def verdict(vitals: Vitals, now: datetime) -> Verdict:
    """Judge the hub by the facts `vitals`. Most of the verdict is unknown if the database does not answer."""
    names = vitals.names
    if vitals.base is Answer.OK:
        found = [
            *_machine(vitals, now),
            *_unanswered(vitals, names),
            *_work(vitals, now),
            *_decisions(vitals, names, now),
            *quarantined(vitals, now),
        ]
    else:
        found = [Finding(Code.BASE, Level.EN_PANNE, "postgresql", _DATABASE[vitals.base])]
    found += [
        Finding(Code.FILET, Level.A_VOIR, n.name, f"{n.name} : {n.state}")
        for n in vitals.safeguards
        if n.holds is False
    ]
    siaos = {partner.id for partner in vitals.partners if partner.is_siao}
    findings = ranked((_completed(each, vitals.began, siaos) for each in found), now)
    level = max((finding.level for finding in found), default=Level.BON)
    down = {part for finding in found if finding.level is Level.EN_PANNE for part in finding.parts}
    shut_out = {partner.id for partner in vitals.partners if partner.is_shut_out}
    broken = (each.since for each in findings if each.code in MAY_LOSE)
    beaten = vitals.knows(Asked.PROCESSUS)
    applies = not down & APPLYING if beaten else None
    return Verdict(
        level=level,
        accepts=False if vitals.base is not Answer.OK else Role.GATEWAY not in down if beaten else None,
        applies=applies,
        delivers=applies and Role.DISPATCHER not in down,
        away=_named(_away(findings), names),
        unreadable=_named((each for each in findings if each.code is Code.ILLISIBLE), names),
        shut_out=_named((f for f in findings if f.code is Code.CLE_RETIREE and f.about in shut_out), names),
        overdue=sum(each.past for each in vitals.unanswered) if vitals.knows(Asked.REPONSES) else None,
        since=next((each.since for each in findings if each.level is level), None),
        broke_at=max(filter(None, (vitals.broke_at, *broken)), default=None),
        findings=findings,
    )


def _completed(finding: Finding, began: Mapping[str, datetime], siaos: Collection[str]) -> Finding:
    since = finding.since or began.get(f"{finding.code} {finding.about}")
    return replace(finding, since=since, of_siao=not finding.parts.isdisjoint(siaos))


def _away(findings: Sequence[Finding]) -> Iterator[Finding]:
    out = {each.about for each in findings if each.code in NOT_REACHED}
    told = (each for each in findings if each.code in (Code.EN_RETARD, *NOT_REACHED) and each.about in out)
    yield from sorted(told, key=lambda each: not each.number)


def _named(findings: Iterable[Finding], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.get(each.about, each.about) for each in findings))


def notable(vitals: Vitals, said: Verdict, now: datetime) -> list[Correspondent]:
    """Return the partners at which a person has to look: there is a finding about them, or something of
    theirs waits or has failed. The most harmful come first. Equally harmful ones are sorted by name, so that
    their rows stay in place."""
    harm = {word: finding.harm for finding in reversed(said.findings) for word in finding.parts}
    watched = [p for p in vitals.partners if p.id in harm or not p.is_quiet(now)]
    return sorted(watched, key=lambda each: (-harm.get(each.id, 0), each.nom, each.id))


APPLYING = {"kafka", Role.RELAY, Role.WORKER, Etape.A_APPLIQUER}
"""The parts of the hub that must work so that events are applied."""
_DATABASE = {
    Answer.ABSENT: "PostgreSQL est absent : rien n'écoute à son adresse",
    Answer.MUET: "PostgreSQL est gelé : il prend la connexion et ne répond pas",
    Answer.REFUSE: "PostgreSQL refuse le hub : mot de passe, certificat, nom de la base ou droits ; la ligne "
    "« outage.started » du journal dit lequel",
    Answer.LECTURE_SEULE: "PostgreSQL répond, et ne prend pas d'écritures du hub",
    Answer.PLEIN: "PostgreSQL répond, et n'a plus de place, de mémoire ou de connexions",
    Answer.VIDE: "PostgreSQL répond, et n'a pas les tables de cette version : « siao-hub migrate »",
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


def untold(vitals: Vitals, now: datetime) -> frozenset[Code]:
    """Return the conditions of which nobody knows whether they are present, because facts about them are
    missing."""
    if vitals.base is not Answer.OK or vitals.unknown:
        return frozenset(Code)
    return frozenset() if live(vitals.beats, Role.SOURCES, now) else frozenset((Code.ILLISIBLE,))


def live(beats: tuple[Beat, ...], role: Role, now: datetime) -> list[Beat]:
    """Return the newest heartbeat of each living process of a role. A process lives if this heartbeat is at
    most `SILENT_BEAT` old."""
    return [beat for beat in beats if beat.role is role and now - beat.beat_at <= SILENT_BEAT]


def unknown_keys(vitals: Vitals, now: datetime) -> UnknownKeys:
    """Return how many requests came with an unknown API key in the last hour, when, and from which address
    the last one came. Each gateway reports its own count with its heartbeat. If a gateway has fallen silent,
    the count in its last heartbeat is taken, provided that it is less than an hour old."""
    since = now - timedelta(hours=1)
    counted = (beat for beat in vitals.beats if beat.role is Role.GATEWAY and beat.beat_at > since)
    beats = [beat for beat in counted if beat.unknown_keys]
    last, address = max(
        ((beat.unknown_last, beat.unknown_address) for beat in beats if beat.unknown_last),
        key=itemgetter(0),
        default=(None, None),
    )
    return UnknownKeys(
        sum(beat.unknown_keys for beat in beats),
        min((beat.unknown_since for beat in beats if beat.unknown_since), default=None),
        last,
        address,
        min((beat.beat_at for beat in beats if now - beat.beat_at > SILENT_BEAT), default=None),
    )


def told_of_keys(tried: UnknownKeys, now: datetime, *, with_address: bool = False) -> str:
    """Return in French how many requests came with an unknown API key, since when, and where to find who sent
    them. `with_address` adds the network address of the last of these requests. Alarms never name an address,
    because they are sent and stored."""
    when = f", de {at(tried.since, now)} à {at(tried.last, now)}" if tried.since and tried.last else ""
    below = f", sous le seuil de {UNKNOWN_KEYS}" if tried.number < UNKNOWN_KEYS else ""
    who = "avec une clé que personne n'a"
    until = f", compté jusqu'à {at(tried.until, now)}" if tried.until else ""
    known = f", la dernière de {tried.address}" if with_address and tried.address else ""
    said = f"{many(tried.number, 'requête')} en une heure {who}{when}{until}{below}{known}"
    return f"{said} ; le journal dit les adresses (« authentication.failed »)"


def told_of_old_key(old: OldKey, now: datetime) -> str:
    """Return in French when an API key was withdrawn, and when a request with this key was first and last
    refused."""
    since = f"refusée depuis {at(old.since, now)}, en dernier : {at(old.last, now)}"
    return f"clé retirée le {day_and_hour(old.retired_at)}, {since}"


def _machine(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    if vitals.unknown:
        sentence = f"la base n'a pas répondu à temps ; inconnu : {', '.join(vitals.unknown)}"
        yield Finding(Code.INCONNU, Level.A_VOIR, "postgresql", sentence)
    if vitals.bus is not Answer.OK:
        yield Finding(Code.BUS, Level.EN_PANNE, "kafka", _BUS[vitals.bus])
    if (behind := vitals.behind) is not None:
        yield Finding(Code.BASCULEE, Level.A_VOIR, "postgresql", _told_of(behind), behind.since)
    for role in AT_WORK if vitals.knows(Asked.PROCESSUS) else ():
        alive = live(vitals.beats, role, now)
        if alive and all(beat.attend for beat in alive):
            yield Finding(Code.ROLE_ATTEND, Level.EN_PANNE, role, f"« {role} » attend : {alive[0].attend}")
    if vitals.knows(Asked.PROCESSUS):
        yield from _silent(vitals.beats, now)
        yield from _frozen(vitals.beats, now)
    if (tried := unknown_keys(vitals, now)).number >= UNKNOWN_KEYS:
        said = told_of_keys(tried, now)
        yield Finding(Code.CLES_INCONNUES, Level.A_VOIR, "porte", said, tried.since, number=tried.number)
    pile = vitals.pile(Etape.A_APPLIQUER)
    if pile.oldest is not None and now - pile.oldest > STUCK and not _applied_per_minute(vitals):
        sentence = "des événements acceptés ne sont pas appliqués"
        yield Finding(Code.RIEN_N_AVANCE, Level.EN_PANNE, Etape.A_APPLIQUER, sentence, pile.oldest)


def _silent(beats: tuple[Beat, ...], now: datetime) -> Iterator[Finding]:
    last: list[Beat] = []
    for role in AT_WORK:
        if not live(beats, role, now):
            of_role = [beat for beat in beats if beat.role is role]
            last += [max(of_role, key=attrgetter("beat_at"))] if of_role else []
            if not of_role:
                sentence = f"« {role} » : aucun processus vivant ; ce rôle {ROLES[role]}"
                yield Finding(Code.ROLE_MUET, Level.EN_PANNE, role, sentence)
    for group in _by_process(last).values():
        roles = [beat.role for beat in group]
        last_of = f"dernier processus ({_place(group[0])}) arrêté, gelé ou coupé de la base"
        does = "" if group[1:] else f" ; ce rôle {ROLES[roles[0]]}"
        sentence = f"{_quoted(roles)} : {inflected(len(roles), 'muet')} ; {last_of}{does}"
        since = min(beat.beat_at for beat in group)
        yield Finding(Code.ROLE_MUET, Level.EN_PANNE, " ".join(roles), sentence, since)


def _frozen(beats: tuple[Beat, ...], now: datetime) -> Iterator[Finding]:
    silent = [beat for beat in beats if beat.role in AT_WORK and now - beat.beat_at > SILENT_BEAT]
    doing_its_work = ((beat, live(beats, beat.role, now)) for beat in silent)
    frozen = (b for b, others in doing_its_work if others and not any(map(b.is_followed_by, others)))
    for where, group in _by_process(frozen).items():
        roles = [beat.role for beat in group]
        silent_one = f"un processus {_quoted(roles)} ne donne plus signe de vie ({_place(group[0])})"
        sentence = f"{silent_one} ; d'autres font son travail"
        since = min(beat.beat_at for beat in group)
        yield Finding(Code.PROCESSUS_MUET, Level.A_VOIR, " ".join((*roles, where)), sentence, since)


def _by_process(beats: Iterable[Beat]) -> Mapping[str, Sequence[Beat]]:
    groups: defaultdict[str, list[Beat]] = defaultdict(list)
    for beat in beats:
        groups[f"{beat.host} {beat.pid}"].append(beat)
    return groups


def _place(beat: Beat) -> str:
    return f"{beat.host}, pid {beat.pid}"


def _quoted(roles: Iterable[Role]) -> str:
    return enumerated([f"« {role} »" for role in roles])


def _told_of(behind: Behind) -> str:
    if behind.made_good:
        return "base basculée sur un secours, et remise à jour d'après le bus : lui redonner un secours"
    what = "base basculée sur un secours" if behind.by_failover else "base restaurée"
    who = "le hub relit le bus de lui-même" if behind.by_failover else "« siao-hub recover »"
    return f"{what}, et bus pas encore relu ({who}) : 503 pour ce qu'elle ne sait plus, et des partenaires attendent"


def _applied_per_minute(vitals: Vitals) -> float | None:
    """Return how many events the worker applies a minute. If this is unknown, return how many deliveries it
    creates a minute. Return None if both are unknown."""
    left = vitals.pile(Etape.A_APPLIQUER).out_per_minute
    return vitals.pile(Etape.A_LIVRER).in_per_minute if left is None else left


def _unanswered(vitals: Vitals, names: Mapping[str, str]) -> Iterator[Finding]:
    owing: defaultdict[str, list[Unanswered]] = defaultdict(list)
    for owed in vitals.unanswered:
        if owed.overdue:
            owing[owed.recipient].append(owed)
    for recipient, late_ones in owing.items():
        number = sum(each.overdue for each in late_ones)
        households = many(number, "ménage attend", "ménages attendent")
        sentence = f"{households} une réponse de {names.get(recipient, recipient)}, délai dépassé"
        since = min((each.overdue_since for each in late_ones if each.overdue_since), default=None)
        yield Finding(Code.SANS_REPONSE, Level.A_VOIR, recipient, sentence, since, number=number)


def _work(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    paused = {halt.partner for halt in vitals.halts if halt.is_paused}
    read = live(vitals.beats, Role.SOURCES, now)
    owing = Counter[str]()
    for owed in vitals.unanswered:
        owing[owed.recipient] += owed.number
    for partner in vitals.partners:
        if read and partner.id not in paused:
            yield from unread(partner, now)
        if (old := partner.old_key) is not None:
            sends = (
                "n'est plus au registre et envoie encore sa clé"
                if old.is_of_a_removed
                else "envoie une clé qui n'est plus la sienne"
            )
            said = f"{partner.nom} {sends} : ce qui vient avec elle n'entre pas"
            yield _of(partner, Code.CLE_RETIREE, said, old.since, told_of_old_key(old, now))
        if partner.contact in _CONTACTS:
            code, said = _CONTACTS[partner.contact]
            households = owing[partner.id]
            waits = (
                f", {many(households, 'ménage attend', 'ménages attendent')} sa réponse" if households else ""
            )
            number = max(households, partner.waiting.number)
            yield _of(
                partner, code, f"{partner.nom} {said}{waits}", partner.since, partner.cause or "", number
            )
        if partner.refused.number:  # until all of them are decided, or one is accepted
            yield from refused_types(partner)
        yield from late(partner, now)
        if partner.silent_since is not None:
            sentence = f"{partner.nom} n'a rien dit quand il le devait ({partner.rythme})"
            yield _of(partner, Code.SILENCE, sentence, partner.silent_since)


def unread(partner: Correspondent, now: datetime) -> Iterator[Finding]:
    """Yield a finding about a partner's own server in two cases:

    * It is unknown whether the hub can read the server, and no look at it has begun or ended for longer than
      `UNSEEN`. The finding does not say since when, because the hub itself may have been stopped.
    * Otherwise, if the looks at the server fail.
    """
    reading = partner.reading
    if reading is None:
        return
    if reading.state(now) is Lecture.INCONNUE and (reading.seen_at is None or now - reading.seen_at > UNSEEN):
        sentence = f"{partner.nom} : nul ne sait si le hub peut lire ce qu'il dépose"
        last = f"dernier essai à {at(reading.seen_at, now)}" if reading.seen_at else ""
        yield _of(partner, Code.ILLISIBLE, sentence, None, last)
    elif reading.failing_since is not None:
        sentence = f"{partner.nom} : le hub ne peut pas lire ce qu'il dépose"
        yield _of(partner, Code.ILLISIBLE, sentence, reading.failing_since, reading.cause or "")


_CONTACTS = {
    Contact.INJOIGNABLE: (Code.INJOIGNABLE, "est injoignable"),
    Contact.ACCES_REFUSE: (Code.ACCES_REFUSE, "nous refuse l'accès"),
    Contact.REFUSE: (Code.REFUSE, "refuse tout ce qu'il reçoit"),
}


def _of(
    partner: Correspondent,
    code: Code,
    sentence: str,
    since: datetime | None,
    cause: str = "",
    number: int = 1,
) -> Finding:
    return Finding(code, Level.A_VOIR, partner.id, sentence, since, cause, number=number)


def refused_types(partner: Correspondent) -> Iterator[Finding]:
    """Yield a finding for each message type that a partner always refuses, unless the partner refuses all
    messages."""
    for kind, since in partner.refused_types if partner.contact is not Contact.REFUSE else ():
        sentence = f"{partner.nom} refuse tous les messages de type {kind} ; les autres partent"
        about = f"{partner.id} {kind}"
        yield Finding(Code.TYPE_REFUSE, Level.A_VOIR, about, sentence, since)


def late(partner: Correspondent, now: datetime) -> Iterator[Finding]:
    """Yield a finding if deliveries to a partner are late. Yield another if the partner has left deliveries
    in its mailbox for too long."""
    waits, lies = partner.waiting, partner.in_box
    if waits.oldest and now - waits.oldest > LATE + timedelta(seconds=partner.lot_s):
        number = many_or_more(waits.number, "livraison en attente", "livraisons en attente")
        yield _of(
            partner,
            Code.EN_RETARD,
            f"{partner.nom} : {number}, en retard",
            waits.oldest,
            number=waits.number,
        )
    if (collect_by := partner.collect_by) and now > collect_by:
        lying = many_or_more(lies.number, "envoi attend", "envois attendent")
        yield _of(
            partner,
            Code.BOITE,
            f"{partner.nom} ne relève pas sa boîte, où {lying}",
            lies.oldest,
            number=lies.number,
        )


def _decisions(vitals: Vitals, names: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    late_ones = {
        each.recipient
        for each in vitals.unanswered
        if each.longest_refused and each.deadline and each.deadline < now
    }
    for partner in vitals.partners:
        if (refused := partner.refused).number:
            number = many_or_more(refused.number, "livraison refusée")
            is_late = partner.id in late_ones
            sentence = f"{partner.nom} : {number}, à décider{', délai dépassé' if is_late else ''}"
            found = _of(partner, Code.REFUSEES, sentence, refused.oldest, number=refused.number)
            yield replace(found, is_late=is_late)
        if (uncertain := partner.uncertain).number:
            number = many_or_more(uncertain.number, "livraison")
            sentence = f"{partner.nom} : {number} d'issue incertaine, à décider"
            yield _of(partner, Code.INCERTAINES, sentence, uncertain.oldest, number=uncertain.number)
    for asked in vitals.requests:
        droit, day = Droit(asked.droit).libelle, f"{local(asked.due_at):%d/%m/%Y}"
        sentence = f"une personne attend la réponse à sa demande ({droit}), due le {day}"
        yield Finding(Code.DROITS, Level.A_VOIR, asked.id, sentence, asked.due_at - AHEAD)
    for halt in vitals.halts:
        if halt.is_paused:
            sentence = f"{identified(halt.partner, names)} : {halt.sentence}"
            yield Finding(Code.LECTURE, Level.A_VOIR, halt.partner, sentence, halt.since)
    for held in vitals.orphans:
        number = many_or_more(held.number, "réponse ne correspond", "réponses ne correspondent")
        sender = held.partner or ""
        sentence = f"{names.get(sender, sender)} : {number} à aucun envoi, à décider"
        yield Finding(Code.ORPHELINES, Level.A_VOIR, sender, sentence, held.since, number=held.number)
    for doubt in vitals.doubts:
        about = f"{doubt.partner} {doubt.dispositif}".strip()
        whose = [names.get(doubt.partner, doubt.partner), *filter(None, [spelled(doubt.dispositif)])]
        sentence = f"{', '.join(whose)} : {doubt.sentence}"
        yield Finding(Code(doubt.kind), Level.A_VOIR, about, sentence, doubt.since)
