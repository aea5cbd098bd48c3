"""Messages that a partner received about a subject (place, referral…), for people to read. At each reading, the
privacy matrix decides what these people may see."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from adapters.tabulaire.champs import champ
from contracts.base import Contrat, name_of
from contracts.envelope import Event
from contracts.errors import HubError, InvalidContract
from contracts.partner import Famille, Partner
from contracts.ports import Native, View
from contracts.v1 import CONTRATS
from contracts.v1.attribution import CandidaturePresentee
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeCompletee,
    DemandeDecrite,
    DemandeRecue,
    SignalementRecu,
)
from contracts.v1.menage import Menage
from contracts.v1.orientation import OrientationProposee
from ops.desk import sql
from ops.desk.place_names import tail_of
from ops.desk.words import Fait, changed, facts_of, names_of, title_of
from ops.protection.protected import protected
from router.delivery.rendering import Forgotten, OfANewerVersion, Renderer, Sealed, rendered, view_of
from router.domain.rights import WHOLE, Droits
from router.domain.rules.acts import SIGNATURE
from router.domain.subjects import Place
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store import subjects
from router.store.audit import READ, record
from router.store.database import Connection, Database, Row

LISTED = 100
"""Maximum number of messages of a partner that a list shows."""
SHOWN = 20
"""Maximum number of messages that the page of a subject (place, referral…) shows."""
AT_ONCE = 50
"""Number of messages decrypted in one transaction. Other requests are served before the next transaction."""
DESCRIPTIONS = (DemandeRecue, DemandeCompletee, DemandeActualisee)
"""Types of messages in which a partner describes the household of a demand and the household's needs."""
BRINGING = (*(each.TYPE for each in DESCRIPTIONS), DahoDesigne.TYPE)
"""Types of messages that describe the household of a demand or designation."""
Apporte = DemandeDecrite | DahoDesigne
Presente = OrientationProposee | CandidaturePresentee
REFERRING = (OrientationProposee.TYPE, CandidaturePresentee.TYPE)
"""Types of messages by which a SIAO refers a household to a shelter or presents it to a landlord."""
Opened = dict[UUID, tuple[Event, View]]
"""Messages by the id of their row (received delivery or sent event), each with the reading partner's view of
it."""
RowsOf = Callable[[Connection, str, Sequence[UUID], Sequence[str]], Awaitable[Sequence[Row]]]


def _describes(contrat: type[Contrat]) -> bool:
    """Return whether every message of this type describes a household. A report of somebody seen in the
    street counts too: it says where the person was seen."""
    found = champ(contrat, "menage")
    return contrat is SignalementRecu or (found is not None and found.type is Menage and found.obligatoire)


DESCRIBING = tuple(name for name, contrat in CONTRATS.items() if _describes(contrat))
"""Types of messages that describe a household, or where somebody was seen in the street. The summary of a
subject (place, referral…) uses the newest message of these types."""


class Recu(NamedTuple):
    """Message that a partner received, in a form that people can read."""

    livraison: UUID
    type: str
    titre: str
    le: datetime
    a_confirmer: bool
    """Whether the message lies in the partner's mailbox and its receipt is not confirmed."""
    dit: Sequence[Fait]
    """Facts in the message; empty if the partner may not or can no longer read it."""
    menage: Menage | None
    """Household in the message; None if the message has no household, or if the partner may not or can no
    longer read the message."""


class Decrite(NamedTuple):
    """Newest description of a demand by the partner itself: the id of its event, the fields that the partner
    may see, and all fields."""

    evenement: UUID
    """Id of the event with the description."""
    montre: DemandeDecrite
    """Description with only those fields that the privacy matrix lets the partner see."""
    entier: DemandeDecrite
    """Description with all fields. No page shows it."""


class Reader:
    """Reader of messages that a partner received or sent. If a person is shown personal data, the audit must
    record that person. Methods with a parameter `actor` record it; after the others, the caller calls `seen`."""

    def __init__(
        self, database: Database, keyring: Keyring, crosswalk: Crosswalk, renderer: Renderer
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._renderer = renderer

    async def about(self, partner: Partner, subject: UUID, actor: str) -> Sequence[Recu]:
        """Return the newest messages that a partner received about a subject (place, referral…), newest first,
        at most `SHOWN`. The audit records `actor` as the reader. Raises BusUnavailable if the database does not
        answer."""
        async with self._database.transaction() as connection:
            rows = await sql.about(connection, partner.id, subject, SHOWN)
            opened = await self._opened(connection, partner, rows)
            if opened:
                await record(connection, actor, READ, str(subject), {"partenaire": partner.id})
        return [_received(row, opened.get(row.id), partner) for row in rows]

    async def file(self, partner: Partner, subject: UUID, delivery: UUID, actor: str) -> Native | None:
        """Return the message of a `delivery` as the partner's own software would receive it.

        Return None if the message cannot be read, or is not among the newest `SHOWN` messages about `subject`.
        If the message can be read, the audit records `actor` as the reader. Raises BusUnavailable if the
        database does not answer.
        """
        async with self._database.transaction() as connection:
            rows = [
                row for row in await sql.about(connection, partner.id, subject, SHOWN) if row.id == delivery
            ]
            opened = await self._opened(connection, partner, rows)
            if not opened:
                return None
            await record(connection, actor, READ, str(delivery), {"partenaire": partner.id})
        with suppress(HubError):
            event, view = opened[delivery]
            return rendered([event], view)
        return None

    async def newest(self, partner: Partner) -> Sequence[sql.Received]:
        """Return the newest messages that a partner received, newest first, at most `LISTED`. Their content is
        not read. Raises BusUnavailable if the database does not answer."""
        async with self._database.transaction() as connection:
            return await sql.received(connection, partner.id, LISTED)

    async def households(self, partner: Partner, subjects: Sequence[UUID]) -> dict[UUID, Apporte]:
        """Return, by subject, the newest readable description of the household of each demand or designation. A
        description that the partner received is preferred to a description that the partner sent.

        The caller must call `seen` for each household that a person is shown. Raises BusUnavailable if the
        database does not answer.
        """
        found = self._said_or_received(partner, subjects, BRINGING)
        return {ident: said async for ident, said in found if isinstance(said, Apporte)}

    async def sent(self, partner: Partner, envois: Sequence[UUID]) -> dict[UUID, Presente]:
        """Return, for each referral or candidacy in `envois`, the partner's newest message that refers the
        household to a shelter or presents it to a landlord. Messages that cannot be read are left out.

        The caller must call `seen`, for the audit, for each household that a person is shown. Raises
        BusUnavailable if the database does not answer.
        """
        found = self._newest(partner, envois, sql.said, REFERRING)
        return {ident: said async for ident, said in found if isinstance(said, Presente)}

    async def menages(self, partner: Partner, subjects: Collection[UUID]) -> dict[UUID, Menage]:
        """Return the household of each subject (place, referral…), as the partner sent or received it and may
        read it now. Households that cannot be read are left out.

        The caller must call `seen` for each household that a person is shown. Raises BusUnavailable if the
        database does not answer.
        """
        found = self._said_or_received(partner, [*subjects], DESCRIBING)
        return {
            ident: menage
            async for ident, said in found
            if isinstance(menage := getattr(said, "menage", None), Menage)
        }

    async def _said_or_received(
        self, partner: Partner, subjects: Sequence[UUID], types: Sequence[str]
    ) -> AsyncIterator[tuple[UUID, Contrat]]:
        """Yield the newest message that the partner sent about each subject (place, referral…). Then yield
        the newest message that the partner received about each subject. Only messages of these types
        count."""
        for rows_of in (sql.said, sql.describing):
            async for each in self._newest(partner, subjects, rows_of, types):
                yield each

    async def _newest(
        self,
        partner: Partner,
        subjects: Sequence[UUID],
        rows_of: RowsOf,
        types: Sequence[str],
    ) -> AsyncIterator[tuple[UUID, Contrat]]:
        for first in range(0, len(subjects), AT_ONCE):
            some = subjects[first : first + AT_ONCE]
            async with self._database.transaction() as connection:
                rows = await rows_of(connection, partner.id, some, types)
                opened = await self._opened(connection, partner, rows)
            for row in rows:
                if row.id in opened:
                    yield row.subject, opened[row.id][0].contrat

    async def names(
        self,
        partner: Partner,
        subjects: Collection[UUID],
        actor: str,
        shown: Callable[[UUID, str], bool] = lambda _ident, _name: True,
    ) -> dict[UUID, str]:
        """Return the names of each subject's household, by subject (place, referral…), as far as the partner
        may read them now. They come from messages that the partner sent or received. Subjects without a
        readable name are left out. For a SIAO, subjects of a protected household are left out too, because only
        its referent (person appointed to find it) may find that household.

        `shown` is called with a subject's id and its household's names; if it returns False, the subject is
        left out. One entry of the audit records `actor` as the reader of all returned names. Raises
        BusUnavailable if the database does not answer.
        """
        known = await self.menages(partner, subjects)
        hidden = await self._protected(known) if partner.famille is Famille.SIAO else ()
        found = {
            ident: names
            for ident, menage in known.items()
            if ident not in hidden and (names := names_of(menage)) and shown(ident, names)
        }
        if found:
            detail = {"partenaire": partner.id, "sujets": sorted(map(str, found))}
            async with self._database.transaction() as connection:
                await record(connection, actor, READ, partner.id, detail)
        return found

    async def _protected(self, known: Mapping[UUID, Menage]) -> Collection[UUID]:
        """Return the subjects whose household is protected. Both the household id in the newest description and
        the id stored with the subject are checked. They differ if a demand was described again under another
        household id."""
        async with self._database.transaction() as connection:
            theirs = await subjects.read(connection, known)
            ids = {
                ident: {menage.id, getattr(theirs.get(ident), "menage", None) or menage.id}
                for ident, menage in known.items()
            }
            hidden = await protected(
                connection, self._keyring, {each for both in ids.values() for each in both}
            )
        return [ident for ident, each in ids.items() if not hidden.isdisjoint(each)]

    async def last_said(
        self, partner: Partner, subject: UUID, types: Sequence[type[Contrat]]
    ) -> Contrat | None:
        """Return the partner's own newest message of these types about a subject (place, referral…), so that it
        can be sent again with changes. Return None if there is no such message, or if it cannot be read.

        The caller must not show the message, because the audit records no reader. Raises BusUnavailable if the
        database does not answer.
        """
        found = self._newest(partner, [subject], sql.said, [each.TYPE for each in types])
        return (await anext(found, (subject, None)))[1]

    async def described(self, partner: Partner, demande: UUID) -> Decrite | None:
        """Return the newest description of a demand by the partner itself, so that the partner can correct it.
        Return None if there is no such description.

        Return None too if the description cannot be read in full: the household was forgotten, or has limited
        the use of its data. The caller must call `seen` if a person is shown the description. Raises
        BusUnavailable if the database does not answer.
        """
        types = [each.TYPE for each in DESCRIPTIONS]
        async with self._database.transaction() as connection:
            rows = await sql.said(connection, partner.id, [demande], types)
            read = await self._opened_under(connection, partner, rows, (None, WHOLE))
        for (montre, _), (entier, _) in zip(*(opened.values() for opened in read), strict=False):
            if isinstance(montre.contrat, DemandeDecrite) and isinstance(entier.contrat, DemandeDecrite):
                return Decrite(montre.attributes.id, montre.contrat, entier.contrat)
        return None

    async def changes(self, partner: Partner, demande: UUID) -> Mapping[UUID, Sequence[str]]:
        """Return, for each description of a demand, in what it differs from the description before it. The keys
        are the ids of the descriptions' events. The values are the French names of the facts that changed,
        without the facts themselves. Only descriptions that the partner itself sent and can still read count.

        Raises BusUnavailable if the database does not answer.
        """
        types = [each.TYPE for each in DESCRIPTIONS]
        async with self._database.transaction() as connection:
            rows = await sql.all_said(connection, partner.id, demande, types, SHOWN)
            opened = await self._opened(connection, partner, rows)
        newest_first = [opened.get(row.id) for row in rows]
        return {
            after[0].attributes.id: changed(before[0].contrat, after[0].contrat, after[1])
            for after, before in pairwise(newest_first)
            if after and before
        }

    async def last_signed(self, partner: Partner, act: UUID) -> Contrat | None:
        """Return the newest signature under an agreement or derogation (`act`), so that the partner can sign
        the same terms. A signature that the partner received is preferred to one that it sent. Return None if
        there is no such signature, or if it cannot be read.

        The caller must not show the signature, because the audit records no reader. Raises BusUnavailable if
        the database does not answer.
        """
        types = [each.TYPE for each in SIGNATURE]
        found = self._newest(partner, [act], sql.describing, types)
        return (await anext(found, (act, None)))[1] or await self.last_said(partner, act, SIGNATURE)

    async def seen(self, partner: Partner, subjects: Iterable[UUID], actor: str) -> None:
        """Record in the audit that `actor`, a person of this partner, reads personal data of these subjects
        (places, referrals…). Raises BusUnavailable if the database does not answer."""
        async with self._database.transaction() as connection:
            for subject in subjects:
                await record(connection, actor, READ, str(subject), {"partenaire": partner.id})

    async def household(self, partner: Partner, subject: UUID, actor: str) -> Apporte | None:
        """Return the newest description of the household of a demand or designation.

        Return None if there is no description, or if the partner may not read it. The audit first records
        `actor` as the reader. Raises BusUnavailable if the database does not answer.
        """
        await self.seen(partner, [subject], actor)
        return (await self.households(partner, [subject])).get(subject)

    async def presented(self, partner: Partner, envoi: UUID, actor: str) -> Presente | None:
        """Return the partner's own newest message that refers the household of `envoi` to a shelter, or
        presents it to a landlord. Return None if the message can no longer be read.

        The audit first records `actor` as the reader. Raises BusUnavailable if the database does not answer.
        """
        await self.seen(partner, [envoi], actor)
        return (await self.sent(partner, [envoi])).get(envoi)

    async def view(self, partner: Partner, *subjects: UUID, menage: UUID | None = None) -> View:
        """Return a View with the partner's own names for these subjects (places, referrals…). If `menage` is
        given, the View also has the id under which the hub names this household to this partner. Raises
        BusUnavailable if the database does not answer."""
        theirs = () if menage is None else ((partner.id, menage),)
        wanted = [*((partner.id, ident) for ident in subjects), *theirs]
        async with self._database.transaction() as connection:
            names = await self._crosswalk.back(connection, wanted, theirs)
        ids, menages = (
            {ident: name for (_, ident), name in found.items()} for found in (names.theirs, names.menages)
        )
        return View(partner, ids, menages)

    async def place_names(self, partner: Partner, places: Collection[Place]) -> dict[UUID, str]:
        """Return the names of places by id, as their managers call them. For readers other than the manager, a
        place with a secret address has no structure, and its name is the end of the hub's id.

        Raises BusUnavailable if the database does not answer.
        """
        told = [p for p in places if p.structure is not None or p.gestionnaire == partner.id]
        async with self._database.transaction() as connection:
            names = await self._crosswalk.back(connection, [(p.gestionnaire, p.id) for p in told])
        own = {ident: name for (_, ident), name in names.theirs.items()}
        return {p.id: own.get(p.id) or tail_of(p.id) for p in places}

    async def _opened(self, connection: Connection, partner: Partner, rows: Sequence[Row]) -> Opened:
        """Decrypt the messages in these rows (received deliveries or sent events) that the partner can and may
        read. Return them by row id, each with the partner's view of it."""
        (opened,) = await self._opened_under(connection, partner, rows, (None,))
        return opened

    async def _opened_under(
        self, connection: Connection, partner: Partner, rows: Sequence[Row], rights: Sequence[Droits | None]
    ) -> list[Opened]:
        """Decrypt the messages in these rows once for each entry of `rights`: those that the partner may read
        under these rights. An entry None stands for the rights of the partner's type (`famille`). For any other
        entry, messages about people who have limited the use of their data are left out."""
        sealed: list[tuple[Droits | None, dict[UUID, Sealed]]] = [(droits, {}) for droits in rights]
        for droits, items in sealed:
            for row in rows:
                with suppress(OfANewerVersion, HubError):
                    items[row.id] = Sealed.of(row, partner, droits)
        everything = [item for _, items in sealed for item in items.values()]
        ciphers, names = await self._renderer.prepare(connection, everything)
        found: list[Opened] = []
        for droits, items in sealed:
            found.append({})
            for ident, item in items.items():
                if droits is not None and item.is_limited(names.limited):
                    continue
                with suppress(Forgotten, InvalidContract):
                    found[-1][ident] = item.opened(ciphers, names), view_of(partner, [item], names)
        return found


def _received(row: Row, opened: tuple[Event, View] | None, partner: Partner) -> Recu:
    said = () if opened is None else tuple(facts_of(opened[0].contrat, opened[1]))
    menage = getattr(opened[0].contrat, "menage", None) if opened else None
    return Recu(
        row.id,
        name_of(row.type),
        title_of(row.type),
        row.created_at,
        row.etat == "deposee",
        said,
        menage if isinstance(menage, Menage) else None,
    )
