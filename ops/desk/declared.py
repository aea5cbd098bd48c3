"""Find the places that a partner manages and the demands that it sent, for its people at the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.base import Nature, Reference
from contracts.mots import etat_of
from contracts.partner import Partner
from ops.desk import sql
from ops.desk.lines import Lines
from ops.desk.place_names import by_number
from ops.desk.tasks import Ligne
from ops.tracing.lookup import Words, named
from router.domain.partners import Registry
from router.domain.subjects import Place
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store import subjects
from router.store.database import Database

LISTED = 200
"""Maximum number of places or demands on a page."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Search for the places that a partner manages and the demands that it sent. Raises BusUnavailable if the
    database does not answer."""

    database: Database
    keyring: Keyring
    crosswalk: Crosswalk
    lines: Lines

    async def places(
        self, partner: Partner, registry: Registry, now: datetime, etat: str = "", known_as: str = ""
    ) -> list[Ligne]:
        """Return the places that a partner manages and has not closed, sorted by the partner's own numbers.
        With `etat` or `known_as`, return only places in this state or with this number or id. If there are
        more than 200 (`LISTED`), return only the 200 that changed last."""
        async with self.database.transaction() as connection:
            called = None
            if known_as:
                called = await named(connection, self.crosswalk, [partner.id], known_as, [Nature.PLACE])
            ids = await sql.places(connection, partner.id, etat or None, called, LISTED)
            known = await subjects.read(connection, ids)
        lines = await self.lines.of(partner, [known[ident] for ident in ids], registry, now)
        return sorted(lines, key=lambda line: by_number(line.nom))

    async def newest_place(self, partner: Partner) -> Place | None:
        """Return the partner's place that changed last; None if the partner has closed all its places, or
        never had any."""
        async with self.database.transaction() as connection:
            ids = await sql.places(connection, partner.id, None, None, 1)
            known = await subjects.read(connection, ids)
        return next((each for each in known.values() if isinstance(each, Place)), None)

    async def named(
        self, partner: Partner, number: str, nature: Nature, key: UUID | None = None
    ) -> UUID | None:
        """Return the id of the subject to which the partner has already given the number `number`; None if
        the number is free. If the partner has already sent a message with the idempotency key `key`, return
        None too: the person has sent the same form twice."""
        async with self.database.transaction() as connection:
            known = await self.crosswalk.known(connection, [partner.id], number, [nature])
            sent = Words(self.keyring, self.crosswalk)
            ours = known and key and await sent.messages(connection, [partner.id], str(key))
            return None if ours or not known else known[0]

    async def taken(self, partner: Partner, numbers: Collection[str], nature: Nature) -> Mapping[str, UUID]:
        """Return, by number, the ids of the subjects of the kind `nature` to which the partner has given these
        numbers. Unused numbers are left out."""
        wanted = [(partner.id, Reference(nature, number)) for number in numbers]
        async with self.database.transaction() as connection:
            found = await self.crosswalk.found(connection, wanted)
        return {number.valeur: ident for (_, number), ident in found.items()}

    async def states(self, partner: Partner, numbers: Collection[str]) -> Mapping[str, str]:
        """Return the present state of a partner's demands, in French. `numbers` are the partner's own numbers
        of the demands, and the keys of the result. A number that belongs to no demand is left out."""
        ids = await self.taken(partner, numbers, Nature.DEMANDE)
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, ids.values())
        return {
            number: etat_of(Nature.DEMANDE, known[ident].etat)
            for number, ident in ids.items()
            if ident in known
        }

    async def demands(
        self, partner: Partner, registry: Registry, now: datetime, known_as: str = ""
    ) -> list[Ligne]:
        """Return the demands that a partner sent, newest change of state first. If there are more than 200
        (`LISTED`), return only the 200 that changed last. With `known_as`, return only the demand that has this
        number or id."""
        async with self.database.transaction() as connection:
            ids = None
            if known_as:
                ids = await named(connection, self.crosswalk, [partner.id], known_as, [Nature.DEMANDE])
            rows = await sql.brought(connection, partner.id, ids, LISTED)
            known = await subjects.read(connection, [row.id for row in rows])
        lines = await self.lines.of(partner, [known[row.id] for row in rows], registry, now)
        by_numbers = sorted(lines, key=lambda line: by_number(line.nom))
        return sorted(by_numbers, key=lambda line: line.subject.etat_depuis or now, reverse=True)
