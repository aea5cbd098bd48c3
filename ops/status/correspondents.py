"""Gather the facts about each partner."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from contracts.http import SortieHttp
from contracts.kafka import ServeurKafka
from contracts.partner import Famille, Partner
from contracts.rest import ServeurRest
from contracts.sftp import ServeurSftp
from contracts.sne import EntreeSne
from contracts.soap import SortieSoap
from ops.silences.rhythm import Calendar, overdue, rhythm_of, told_rhythm
from ops.silences.sql import rhythm_of_row
from ops.status import sql as store
from ops.status.piles import RECENT
from router.domain.correspondents import Contact, Correspondent, Count, OldKey, SourceState, collected_every_h
from router.domain.partners import Registry
from router.domain.sandbox import sandbox_of
from router.store.database import Connection, Row

PORTS = {"http": 80, "https": 443}
"""The port of a URL that names no port, by scheme."""

NEVER = timedelta(days=2)
"""If a partner has never sent a message, its last message is taken to have come this long before its silence
began. This is longer than a day, so that the missed moment still counts."""


async def correspondents(connection: Connection, registry: Registry, most: int) -> tuple[Correspondent, ...]:
    """Return the state of each partner, sorted by name. Sandboxes are left out. A partner that left the
    registry stays as long as deliveries to it are unfinished, or as long as it sends a withdrawn API key.
    Counts stop at `most`."""
    owed = _Owed(
        {row.partner: _waiting(row) for row in await store.boxes(connection, most)},
        {(row.partner, row.etat): _waiting(row) for row in await store.undecided(connection, most)},
    )
    waiting = {row.partner: row for row in await store.waiting(connection, most)}
    named = {*registry.partners, *waiting, *owed.boxes, *(name for name, _ in owed.tasks)}
    known = sorted(name for name in named if not sandbox_of(name))
    rows = await store.senders(connection, known, RECENT, most)
    real = [row for row in rows if not sandbox_of(row.partner)]
    found = [_correspondent(row, registry, waiting.get(row.partner), owed) for row in real]
    return tuple(sorted(found, key=lambda each: (each.nom, each.id)))


class _Owed(NamedTuple):
    """The numbers of unfinished deliveries that the hub cannot send now. `boxes` counts those in partners'
    mailboxes, by partner. `tasks` counts those about which a person has to decide."""

    boxes: Mapping[str, Count]
    tasks: Mapping[tuple[str, str], Count]
    """The deliveries that were refused or whose outcome is unknown, by (partner, state)."""


def _correspondent(row: Row, registry: Registry, waits: Row | None, owed: _Owed) -> Correspondent:
    entry = registry.get(row.partner)
    releve_h = collected_every_h(entry) if entry else None
    contact, seen_at = reached(row, in_mailbox=releve_h is not None)
    still_counts = entry is not None or waits is not None
    return Correspondent(
        id=row.partner,
        nom=registry.name_of(row.partner),
        telephone=entry.telephone if entry else None,
        is_siao=entry is not None and entry.famille is Famille.SIAO,
        rythme=told_rhythm(entry, rhythm_of_row(row.learnt)) if entry else None,
        silent_since=_silent_since(row, entry) if entry else None,
        releve_h=releve_h,
        lot_s=entry.lot.attente_s if entry and entry.lot else 0.0,
        known_since=row.applied_at,
        contact=contact if still_counts else None,
        since=row.since,
        cause=row.cause,
        failures=row.failures or 0,
        next_try=_latest(row.next_try_at, waits and waits.next_try),
        refused_types=_refused_types(row.refused_types or {}),
        seen_at=seen_at,
        succeeded_at=row.succeeded_at,
        one_server=entry is not None and is_one_server(entry),
        reading=_reading(row, entry),
        waiting=_waiting(waits),
        in_box=owed.boxes.get(row.partner, Count()),
        refused=owed.tasks.get((row.partner, "refusee"), Count()),
        uncertain=owed.tasks.get((row.partner, "incertaine"), Count()),
        old_key=_old_key(row, entry),
        last_in=row.last_in,
        last_poll=row.polled_at,
        messages_5_min=row.messages,
        refusals_24_h=row.refusals,
        partials_24_h=row.partials,
        partials_since=row.partials_since,
        rows_refused_24_h=int(row.rows_refused),
        partial_causes=tuple(
            sorted((row.partial_causes or {}).items(), key=lambda each: (-each[1], each[0]))
        ),
        partial_rows_read=int(row.rows_read or 0),
    )


def _silent_since(row: Row, entry: Partner) -> datetime | None:
    """Return since when a partner is silent; None if it is not. Its silence ends with its next message. It
    ends too if the partner's entry expects no message any more, for example on days when the partner is
    closed."""
    if row.silent_since is None:
        return None
    rhythm, last_at = rhythm_of(entry, rhythm_of_row(row.learnt)), row.last_in or row.silent_since - NEVER
    return row.silent_since if overdue(rhythm, last_at, datetime.now(UTC), Calendar.of(entry)) else None


def reached(row: Row, *, in_mailbox: bool) -> tuple[Contact | None, datetime | None]:
    """Return whether a partner can be reached (None if unknown), and when this was found out. With a mailbox,
    this is when the partner last looked into it; else, when the last attempt ended."""
    if in_mailbox:
        return (Contact.JOIGNABLE if row.polled_at else None), row.polled_at
    return (Contact(row.etat) if row.etat else None), row.seen_at


def is_one_server(entry: Partner) -> bool:
    """Return whether a partner has one server for both ways: the hub reads the partner's messages from the
    server to which it delivers."""
    return not _servers(entry.entree).isdisjoint(_servers(entry.sortie))


def _servers(line: object) -> set[str]:
    match line:
        case ServeurSftp():
            return {f"{line.hote}:{line.port}".lower()}
        case ServeurKafka():
            return {address.strip().lower() for address in line.serveurs.split(",")}
        case ServeurRest() | SortieHttp() | SortieSoap() | EntreeSne():
            url = urlsplit(line.url)
            return {f"{url.hostname}:{url.port or PORTS[url.scheme]}"}
    return set()


def _refused_types(known: Mapping[str, str | None]) -> tuple[tuple[str, datetime], ...]:
    short = {".".join(each.split(".")[3:-1]): since for each, since in known.items() if since}
    return tuple((each, datetime.fromisoformat(since)) for each, since in sorted(short.items()))


def _old_key(row: Row, entry: Partner | None) -> OldKey | None:
    if row.retired_at is None:
        return None
    refused = row.key_refused_since, row.key_refused_at
    return OldKey(row.retired_at, *refused, row.valid_used_at, is_of_a_removed=entry is None)


def _reading(row: Row, entry: Partner | None) -> SourceState | None:
    if entry is None or entry.entree is None:
        return None
    seen_at = _latest(row.read_at, row.applied_at)
    failures, cause = row.read_failures or 0, row.read_cause
    every_s, lasts_s = entry.entree.intervalle_s, entry.entree.delai_s
    return SourceState(every_s, seen_at, row.read_well_at, row.failing_since, failures, cause, lasts_s)


def _waiting(row: Row | None) -> Count:
    return Count() if row is None else Count(row.number, row.oldest)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)
