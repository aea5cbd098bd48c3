"""Tell the history of a message or subject in French sentences, in the order of time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Nature, name_of
from contracts.plurals import many
from contracts.sealed import from_bytes
from ops.audit.words import act_of
from ops.status.quantities import local
from ops.status.wording import in_words, spelled, state_of, why_it_waits
from ops.tracing import sql as tracing
from ops.tracing.history import OLDER, Effet, Step
from router.store import inbox
from router.store import registry as registry_store
from router.store.database import Connection, Row

LISTED = 200
"""The maximum number of events in a history."""
SAID_REJECTIONS = 5


class Ton(StrEnum):
    """The tone of a sentence in a history: done, waiting, failed or neutral."""

    FAIT = "fait"
    ATTEND = "attend"
    MAL = "mal"
    RIEN = "rien"


class Stop(NamedTuple):
    """A sentence in the history of a message or subject, and the moment of which it tells. If `at` is None,
    the sentence tells of the present."""

    at: datetime | None
    ton: Ton
    sentence: str
    about: UUID | None = None
    """Id of what the sentence is about, for a person who wants to act on it with a command."""
    partner: str | None = None
    """Partner that acted, that has to act, or to which a delivery is made."""


async def of_message(connection: Connection, message: UUID, *, to_sender: bool = False) -> list[Stop]:
    """Return the history of a message as French sentences; an empty list if the message is unknown. With
    `to_sender`, the sentences reveal neither whether other partners' subjects exist, nor which setting of the
    hub is at fault."""
    steps = await tracing.of_message(connection, message)
    stops = [*await _received(connection, message), *await _onwards(connection, steps[:LISTED], to_sender)]
    return [*await _in_order(connection, stops, [message]), *_cut(steps, "premiers")]


async def of_subject(connection: Connection, subject: UUID, *, to_sender: bool = False) -> list[Stop]:
    """Return the history of a subject, as French sentences; an empty list for an unknown subject. The last
    sentences tell the subject's state, and who has to act next. With `to_sender`, the sentences are written
    for a partner that sent a message. They then reveal neither whether other partners' subjects exist, nor
    which setting of the hub is at fault."""
    found = await tracing.of_subject(connection, subject, LISTED + 1)
    steps = found[-LISTED:]
    messages = list(dict.fromkeys(step.message for step in steps))
    stops = [stop for message in messages for stop in await _received(connection, message)]
    stops += await _onwards(connection, steps, to_sender)
    state = await tracing.state(connection, subject)
    today = [_state(state), await _turn(connection, subject, steps)] if state else []
    return [*await _in_order(connection, stops, messages), *today, *_cut(found, "plus récents")]


def _cut(steps: Sequence[Step], which: str) -> Iterator[Stop]:
    if len(steps) > LISTED:
        yield Stop(None, Ton.RIEN, f"seuls les {LISTED} événements les {which} sont montrés")


async def _in_order(connection: Connection, stops: Sequence[Stop], messages: Sequence[UUID]) -> list[Stop]:
    about = {stop.about for stop in stops if stop.about} | set(messages)
    actions = [_action(row) for row in await tracing.actions(connection, sorted(about))]
    moments = [(stop.at, stop) for stop in (*stops, *actions) if stop.at is not None]
    moments.sort(key=itemgetter(0))
    return [*(stop for _, stop in moments), *(stop for stop in stops if stop.at is None)]


async def _received(connection: Connection, message: UUID) -> list[Stop]:
    header = await inbox.fate(connection, message)
    if header is None:
        return []
    counts = f"{many(header.accepted, 'ligne acceptée')}, {many(header.rejected, 'rejetée')}"
    ton = Ton.MAL if header.etat == "refuse" else Ton.FAIT
    said = f"reçu de {header.partner} ({header.dialect}), {state_of(header.etat)} : {counts}"
    stops = [Stop(header.received_at, ton, said, message, header.partner)]
    for rejet in header.rejections[:SAID_REJECTIONS]:
        where = f"ligne {rejet['ligne'] or '—'}, {rejet['champ'] or 'message'}"
        said = f"  {where} : {rejet['message']}"
        stops.append(Stop(header.received_at, Ton.MAL, said, partner=header.partner))
    if (left := len(header.rejections) - SAID_REJECTIONS) > 0:
        said = (
            f"  … et {many(left, 'autre rejet', 'autres rejets')} : « siao-hub quarantine bytes {message} »"
        )
        stops.append(Stop(header.received_at, Ton.MAL, said, partner=header.partner))
    for row in await tracing.refusals(connection, message):
        stops += (stop._replace(partner=header.partner) for stop in _refusal(row))
    return stops


def _refusal(row: Row) -> Iterator[Stop]:
    yield Stop(row.created_at, Ton.MAL, f"mis en quarantaine : {spelled(row.cause)}", row.id)
    if row.etat == "ouverte":
        yield Stop(None, Ton.ATTEND, "attend une décision en quarantaine", row.id)
    elif row.settled_at is not None:
        became = f", devenu le message {row.replayed_as}" if row.replayed_as else ""
        yield Stop(row.settled_at, Ton.FAIT, f"quarantaine : {state_of(row.etat)}{became}", row.id)


async def _onwards(connection: Connection, steps: Sequence[Step], to_sender: bool) -> list[Stop]:
    stops = [stop._replace(partner=step.source) for step in steps for stop in _step(step, to_sender)]
    stops += [await _older(connection, step) for step in steps if step.reason == OLDER]
    for delivery in await tracing.deliveries(connection, [step.id for step in steps]):
        stops += (stop._replace(partner=delivery.partner) for stop in _delivery(delivery, to_sender))
    return stops


def _step(step: Step, to_sender: bool) -> Iterator[Stop]:
    name = name_of(step.type)
    again = " (repris du bus après une restauration)" if step.again else ""
    line = f", ligne {step.line}" if step.line else ""
    accepted = f"{name} accepté, de {step.source}{line}{again}"
    yield Stop(max(step.at, step.received_at or step.at), Ton.FAIT, accepted, step.id)
    if step.effet is Effet.QUARANTAINE:
        why = (step.fingerprint or "").removeprefix(f"{step.type} ")
        said = f"{name} en quarantaine : {spelled(step.cause or '')} ({why})"
        yield Stop(step.quarantined_at, Ton.MAL, said, step.quarantine)
        waits = f"{name} attend une décision ; ce qui suit de son sujet attend"
        yield Stop(None, Ton.ATTEND, waits, step.quarantine)
    elif step.parked and not to_sender:
        waits = f"{name} attend derrière un événement du même sujet en quarantaine"
        yield Stop(None, Ton.ATTEND, waits, step.id)
    elif step.waits:
        yield Stop(None, Ton.ATTEND, f"{name} attend d'être appliqué", step.id)
    elif step.reason is not None and step.reason != OLDER:
        kind = "sans effet" if step.effet is Effet.SANS_EFFET else "anomalie"
        reason = _to_sender(step.reason) if to_sender else step.reason
        yield Stop(step.judged_at, Ton.RIEN, f"{name} {kind} : {spelled(reason)}", step.id)


def _to_sender(reason: str) -> str:
    from ops.tracing.fate import told_to_sender  # imports every contract, which would slow a command's start

    return told_to_sender(reason)


async def _older(connection: Connection, step: Step) -> Stop:
    said = [from_bytes(payload)[0] for payload in await tracing.said_before(connection, step.id)]
    mine, *before = [clair.get("version") for clair in said]
    newest = max((version for version in before if isinstance(version, int)), default=None)
    versions = f", version {mine} après {newest}" if mine is not None and newest is not None else ""
    sentence = f"{name_of(step.type)} sans effet : plus ancien{versions}"
    return Stop(step.judged_at, Ton.RIEN, sentence, step.id, step.source)


def _delivery(row: Row, to_sender: bool) -> Iterator[Stop]:
    to = row.partner
    yield Stop(row.created_at, Ton.FAIT, f"à livrer à {to}", row.id)
    reason = f" : {in_words(row.error)}" if row.error else ""
    tries = many(row.attempts, "essai")
    match row.etat:
        case "livree":
            yield Stop(row.settled_at, Ton.FAIT, f"livré à {to}, {tries}", row.id)
        case "deposee":
            yield Stop(row.settled_at, Ton.FAIT, f"déposé dans la boîte de {to}", row.id)
            polled = f", relevée la dernière fois à {_clock(row.polled_at)}" if row.polled_at else ""
            yield Stop(None, Ton.ATTEND, f"attend dans la boîte de {to}{polled}", row.id)
        case "en_attente" | "en_vol":
            yield Stop(None, Ton.ATTEND, f"attend {to} : {_why_it_waits(row, to_sender)}", row.id)
        case _:
            ton = Ton.RIEN if row.etat in ("oubliee", "classee") else Ton.MAL
            said = f"{state_of(row.etat)} ({to}){reason}, {tries}"
            yield Stop(row.settled_at, ton, said, row.id)
            if ton is Ton.MAL:
                yield Stop(None, Ton.ATTEND, f"attend une décision : {state_of(row.etat)} ({to})", row.id)


def _why_it_waits(row: Row, to_sender: bool) -> str:
    cause = why_it_waits(row, to_team=not to_sender)
    if not cause and row.etat == "en_attente":
        return "son lot n'est pas encore parti" if row.by_lot else "son tour vient"
    if not cause:
        return "son issue n'est pas encore notée"
    due = max((moment for moment in (row.due_at, row.next_try_at) if moment), default=None)
    return ", ".join(filter(None, (cause, many(row.attempts, "essai"), due and f"prochain à {_clock(due)}")))


def _action(row: Row) -> Stop:
    detail: dict[str, Any] = row.detail
    why = f" : {detail['motif']}" if detail.get("motif") else ""
    before = detail.get("avant") or {}
    was = f" (avant : {state_of(before['etat'])}, {before['erreur']})" if before else ""
    return Stop(row.at, Ton.FAIT, f"{row.actor}, {act_of(row.action)}{why}{was}")


def _state(row: Row) -> Stop:
    owner = row.donnees.get("destinataire") or row.donnees.get("gestionnaire")
    where = f", chez {owner}" if owner else ""
    from contracts.mots import etat_of  # loads every contract, as above

    etat = etat_of(Nature(row.nature), row.etat)
    said = f"{spelled(row.nature)} {etat}{where}, depuis {_clock(row.changed_at)}"
    return Stop(None, Ton.FAIT, said, row.id)


async def _turn(connection: Connection, subject: UUID, steps: Sequence[Step]) -> Stop:
    from ops.tracing.whose_turn import (
        lying,
        on_their_way,
        situation_of,
        whose_turn,
    )  # these load every contract, as above
    from router.store import subjects

    known = (await subjects.read(connection, [subject]))[subject]
    turn = whose_turn(situation_of(known, steps, await registry_store.read(connection)), datetime.now(UTC))
    turn = lying(turn, known, await tracing.in_box(connection, on_their_way([known])))
    if turn.expected is None:
        return Stop(None, Ton.RIEN, f"plus rien n'est attendu : {turn.etat}", subject)
    since = f", depuis {_clock(turn.since)}" if turn.since else ""
    until = f", avant {_clock(turn.until)}" if turn.until else ""
    late = " (en retard)" if turn.late else ""
    said = f"au tour de {turn.who or 'personne de connu'} : {turn.expected}{since}{until}{late}"
    return Stop(None, Ton.MAL if turn.late else Ton.ATTEND, said, subject, turn.who)


def _clock(moment: datetime) -> str:
    return f"{local(moment):%d/%m %H:%M}"
