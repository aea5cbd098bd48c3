"""What a partner sees of its own, and may ask for again: its messages, and the deliveries that went wrong on their way
to it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.partner import Partner
from router.intake.own_routes import Recherche
from router.ops import tasks, tracking
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store import mine
from router.store import tasks as task_store
from router.store.database import Connection, Database

ASKED_FOR = "demandée par son destinataire"


class Own:
    """`router.intake.own_routes.Own` on the tables of the hub. Raises BusUnavailable."""

    def __init__(self, database: Database, keyring: Keyring, crosswalk: Crosswalk) -> None:
        self._database = database
        self._keyring = keyring
        self._crosswalk = crosswalk

    async def fate(self, partner: Partner, message: UUID) -> Mapping[str, Any] | None:
        """What became of one of its messages, in its own ids; None for anybody else's."""
        async with self._database.transaction() as connection:
            fate = await tracking.of_message(connection, message, partner)
            if fate is None:
                return None
            subjects = {UUID(event["sujet"]) for event in fate["evenements"]}
            pairs = [(partner.id, subject) for subject in subjects]
            theirs = (await self._crosswalk.back(connection, pairs)).theirs
        named = [{**e, "reference": theirs.get((partner.id, UUID(e["sujet"])))} for e in fate["evenements"]]
        return {**fate, "evenements": named}

    async def messages(self, partner: str, wanted: Recherche, since: datetime) -> Sequence[Mapping[str, Any]]:
        """Its messages, newest first."""
        async with self._database.transaction() as connection:
            ids = None
            if wanted.reference is not None:
                ids = await self._known_by(connection, partner, wanted.reference)
            page = mine.Wanted(since, wanted.etat, ids, wanted.apres, wanted.limite)
            rows = await mine.messages(connection, partner, page)
        return [
            {
                "id": str(row.id),
                "etat": row.etat,
                "recu_le": row.received_at.isoformat(),
                "dialecte": row.dialect,
                "acceptes": row.accepted,
                "rejetes": row.rejected,
            }
            for row in rows
        ]

    async def _known_by(self, connection: Connection, partner: str, reference: str) -> list[UUID]:
        """Messages under this key, with this event, or about what the partner calls so."""
        found = await mine.under_key(connection, partner, self._keyring.fingerprint(partner, reference))
        subjects = await self._crosswalk.known(connection, [partner], reference)
        return found + await mine.about(connection, partner, subjects) if subjects else found

    async def troubled(self, partner: str, most: int) -> Sequence[Mapping[str, Any]]:
        """Deliveries to it that it refused, or of which nobody knows whether they arrived, oldest first."""
        async with self._database.transaction() as connection:
            rows = await task_store.oldest(connection, partner, {}, most)
        return [
            {
                "id": str(row.id),
                "type": row.type,
                "etat": row.etat,
                "erreur": row.error,
                "essais": row.attempts,
                "depuis": row.created_at.isoformat(),
            }
            for row in rows
        ]

    async def ask_again(self, partner: str, delivery: UUID) -> bool:
        """Send it one of these again, under its key; False where it has none of that id."""
        return await tasks.send_again(self._database, delivery, partner, ASKED_FOR, of=partner)
