"""The way of a message, or of all that was said of a subject: every stop in time order, with its reason, in French."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from contracts.base import name_of
from contracts.sealed import from_bytes
from ops.tracing import sql as tracking
from router.store import inbox
from router.store.database import Connection, Row

if TYPE_CHECKING:
    from ops.tracing.whose_turn import Turn

LISTED = 200
"""Events that are told one by one."""
SAID_REJECTIONS = 5
OLDER = "plus_ancien"


class Ton(StrEnum):
    """How a stop is to be read."""

    FAIT = "fait"
    ATTEND = "attend"
    MAL = "mal"
    RIEN = "rien"


class Stop(NamedTuple):
    """One stop. Without a moment it lasts: that is how it stands now."""

    at: datetime | None
    ton: Ton
    sentence: str
    about: UUID | None = None
    """What to name in a command about it."""
    partner: str | None = None
    """Whose doing it is, or to whom it happens; None where it is the hub's own, or somebody's who works on it."""


async def of_messages(
    connection: Connection, messages: Sequence[UUID], *, to_sender: bool = False
) -> list[Stop]:
    """The way of these messages. Empty where nothing is known of them. `to_sender` tells it as their sender may read
    it: whether a subject in which it has no part exists, it does not learn."""
    stops: list[Stop] = []
    for message in messages:
        events = (await tracking.events(connection, message))[:LISTED]
        stops += [*await _received(connection, message), *await _onwards(connection, events, to_sender)]
    return await _finished(connection, stops, messages)


async def of_subject(connection: Connection, subject: UUID, *, to_sender: bool = False) -> list[Stop]:
    """All that was said of a subject lately, where it stands, and whose turn it is."""
    from ops.tracing import following

    events = await tracking.events_about(connection, subject, LISTED)
    messages = list(dict.fromkeys(event.correlation for event in events))
    stops = [stop for message in messages for stop in await _received(connection, message)]
    stops += await _onwards(connection, events, to_sender)
    stands = [_stands(row) for row in await tracking.stands(connection, [subject])]
    turns = [_turn(turn, subject) for turn in await following.turns(connection, [subject])]
    return [*await _finished(connection, stops, messages), *stands, *turns]


async def _finished(connection: Connection, stops: Sequence[Stop], messages: Sequence[UUID]) -> list[Stop]:
    """With what people did with all of these, in time order; what lasts comes last."""
    about = {stop.about for stop in stops if stop.about} | set(messages)
    acts = [_act(row) for row in await tracking.acts(connection, sorted(about))]
    moments = [(stop.at, stop) for stop in (*stops, *acts) if stop.at is not None]
    moments.sort(key=itemgetter(0))
    return [*(stop for _, stop in moments), *(stop for stop in stops if stop.at is None)]


async def _received(connection: Connection, message: UUID) -> list[Stop]:
    header = await inbox.fate(connection, message)
    if header is None:
        return []
    counts = f"{header.accepted} ligne(s) acceptée(s), {header.rejected} rejetée(s)"
    ton = Ton.MAL if header.etat == "refuse" else Ton.FAIT
    said = f"reçu de {header.partner} ({header.dialect}), {ETATS.get(header.etat, header.etat)} : {counts}"
    stops = [Stop(header.received_at, ton, said, message, header.partner)]
    for rejet in header.rejections[:SAID_REJECTIONS]:
        where = f"ligne {rejet['ligne'] or '—'}, {rejet['champ'] or 'message'}"
        said = f"  {where} : {rejet['message']}"
        stops.append(Stop(header.received_at, Ton.MAL, said, partner=header.partner))
    for row in await tracking.refusals(connection, [message]):
        stops += (stop._replace(partner=header.partner) for stop in _refusal(row))
    return stops


def _refusal(row: Row) -> Iterator[Stop]:
    yield Stop(row.created_at, Ton.MAL, f"mis en quarantaine : {row.cause} ({row.fingerprint})", row.id)
    if row.etat == "ouverte":
        yield Stop(None, Ton.ATTEND, "attend une décision en quarantaine", row.id)
    elif row.settled_at is not None:
        became = f", devenu le message {row.replayed_as}" if row.replayed_as else ""
        yield Stop(row.settled_at, Ton.FAIT, f"quarantaine : {ETATS.get(row.etat, row.etat)}{became}", row.id)


async def _onwards(connection: Connection, events: Sequence[Row], to_sender: bool) -> list[Stop]:
    stops = [stop._replace(partner=event.source) for event in events for stop in _event(event, to_sender)]
    for event in events:
        if event.reason == OLDER:
            stops.append(await _older(connection, event))
    for delivery in await tracking.deliveries(connection, [event.id for event in events]):
        stops += (stop._replace(partner=delivery.partner) for stop in _delivery(delivery))
    return stops


def _event(row: Row, to_sender: bool) -> Iterator[Stop]:
    name = name_of(row.type)
    again = " (repris du bus après une restauration)" if row.again else ""
    line = f", ligne {row.message_row}" if row.message_row else ""
    yield Stop(
        max(row.time, row.kept_at or row.time),
        Ton.FAIT,
        f"{name} accepté, de {row.source}{line}{again}",
        row.id,
    )
    if row.quarantine is not None:
        said = f"{name} en quarantaine : {row.cause} ({row.fingerprint})"
        yield Stop(row.quarantined_at, Ton.MAL, said, row.quarantine)
        waits = f"{name} attend une décision ; ce qui suit de son sujet attend"
        yield Stop(None, Ton.ATTEND, waits, row.quarantine)
    elif row.parked and not to_sender:
        waits = f"{name} attend derrière un événement du même sujet en quarantaine"
        yield Stop(None, Ton.ATTEND, waits, row.id)
    elif row.waiting:
        yield Stop(None, Ton.ATTEND, f"{name} attend d'être appliqué", row.id)
    elif row.kind and row.reason != OLDER:
        kind = "sans effet" if row.kind == "sans_effet" else "anomalie"
        reason = _to_sender(row.reason) if to_sender else row.reason
        yield Stop(row.judged_at, Ton.RIEN, f"{name} {kind} : {spelled(reason)}", row.id)


def _to_sender(reason: str) -> str:
    from ops.tracing.tracking import told_to_sender  # every contract, as above

    return told_to_sender(reason)


async def _older(connection: Connection, row: Row) -> Stop:
    """«sans effet : plus ancien, version 3 après 9»: what its sender had said before was newer."""
    said = [from_bytes(payload)[0] for payload in await tracking.said_before(connection, row.id)]
    mine, *before = [clair.get("version") for clair in said]
    newest = max((version for version in before if isinstance(version, int)), default=None)
    versions = f", version {mine} après {newest}" if mine is not None and newest is not None else ""
    said_of_it = f"{name_of(row.type)} sans effet : plus ancien{versions}"
    return Stop(row.judged_at, Ton.RIEN, said_of_it, row.id, row.source)


def _delivery(row: Row) -> Iterator[Stop]:
    to = row.partner
    yield Stop(row.created_at, Ton.FAIT, f"à livrer à {to}", row.id)
    reason = f" : {row.error}" if row.error else ""
    tries = f"{row.attempts} essai(s)"
    match row.etat:
        case "livree":
            yield Stop(row.settled_at, Ton.FAIT, f"livré à {to}, {tries}", row.id)
        case "deposee":
            yield Stop(row.settled_at, Ton.FAIT, f"déposé dans la boîte de {to}", row.id)
            polled = f", relevée la dernière fois à {_clock(row.polled_at)}" if row.polled_at else ""
            yield Stop(None, Ton.ATTEND, f"attend dans la boîte de {to}{polled}", row.id)
        case "en_attente" | "en_vol":
            yield Stop(None, Ton.ATTEND, f"attend {to} : {_why_it_waits(row)}", row.id)
        case _:
            ton = Ton.RIEN if row.etat in ("oubliee", "classee") else Ton.MAL
            said = f"{ETATS.get(row.etat, row.etat)} ({to}){reason}, {tries}"
            yield Stop(row.settled_at, ton, said, row.id)
            if ton is Ton.MAL:
                yield Stop(None, Ton.ATTEND, f"attend une décision : {ETATS[row.etat]} ({to})", row.id)


def _why_it_waits(row: Row) -> str:
    """«partenaire injoignable, 4 essais, prochain à 03:14»."""
    cause = row.error or row.cause
    if not cause and row.etat == "en_attente":
        return "son lot n'est pas encore parti" if row.by_lot else "son tour vient"
    if not cause:
        return "son issue n'est pas encore notée"
    due = max((moment for moment in (row.due_at, row.next_try_at) if moment), default=None)
    return ", ".join(filter(None, (cause, f"{row.attempts} essai(s)", due and f"prochain à {_clock(due)}")))


def _act(row: Row) -> Stop:
    detail: dict[str, Any] = row.detail
    why = f" : {detail['motif']}" if detail.get("motif") else ""
    before = detail.get("avant") or {}
    was = f" (avant : {ETATS.get(before['etat'], before['etat'])}, {before['erreur']})" if before else ""
    return Stop(row.at, Ton.FAIT, f"{row.actor}, {row.action}{why}{was}")


def _stands(row: Row) -> Stop:
    owner = row.donnees.get("destinataire") or row.donnees.get("gestionnaire")
    where = f", chez {owner}" if owner else ""
    said = f"{spelled(row.nature)} {row.etat or 'connue'}{where}, depuis {_clock(row.changed_at)}"
    return Stop(None, Ton.FAIT, said, row.id)


def _turn(turn: "Turn", subject: UUID) -> Stop:
    """« à centre de répondre : accepter ou refuser, depuis 24/11 03:14, avant 25/11 03:14 »."""
    if turn.expected is None:
        return Stop(None, Ton.RIEN, f"plus rien n'est attendu : {turn.etat}", subject)
    since = f", depuis {_clock(turn.since)}" if turn.since else ""
    until = f", avant {_clock(turn.until)}" if turn.until else ""
    late = " (en retard)" if turn.late else ""
    said = f"au tour de {turn.who or 'personne de connu'} : {turn.expected}{since}{until}{late}"
    return Stop(None, Ton.MAL if turn.late else Ton.ATTEND, said, subject, turn.who)


ETATS = {
    "accepte": "accepté",
    "partiel": "accepté en partie",
    "refuse": "refusé",
    "en_cours": "en cours de lecture",
    "rejouee": "rejouée, en chemin",
    "appliquee": "rejouée et appliquée",
    "resolue": "résolue",
    "classee": "classée",
    "livree": "livrée",
    "deposee": "déposée en boîte",
    "refusee": "refusée par le partenaire",
    "incertaine": "d'issue incertaine",
    "oubliee": "oubliée : les données du ménage sont détruites",
}
"""States of the tables, as people read them."""


def spelled(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").lower()


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%d/%m %H:%M}"
