"""Replay what is in quarantine: messages are decoded again by today's adapters, events get their token back.

A replayed message is a new version beside the original. A row is `resolue` only when its message was
accepted; an event's row is `rejouee`, and opens again by itself if the worker fails on it again.
"""

from uuid import UUID

from router.crosswalk import Crosswalk
from router.intake import Intake, native_of
from router.partners import Registry
from router.privacy.keyring import Keyring, master_key
from router.settings import Settings
from router.store import log, quarantine
from router.store import registry as registry_store
from router.store.audit import record
from router.store.database import OUTBOX, Database
from router.store.sql import Sql

_MESSAGE = Sql("SELECT id, partner, dialect, media_type, filename, raw FROM inbox WHERE id = :id")


class Replay:
    """One replay, asked for by `actor`."""

    def __init__(self, settings: Settings, database: Database, actor: str) -> None:
        self._database = database
        self._actor = actor
        self._shards = settings.relay.shards
        self._keyring = Keyring(master_key(settings))
        crosswalk = Crosswalk(self._keyring)
        self._registry = Registry()
        self._intake = Intake(
            database, self._keyring, crosswalk, settings.intake, self._shards, lambda: self._registry
        )

    async def run(self, row: UUID | None, cause: str | None, partner: str | None) -> list[tuple[UUID, str]]:
        """(row, what came of it) of every open row that matches, oldest first."""
        async with self._database.transaction() as connection:
            self._registry = await registry_store.read(connection)
            rows = await quarantine.matching(connection, row, cause, partner)
        return [
            (r.id, await (self._event(r.id, r.event_id) if r.event_id else self._message(r.id, r.message_id)))
            for r in rows
        ]

    async def _event(self, row: UUID, event: UUID) -> str:
        async with self._database.transaction() as connection:
            await quarantine.settle(connection, row, "rejouee")
            await log.give_token_back(connection, event, self._shards)
            await record(connection, self._actor, "quarantaine.rejouer", str(row), {"evenement": str(event)})
            await self._database.notify(connection, OUTBOX)
        return "rendu au bus"

    async def _message(self, row: UUID, message: UUID | None) -> str:
        if message is None:
            return "rien à rejouer : ce n'était pas un événement"
        async with self._database.transaction() as connection:
            kept = await _MESSAGE.one(connection, id=message)
            cipher = (await self._keyring.get(connection, [message])).get(message)
        partner = self._registry.get(kept.partner)
        if cipher is None or kept.raw is None or partner is None:
            return "illisible : contenu non gardé, données oubliées ou partenaire retiré"
        native = native_of(kept, cipher)
        key = f"rejeu:{row}"
        if (await self._intake.receive(native, partner, kept.dialect, key, essai=True)).etat == "refuse":
            return "toujours refusé"
        report = await self._intake.receive(native, partner, kept.dialect, key)
        async with self._database.transaction() as connection:
            await quarantine.settle(connection, row, "resolue")
            detail = {"message": str(message), "nouveau": str(report.message_id)}
            await record(connection, self._actor, "quarantaine.rejouer", str(row), detail)
        return f"accepté : message {report.message_id}"
