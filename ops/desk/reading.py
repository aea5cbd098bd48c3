"""Read the messages that a partner received about a subject, to show them to people. The privacy matrix says
which fields each type of partner may read; it is applied at each reading."""

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
from router.delivery.rendering import Forgotten, KeysAndIds, OfANewerVersion, Sealed, rendered, view_of
from router.domain.rights import WHOLE, Droits
from router.domain.rules.acts import SIGNATURE
from router.domain.subjects import Place
from router.privacy.crosswalk import Crosswalk, Mentions
from router.privacy.keyring import Keyring
from router.store import subjects
from router.store.audit import READ, record
from router.store.database import Connection, Database, Row

LISTED = 100
"""Maximum number of messages in a list."""
SHOWN = 20
"""Maximum number of messages on a subject's page."""
AT_ONCE = 50
"""Number of messages decrypted in one transaction. Other requests are served between two transactions."""
DESCRIPTIONS = (DemandeRecue, DemandeCompletee, DemandeActualisee)
NOT_SHOWN = "ce qui ne se relit pas ici"
"""French words for facts of a demand that its sender must not read again."""
BRINGING = (*(each.TYPE for each in DESCRIPTIONS), DahoDesigne.TYPE)
Apporte = DemandeDecrite | DahoDesigne
Presente = OrientationProposee | CandidaturePresentee
REFERRING = (OrientationProposee.TYPE, CandidaturePresentee.TYPE)
Opened = dict[UUID, tuple[Event, View]]
"""Decrypted messages, by the id of their row. Each comes with the `View` by which it is shown to the
partner."""
RowsOf = Callable[[Connection, str, Sequence[UUID], Sequence[str]], Awaitable[Sequence[Row]]]


def _describes(contrat: type[Contrat]) -> bool:
    found = champ(contrat, "menage")
    return contrat is SignalementRecu or (found is not None and found.type is Menage and found.obligatoire)


DESCRIBING = tuple(name for name, contrat in CONTRATS.items() if _describes(contrat))
"""Types of messages that describe a household. The newest such message gives a subject's summary."""


class Recu(NamedTuple):
    """Message that a partner received, for people to read."""

    livraison: UUID
    type: str
    titre: str
    le: datetime
    a_confirmer: bool
    """Whether the message is in the mailbox, and the partner has not confirmed its receipt."""
    dit: Sequence[Fait]
    """Facts in the message; empty if the partner may not read them, or if the message is no longer
    readable."""
    menage: Menage | None
    """Household in the message; None if there is none, if the partner may not read it, or if the message is
    no longer readable."""


class Decrite(NamedTuple):
    """A partner's newest description of its own demand."""

    evenement: UUID
    montre: DemandeDecrite
    """Only the fields that the privacy matrix shows to the partner."""
    entier: DemandeDecrite
    """All fields; no page shows them."""


class Reader:
    """Reader of messages that a partner received or sent. Methods with a parameter `actor` record in the audit
    that this person saw personal data. The other methods record nothing: a caller that shows their result must
    call `seen`. Raises BusUnavailable if the database does not answer."""

    def __init__(
        self, database: Database, keyring: Keyring, crosswalk: Crosswalk, keys_and_ids: KeysAndIds
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._keys_and_ids = keys_and_ids

    async def about(self, partner: Partner, subject: UUID, actor: str) -> Sequence[Recu]:
        """Return the newest messages that a partner received about a subject, newest first, at most 20
        (`SHOWN`). The audit records `actor` as reader."""
        async with self._database.transaction() as connection:
            rows = await sql.about(connection, partner.id, subject, SHOWN)
            opened = await self._opened(connection, partner, rows)
            if opened:
                await record(connection, actor, READ, str(subject), {"partenaire": partner.id})
        return [_received(row, opened.get(row.id), partner) for row in rows]

    async def file(self, partner: Partner, subject: UUID, delivery: UUID, actor: str) -> Native | None:
        """Return a delivery's message as the partner's software would receive it; None if it is unreadable, or
        not among the newest `SHOWN` about `subject`. The audit records `actor` as reader."""
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

    async def newest(
        self, partner: Partner, nature: str | None = None, hidden: str | None = None
    ) -> Sequence[sql.Received]:
        """Return the messages that a partner received, without content, newest first, at most `LISTED`. With
        `nature`, return only those about subjects of this kind; with `hidden`, leave out those about subjects
        of that kind."""
        async with self._database.transaction() as connection:
            return await sql.received(connection, partner.id, nature, hidden, LISTED)

    async def households(self, partner: Partner, subjects: Sequence[UUID]) -> dict[UUID, Apporte]:
        """Return, by subject, the newest description of the household of each demand or designation that the
        partner received. If it received none, or cannot read it, return the newest that it sent. Subjects
        without either are left out."""
        found = self._said_or_received(partner, subjects, BRINGING)
        return {ident: said async for ident, said in found if isinstance(said, Apporte)}

    async def sent(self, partner: Partner, envois: Sequence[UUID]) -> dict[UUID, Presente]:
        """Return the messages by which the partner made these referrals or candidacies, by id of the referral or
        candidacy: of each message, the newest version. Messages that can no longer be read are left out."""
        found = self._newest(partner, envois, sql.said, REFERRING)
        return {ident: said async for ident, said in found if isinstance(said, Presente)}

    async def menages(self, partner: Partner, subjects: Collection[UUID]) -> dict[UUID, Menage]:
        """Return, by subject, the household as described in the newest message that the partner received
        about the subject. If it received none, or cannot read it, use the newest that it sent. Subjects
        without either are left out."""
        found = self._said_or_received(partner, [*subjects], DESCRIBING)
        return {
            ident: menage
            async for ident, said in found
            if isinstance(menage := getattr(said, "menage", None), Menage)
        }

    async def _said_or_received(
        self, partner: Partner, subjects: Sequence[UUID], types: Sequence[str]
    ) -> AsyncIterator[tuple[UUID, Contrat]]:
        """Yield pairs (subject, message). First comes the newest message that the partner sent about each
        subject, then the newest that it received. In a dict by subject, the message received thus replaces the
        one sent."""
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
        shown: Callable[[Mapping[UUID, str]], Iterable[UUID]] = list,
    ) -> dict[UUID, str]:
        """Return the names of the people in the household of each subject, by subject. Leave out households
        of which the partner may read no name; for a SIAO, leave out protected households too. The function
        `shown` chooses among the remaining households: it gets their members' names, by subject, and returns
        the subjects to keep. The audit records that `actor` read the names returned."""
        found = await self.named(partner, subjects, actor, shown)
        return {ident: names_of(menage) for ident, menage in found.items()}

    async def named(
        self,
        partner: Partner,
        subjects: Collection[UUID],
        actor: str,
        shown: Callable[[Mapping[UUID, str]], Iterable[UUID]] = list,
    ) -> dict[UUID, Menage]:
        """Return the household of each subject, by subject. Leave out households of which the partner may
        read no name; for a SIAO, leave out protected households too. The function `shown` chooses among the
        remaining households: it gets their members' names, by subject, and returns the subjects to keep. The
        audit records that `actor` read the households returned."""
        known = await self.menages(partner, subjects)
        hidden = await self._protected(known) if partner.famille is Famille.SIAO else ()
        named = {
            ident: names
            for ident, menage in known.items()
            if ident not in hidden and (names := names_of(menage))
        }
        found = {ident: known[ident] for ident in shown(named)}
        if found:
            detail = {"partenaire": partner.id, "sujets": sorted(map(str, found))}
            async with self._database.transaction() as connection:
                await record(connection, actor, READ, partner.id, detail)
        return found

    async def _protected(self, known: Mapping[UUID, Menage]) -> Collection[UUID]:
        """Return the subjects in `known` whose household is protected. `known`: the household of each subject,
        as last described in a message. If the household's id in the message and its id in the database differ,
        the household counts as protected if either id is protected."""
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
        """Return the newest message of these types that the partner sent about a subject; None if missing or
        unreadable. Show the message to nobody: the audit does not record this read."""
        found = self._newest(partner, [subject], sql.said, [each.TYPE for each in types])
        return (await anext(found, (subject, None)))[1]

    async def described(self, partner: Partner, demande: UUID) -> Decrite | None:
        """Return the partner's newest description of its demand; None if it sent none, or if the household was
        forgotten or has limited the use of its data."""
        types = [each.TYPE for each in DESCRIPTIONS]
        async with self._database.transaction() as connection:
            rows = await sql.said(connection, partner.id, [demande], types)
            read = await self._opened_under(connection, partner, rows, (None, WHOLE))
        for (montre, _), (entier, _) in zip(*(opened.values() for opened in read), strict=False):
            if isinstance(montre.contrat, DemandeDecrite) and isinstance(entier.contrat, DemandeDecrite):
                return Decrite(montre.attributes.id, montre.contrat, entier.contrat)
        return None

    async def changes(self, partner: Partner, demande: UUID) -> Mapping[UUID, Sequence[str]]:
        """Return which facts the partner changed with each new description of its demand: their French names,
        by id of the event that carries the description. The words `NOT_SHOWN` stand for facts that the partner
        must not read again."""
        types = [each.TYPE for each in DESCRIPTIONS]
        async with self._database.transaction() as connection:
            rows = await sql.all_said(connection, partner.id, demande, types, SHOWN)
            shown, whole = await self._opened_under(connection, partner, rows, (None, WHOLE))
        said = {}
        for after, before in pairwise(row.id for row in rows):
            named = _differing(shown, after, before)
            more = len(_differing(whole, after, before)) > len(named)
            said[after] = [*named, *([NOT_SHOWN] if more else ())]
        return said

    async def last_signed(self, partner: Partner, act: UUID) -> Contrat | None:
        """Return the newest message by which an act was signed: one that the partner received, else one that it
        sent, else None. The audit does not record this read: show the result to nobody, and use it only to
        complete the partner's own next signature."""
        types = [each.TYPE for each in SIGNATURE]
        found = self._newest(partner, [act], sql.describing, types)
        return (await anext(found, (act, None)))[1] or await self.last_said(partner, act, SIGNATURE)

    async def seen(self, partner: Partner, subjects: Iterable[UUID], actor: str) -> None:
        """Record in the audit that `actor`, a person of this partner, reads personal data of these subjects."""
        async with self._database.transaction() as connection:
            for subject in subjects:
                await record(connection, actor, READ, str(subject), {"partenaire": partner.id})

    async def household(self, partner: Partner, subject: UUID, actor: str) -> Apporte | None:
        """Return the newest description of the household of a demand or designation; None if there is none that
        the partner may read. The audit records `actor` as reader."""
        await self.seen(partner, [subject], actor)
        return (await self.households(partner, [subject])).get(subject)

    async def presented(self, partner: Partner, envoi: UUID, actor: str) -> Presente | None:
        """Return the newest version of the message by which the partner made the referral or candidacy
        `envoi`; None if the partner sent no such message, or if it can no longer be read. The audit records
        `actor` as reader."""
        await self.seen(partner, [envoi], actor)
        return (await self.sent(partner, [envoi])).get(envoi)

    async def view(self, partner: Partner, *subjects: UUID, menage: UUID | None = None) -> View:
        """Return the partner, with its own ids for these subjects, and its pseudonym for the household
        `menage`."""
        menages = set() if menage is None else {(partner.id, menage)}
        mentions = Mentions({*((partner.id, ident) for ident in subjects), *menages}, menages)
        async with self._database.transaction() as connection:
            names = await self._crosswalk.names(connection, mentions)
        ids, pseudonyms = (
            {ident: name for (_, ident), name in found.items()} for found in (names.theirs, names.menages)
        )
        return View(partner, ids, pseudonyms)

    async def place_names(self, partner: Partner, places: Collection[Place]) -> dict[UUID, str]:
        """Return the name of each place, by id: the name that the place's manager uses. A place without
        structure has a secret address: all partners but its manager see the last digits of its id instead of
        its name."""
        told = [p for p in places if p.structure is not None or p.gestionnaire == partner.id]
        async with self._database.transaction() as connection:
            names = await self._crosswalk.back(connection, [(p.gestionnaire, p.id) for p in told])
        own = {ident: name for (_, ident), name in names.items()}
        return {p.id: own.get(p.id) or tail_of(p.id) for p in places}

    async def _opened(self, connection: Connection, partner: Partner, rows: Sequence[Row]) -> Opened:
        (opened,) = await self._opened_under(connection, partner, rows, (None,))
        return opened

    async def _opened_under(
        self, connection: Connection, partner: Partner, rows: Sequence[Row], rights: Sequence[Droits | None]
    ) -> list[Opened]:
        """Decrypt the messages in `rows` that the partner can read, once under each of the `rights`. Return
        one dict of messages, by row id, for each item of `rights`. The item None stands for the rights of the
        partner's type (`famille`).

        A message may concern a person who has limited the use of their data. The dict for None has only the
        unencrypted fields of such a message; every other dict leaves this message out. Messages about
        emergency shelter are never limited.
        """
        sealed: list[tuple[Droits | None, dict[UUID, Sealed]]] = [(droits, {}) for droits in rights]
        for droits, items in sealed:
            for row in rows:
                with suppress(OfANewerVersion, HubError):
                    items[row.id] = Sealed.of(row, partner, droits)
        everything = [item for _, items in sealed for item in items.values()]
        ciphers, names = await self._keys_and_ids.load(connection, everything)
        found: list[Opened] = []
        for droits, items in sealed:
            found.append({})
            for ident, item in items.items():
                if droits is not None and item.is_limited(names.limited):
                    continue
                with suppress(Forgotten, InvalidContract):
                    found[-1][ident] = item.opened(ciphers, names), view_of(partner, [item], names)
        return found


def _differing(opened: Opened, after: UUID, before: UUID) -> Sequence[str]:
    if after not in opened or before not in opened:
        return ()
    event, view = opened[after]
    return changed(opened[before][0].contrat, event.contrat, view)


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
