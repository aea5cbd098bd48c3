"""Desk of a partner: what it still has to do, what it may read, and how it answers."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.base import Nature
from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage
from ops.desk import sql
from ops.desk.about import Pas, about, steps
from ops.desk.acts import Acte, possible
from ops.desk.households import Connu, Criteres, brought
from ops.desk.offers import Filtre, Offre
from ops.desk.reading import BRINGING, REFERRING, Reader, Recu
from ops.desk.speaking import Speaker
from ops.desk.tasks import Ligne, Tache, answer, demand, soonest, to_mend, transfer, urgency
from ops.desk.words import worded
from ops.lists import sql as listing
from ops.protection.protected import protected
from ops.protection.referents import Entrusted, entrusted
from ops.tracing import sql as tracing
from ops.tracing.following import Following, to_collect
from ops.tracing.lookup import Words, named
from ops.tracing.own import Own
from ops.tracing.whose_turn import NextAct, situation_of, whose_turn
from router.delivery.mailbox import DeliveryMailbox
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.rights import rights
from router.domain.routing import siao_of
from router.domain.rulebooks import demande
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.sandbox import territories_of
from router.domain.subjects import Demande, Envoi, Orientation, Place, Subject
from router.intake.own_routes import Recherche
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store import standing, subjects
from router.store.database import Database

LISTED = 200
"""Limit on the places or demands on a page."""
TO_MEND_SINCE = timedelta(days=7)
"""Age above which a file with refused rows is no longer a task."""
FOUND = 50
"""Limit on the households that a search shows."""
SHOWN_STEPS = 50
"""Limit on the steps of a subject on its page."""
SHOWN = 1000
"""Limit on the free places, or on the referrals without an answer, on a page of a SIAO."""
FREE = (EtatPlace.DISPONIBLE, EtatPlace.A_LIBERER)
MANAGERS = (Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ARS)
UNREAD = "ouvrir sa boîte, où c'est remis"
"""What an addressee has to do that has not collected a message from its mailbox."""
MINE = "vous"
"""Word by which `Following` says that the partner itself has to act."""


class Dossier(NamedTuple):
    """Page of a subject (referral, candidacy, demand or place), as the people of one of its parties see it."""

    subject: Subject
    turn: NextAct
    mine: bool
    """Whether the partner has to act next."""
    recus: Sequence[Recu]
    actes: Sequence[Acte]
    nom: str
    """Name that the partner gives it, else the hub's id."""
    au_sujet: str
    """Line that says whom it is about, from whom, to whom."""
    menage: Menage | None
    """Household of the newest description that the partner has received."""
    pas: Sequence[Pas]
    """Steps that its parties have taken, newest first."""


class Libres(NamedTuple):
    """Free places that meet the criteria. `coupees` is true if there are more free places than were compared."""

    offres: Sequence[Offre]
    coupees: bool


class Trouve(NamedTuple):
    """Household found by a search: it has an open demand, or the SIAO has entered and referred it without one."""

    ligne: Ligne
    decrite: Connu
    apporte_par: Partner | None


class Trouves(NamedTuple):
    """Result of a search for households, and whether it may be incomplete."""

    menages: Sequence[Trouve]
    coupes: bool


class Attente(NamedTuple):
    """A referral or candidacy without an answer, as the SIAO's page lists it."""

    ligne: Ligne
    chez: Partner | None
    """Partner that has to answer; None if the hub itself has to deliver first."""
    attendu: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the desk does: the console pages on which a partner's people read and send messages. Each method
    raises BusUnavailable."""

    database: Database
    keyring: Keyring
    crosswalk: Crosswalk
    following: Following
    own: Own
    mailbox: DeliveryMailbox
    reader: Reader
    speaker: Speaker

    async def to_do(self, partner: Partner, registry: Registry, now: datetime) -> list[Tache]:
        """Return the tasks of a partner's people: late ones first, then by deadline."""
        owed = await self.following.owed(partner, registry, now)
        mine = [each for each in owed if each["au_tour_de"] == MINE]
        lines = await self.about(partner, [UUID(each["id"]) for each in mine], registry)
        found = [answer(each, lines[UUID(each["id"])]) for each in mine]
        demands = await self.demands_to_place(partner, registry, now)
        async with self.database.transaction() as connection:
            said = await listing.described(connection, [each.subject.id for each in demands], BRINGING)
        found += [demand(each, said.get(each.subject.id, {}), registry) for each in demands]
        found += [transfer(each, registry) for each in await self.to_take_over(partner, registry, now)]
        wanted = Recherche(limite=LISTED)
        sent = await self.own.messages(partner.id, wanted, now - TO_MEND_SINCE)
        refused = [message for message in sent if message["etat"] in ("partiel", "refuse")]
        ids = [UUID(message["id"]) for message in refused]
        told, settled = await self.own.described(partner, ids), await self.own.settled(ids)
        found += [to_mend(each, told[each["id"]]) for each in refused if each["id"] not in settled]
        return sorted(found, key=urgency)

    async def demands_to_place(self, partner: Partner, registry: Registry, now: datetime) -> list[Ligne]:
        """Return the open demands on which this SIAO has to act, longest in their state first; none for another
        partner."""
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            rows = await listing.sent(
                connection, [Nature.DEMANDE], demande.OUVERTES, [partner.id], None, LISTED
            )
            known = await subjects.read(connection, [row.id for row in rows])
        lines = await self._lines(partner, [known[row.id] for row in rows], registry, now)
        return [line for line in lines if line.turn.who == partner.id]

    async def to_take_over(self, partner: Partner, registry: Registry, now: datetime) -> list[Ligne]:
        """Return the demands whose transfer is proposed to this SIAO, which has to accept or refuse it; none for
        another partner."""
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            asked = await sql.to_take_over(connection, partner.id, LISTED)
        lines = await self._lines(partner, asked, registry, now)
        return [line for line in lines if line.turn.who == partner.id]

    async def find(
        self, partner: Partner, criteres: Criteres, registry: Registry, now: datetime, actor: str
    ) -> Trouves:
        """Return the households that meet the criteria: those of the SIAO's open demands, longest in their state
        first, then those that it has referred without a demand. At most `SHOWN` of each are compared, because each has
        to be unsealed.

        A protected household is found only by a referent named for it, who gives a name and a date of birth.
        """
        async with self.database.transaction() as connection:
            rows = await listing.sent(
                connection, [Nature.DEMANDE], demande.OUVERTES, [partner.id], None, SHOWN
            )
            known = dict(await subjects.read(connection, [row.id for row in rows]))
            referred = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        typed = {each.id: each for each in referred if isinstance(each, Orientation) and each.demande is None}
        known |= typed
        wanted = [ident for ident, each in known.items() if criteres.may_suit(each)]
        said = {
            ident: brought(ident, each)
            for ident, each in (await self.reader.households(partner, wanted)).items()
        }
        for ident, sent in (await self.reader.sent(partner, [i for i in wanted if i in typed])).items():
            said[ident] = Connu(sent.menage, typed[ident].dispositif)
        opened = {ident: said[ident] for ident in wanted if ident in said}
        suiting = await asyncio.to_thread(criteres.among, opened)
        menages = {ident: each.menage for ident in suiting if isinstance(each := known[ident], Envoi)}
        async with self.database.transaction() as connection:
            sheltered = await protected(connection, self.keyring, {*menages.values()})
            theirs = await entrusted(connection, actor, registry) if criteres.are_precise else Entrusted()
        hidden = {each for each in sheltered if not theirs.covers(each, partner.id)}
        suiting = [ident for ident in suiting if menages[ident] not in hidden]
        found = suiting[:FOUND]
        await self.reader.seen(partner, found, actor)
        lines = await self._lines(partner, [known[ident] for ident in found], registry, now)
        shown = [
            Trouve(line, said[line.subject.id], registry.get(getattr(line.subject, "emetteur", "")))
            for line in lines
        ]
        return Trouves(shown, len(rows) == SHOWN or len(suiting) > FOUND)

    async def part_of(self, partner: Partner, ident: UUID) -> Subject | None:
        """Return a subject to which the partner is a party; None for any other subject. Reads nothing personal."""
        async with self.database.transaction() as connection:
            known = (await subjects.read(connection, [ident])).get(ident)
        return known if known is not None and _has_part(known, partner) else None

    async def dossier(
        self, partner: Partner, ident: UUID, registry: Registry, now: datetime, actor: str
    ) -> Dossier | None:
        """Return the page of a subject to which the partner is a party, with the messages that it received about it;
        None for any other subject."""
        known = await self.part_of(partner, ident)
        if known is None:
            return None
        recus = await self.reader.about(partner, ident, actor)
        (line,) = await self._lines(partner, [known], registry, now)
        mine = line.turn.who == partner.id
        menage = next((recu.menage for recu in recus if recu.menage), None)
        if menage is None and (said := await self.reader.sent(partner, [ident])):
            await self.reader.seen(partner, [ident], actor)
            menage = said[ident].menage
        pas = await self._steps(partner, known, registry)
        return Dossier(known, line.turn, mine, recus, line.actes, line.nom, line.au_sujet, menage, pas)

    async def _steps(self, partner: Partner, subject: Subject, registry: Registry) -> Sequence[Pas]:
        """Return the steps of a subject. The motive of a step is shown to its author, and to a partner whose family may
        receive messages of this type."""
        async with self.database.transaction() as connection:
            told = await tracing.of_subject(connection, subject.id, SHOWN_STEPS)
            shown = [step.id for step in told if step.source == partner.id or _receives(partner, step.type)]
            said = await sql.clear(connection, shown)
        motives = {
            ident: worded("motif", str(clair["motif"])) for ident, clair in said.items() if "motif" in clair
        }
        return steps(told, subject, partner, motives, registry)

    async def confirm(self, partner: Partner, ident: UUID) -> None:
        """Confirm the receipt of everything that was sent to the partner about a subject. The partner's deadlines
        start then."""
        async with self.database.statement() as connection:
            waiting = await sql.unconfirmed(connection, partner.id, ident)
        for delivery in waiting:
            await self.mailbox.acknowledge(partner.id, str(delivery))
        if waiting:
            await self.speaker.applied(ident)

    async def places(
        self, partner: Partner, registry: Registry, now: datetime, etat: str = "", known_as: str = ""
    ) -> list[Ligne]:
        """Return a partner's own places, most recently changed first; with `etat`, only those in this state, with
        `known_as`, only those that the partner calls so."""
        async with self.database.transaction() as connection:
            called = None
            if known_as:
                called = await named(connection, self.crosswalk, [partner.id], known_as, [Nature.PLACE])
            ids = await sql.places(connection, partner.id, etat or None, called, LISTED)
            known = await subjects.read(connection, ids)
        return await self._lines(partner, [known[ident] for ident in ids], registry, now)

    async def newest_place(self, partner: Partner) -> Place | None:
        """Return the place of a partner that changed last; None if it has none."""
        async with self.database.transaction() as connection:
            ids = await sql.places(connection, partner.id, None, None, 1)
            known = await subjects.read(connection, ids)
        return next((each for each in known.values() if isinstance(each, Place)), None)

    async def is_taken(self, partner: Partner, number: str, nature: Nature, key: UUID) -> bool:
        """Return whether a partner already uses this number for another subject of this kind. A form that is posted
        twice does not count: its own message has the idempotency key `key`."""
        async with self.database.transaction() as connection:
            if not await self.crosswalk.known(connection, [partner.id], number, [nature]):
                return False
            sent = Words(self.keyring, self.crosswalk)
            return not await sent.messages(connection, [partner.id], str(key))

    async def demands(
        self, partner: Partner, registry: Registry, now: datetime, known_as: str = ""
    ) -> list[Ligne]:
        """Return the demands that a partner has brought, most recently changed first; with `known_as`, only those that
        the partner calls so."""
        async with self.database.transaction() as connection:
            ids = None
            if known_as:
                ids = await named(connection, self.crosswalk, [partner.id], known_as, [Nature.DEMANDE])
            rows = await sql.brought(connection, partner.id, ids, LISTED)
            known = await subjects.read(connection, [row.id for row in rows])
        return await self._lines(partner, [known[row.id] for row in rows], registry, now)

    async def free_places(self, partner: Partner, registry: Registry, filtre: Filtre) -> Libres:
        """Return the places in a SIAO's territory that are free or soon will be, and that suit. At most `SHOWN` are
        compared. The 115 sees only places that are free now and of which it was notified."""
        refers = partner.famille is Famille.SIAO
        etats, notified = (FREE, None) if refers else (FREE[:1], partner.id)
        async with self.database.transaction() as connection:
            kinds = await sql.free_kinds(connection, _managers_near(partner, registry), etats)
            wanted = [
                p
                for p in kinds
                if isinstance(p, Place)
                and filtre.names(p)
                and (_is_of(p, partner, registry) if refers else p.notified_around)
            ]
            found = await sql.free(connection, wanted, etats, notified, SHOWN)
            said = await listing.described(connection, [p.id for p in found])
        offers = [
            Offre(p, registry.everybody[p.gestionnaire], said.get(p.id, {}))
            for p in found
            if isinstance(p, Place)
        ]
        return Libres([each for each in offers if filtre.suits(each)], len(found) == SHOWN)

    async def unanswered(self, partner: Partner, registry: Registry, now: datetime) -> list[Attente]:
        """Return the unanswered referrals and candidacies of a SIAO, late ones first, each with the partner to
        call."""
        async with self.database.transaction() as connection:
            sent = await standing.sent(connection, partner.id, AWAITED, SHOWN)
        lines = await self._lines(partner, sent, registry, now)
        waiting = [line for line in lines if line.turn.who not in (None, partner.id)]
        waiting.sort(key=lambda line: soonest(line.turn.until, late=line.turn.late))
        return [_awaited(line, registry) for line in waiting]

    async def places_of(self, idents: Sequence[UUID]) -> list[Place]:
        """Return these places in this order, without unknown ones."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        found = (known.get(ident) for ident in idents)
        return [place for place in found if isinstance(place, Place)]

    async def view(self, partner: Partner, subject: Subject) -> View:
        """Return the names that a partner has for a subject and its places."""
        return await self.reader.view(partner, subject.id, *subject.linked)

    async def _lines(
        self, partner: Partner, found: Sequence[Subject], registry: Registry, now: datetime
    ) -> list[Ligne]:
        view, lines = await self._about(partner, found, registry)
        async with self.database.statement() as connection:
            in_box = await tracing.in_box(connection, found)
        return [
            Ligne(
                each,
                view.id_of(each.id),
                to_collect(whose_turn(situation_of(each, (), registry), now), each, partner, in_box),
                possible(each, partner.id, registry),
                lines[each.id],
                each.id in in_box,
            )
            for each in found
        ]

    async def about(
        self, partner: Partner, idents: Collection[UUID], registry: Registry
    ) -> Mapping[UUID, str]:
        """Return, by subject, the line that says whom it is about; an empty line if the partner is not a party to the
        subject."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        return (await self._about(partner, list(known.values()), registry))[1]

    async def _about(
        self, partner: Partner, found: Sequence[Subject], registry: Registry
    ) -> tuple[View, Mapping[UUID, str]]:
        """Return the line of each subject, and the view with the partner's names for these subjects and all that their
        lines name."""
        view = await self.reader.view(partner, *{ident for each in found for ident in _cited(each)})
        sent = [each.id for each in found if isinstance(each, Envoi)]
        said: Mapping[UUID, Mapping[str, Any]] = {}
        if sent:
            async with self.database.transaction() as connection:
                said = await listing.described(connection, sent, (*BRINGING, *REFERRING))
        return view, {each.id: about(each, said.get(each.id, {}), view, registry) for each in found}


def _awaited(line: Ligne, registry: Registry) -> Attente:
    """Return a line with the partner to call and what is expected of it. While the message lies in the mailbox of its
    addressee, that is the addressee, who has to collect it."""
    if line.turn.who == HUB and line.in_box:
        return Attente(line, registry.get(getattr(line.subject, "destinataire", "")), UNREAD)
    return Attente(line, registry.get(str(line.turn.who)), line.turn.expected or "")


def _cited(subject: Subject) -> Iterator[UUID]:
    """Yield the ids of the subjects that a subject's line names: itself, its household, its places."""
    yield subject.id
    if isinstance(subject, Envoi):
        yield subject.menage
    if isinstance(subject, Orientation):
        yield from subject.places


def _receives(partner: Partner, kind: str) -> bool:
    """Return whether a partner may receive messages of this type, in any state of their subject."""
    return kind in CONTRATS and rights(partner.famille).may_receive(CONTRATS[kind])


def _managers_near(partner: Partner, registry: Registry) -> list[str]:
    """Return the ids of the partners that manage places in a territory of this partner; for a SIAO, also in the
    territories of its antennas."""
    own = [p for p in registry.everybody.values() if partner.id in (p.id, p.antenne_de)]
    there = {name for each in own for name in territories_of(each)}
    near = (p for p in registry.everybody.values() if p.famille in MANAGERS)
    return [p.id for p in near if not there.isdisjoint(territories_of(p))]


def _is_of(place: Place, siao: Partner, registry: Registry) -> bool:
    own = siao_of(place, registry)
    return own is not None and siao.id in (own.id, own.antenne_de)


def _has_part(subject: Subject, partner: Partner) -> bool:
    """Return whether a partner is a party to a subject, or was asked to accompany its household or to take it over."""
    asked = (*getattr(subject, "operateurs", ()), *_asked_to_take_over(subject))
    known = isinstance(subject, Envoi | Place)
    return known and (partner.id in subject.players or partner.id in asked)


def _asked_to_take_over(subject: Subject) -> Iterator[str]:
    if isinstance(subject, Demande) and subject.transfert_le is not None and subject.repreneur is not None:
        yield subject.repreneur
