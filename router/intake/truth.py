"""Reject messages that would have no effect, before the gateway answers 202.

A message is checked only if no event about its subject is still to be applied. A message that is not checked is
accepted; if it has no effect later, its sender gets an alert. Rows of a large file are checked while they are
decoded.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID

import structlog

from contracts.base import Contrat, Numero, Reference
from contracts.envelope import Event
from contracts.errors import NotYetKnown
from contracts.ids import with_ids
from contracts.ports import Ligne, Rejet
from router.domain import judging
from router.domain.at_the_door import (
    is_far_ahead,
    is_judged,
    leaves_before_it_came,
    opens,
    refusal,
)
from router.domain.partners import Registry
from router.domain.permitted import ANSWERED
from router.domain.succession import as_now
from router.intake.draft import Draft
from router.intake.numbers import Numbers
from router.intake.rows import DraftRow, Origin
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store import idempotency, origin, standing
from router.store.crosswalk import Foreign
from router.store.database import Connection
from router.store.standing import Snapshot

logger = structlog.get_logger()
LEAVES_EARLY = Rejet(
    "depart_avant_arrivee",
    "événement accepté, mais ce départ est d'avant l'arrivée déjà dite : corrigez la date par un nouvel envoi si c'est "
    "une erreur",
)
FAR_AHEAD = Rejet(
    "date_peu_plausible",
    "événement accepté, mais une date y est à plus d'un an : corrigez-la par un nouvel envoi si c'est une erreur",
)
NO_RESERVATION = timedelta(0)
"""Duration for which a check reserves places: a check reserves nothing."""


class Truth:
    """Check of messages before they are stored. It uses the present states of the messages' subjects, and the rule
    books, which say which messages each state allows."""

    def __init__(self, keyring: Keyring, crosswalk: Crosswalk, registry: Callable[[], Registry]) -> None:
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._registry = registry
        self.numbers = Numbers(keyring, registry)

    def concerns(self, drafts: Sequence[Draft]) -> bool:
        """Tell whether a message of `drafts` must go through `judged` before it is stored. It must if the rules may
        refuse one of its rows, or if a row has a cited number in place of an id."""
        judged = any(is_judged(contrat) for draft in drafts for _, contrat in draft.contrats)
        return judged or any(isinstance(ident, Numero) for draft in drafts for ident in draft.lus)

    async def judged(self, connection: Connection, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Check the rows of messages, and return the messages. A row is rejected if the rules forbid it
        now, unless the hub has already accepted it when it was sent before. The hub's ids replace cited
        numbers. A row with an unlikely date gets a warning. Raises NotYetKnown if a row would be rejected
        while the database is not whole after a restore."""
        if not self.concerns(drafts):
            return drafts
        named = await self.numbers.found(connection, drafts)
        rows = [draft.rows for draft in named]
        judge = await self._judge_of(connection, list(chain.from_iterable(rows)))
        refused = [list(judge.rejets(each)) for each in rows]
        claimed = await self._claimed(connection, named, refused)
        judged = [self._without(draft, rejets, claimed) for draft, rejets in zip(named, refused, strict=True)]
        if _more_refused(drafts, judged):
            await _must_know_all(connection)
        return [judge.doubted(draft) for draft in judged]

    async def of_rows(
        self, connection: Connection, origin: Origin, lignes: Sequence[Ligne]
    ) -> Sequence[Ligne]:
        """Return the rows of a large file, with the hub's ids in place of cited numbers. A row is rejected
        if the rules forbid it now, unless the hub has already accepted it under the same event id. Raises
        NotYetKnown if a row would be rejected while the database is not whole after a restore: what the
        row cites may still be read again from Kafka."""
        named = await self.numbers.of_rows(connection, origin.partner, lignes)
        if _more_refused(lignes, named):
            await _must_know_all(connection)
        lignes = named
        rows = [DraftRow(origin, n.numero, n.contrat, n.cle) for n in lignes if n.contrat is not None]
        if not any(is_judged(row.contrat) for row in rows):
            return lignes
        partner = origin.partner.id
        judge = await self._judge_of(connection, rows, origin.message)
        refused = {rejet.ligne: rejet for rejet in judge.rejets(rows)}
        keys: dict[int | None, set[idempotency.Key]] = {
            each.numero: {*self._used(partner, each.cle)}
            for each in lignes
            if each.cle and each.numero in refused
        }
        claimed = (
            await idempotency.contents_of(connection, sorted(set().union(*keys.values()))) if keys else {}
        )
        rejected = {n: rejet for n, rejet in refused.items() if keys.get(n, set()).isdisjoint(claimed)}
        if rejected:
            await _must_know_all(connection)
        return [
            each.rejected(rejected[each.numero])
            if each.contrat is not None and each.numero in rejected
            else each
            for each in lignes
        ]

    async def _judge_of(
        self, connection: Connection, rows: Sequence[DraftRow], within: UUID | None = None
    ) -> "_Judge":
        """Return an object that checks `rows` against the present states of their subjects. It does not
        check a row if accepted events about one of the row's subjects may still have to be applied, even
        if these events are in a large message and not decoded yet. `within` is the id of the large message
        of `rows`, None for small messages. The undecoded rows of this message, and of large messages
        received after it, prevent no check."""
        cited = {
            (row.partner, ident) for row in rows for ident in _read_by(row) if isinstance(ident, Reference)
        }
        ours = await self._crosswalk.found(connection, cited) if cited else {}
        asked = {
            (_our_id(ident, row.partner, ours), row.partner)
            for row in rows
            if is_judged(row.contrat)
            for ident in _read_by(row)
        }
        found = await standing.read(connection, asked, within)
        return _Judge(ours, found, self._registry(), datetime.now(UTC))

    async def _claimed(
        self, connection: Connection, drafts: Sequence[Draft], refused: Sequence[Sequence[Rejet]]
    ) -> Collection[idempotency.Key]:
        pairs = zip(drafts, refused, strict=True)
        keys = {key for draft, rejets in pairs for rejet in rejets for key in self._keys(draft, rejet)}
        return (await idempotency.contents_of(connection, sorted(keys))).keys() if keys else ()

    def _keys(self, draft: Draft, rejet: Rejet) -> Iterator[idempotency.Key]:
        yield draft.key
        if rejet.ligne is not None and rejet.ligne in draft.cles:
            yield from self._used(draft.partner.id, draft.cles[rejet.ligne])

    def _used(self, partner: str, cle: str) -> Iterator[idempotency.Key]:
        for fingerprint in self._keyring.hmacs.fingerprints(partner, cle):
            yield partner, fingerprint

    def _without(self, draft: Draft, refused: Sequence[Rejet], claimed: Collection[idempotency.Key]) -> Draft:
        rejected = [rejet for rejet in refused if not any(key in claimed for key in self._keys(draft, rejet))]
        return draft.without(rejected) if rejected else draft


def _more_refused(before: Sequence[Draft | Ligne], after: Sequence[Draft | Ligne]) -> bool:
    return any(len(b.rejets) > len(a.rejets) for a, b in zip(before, after, strict=True))


async def _must_know_all(connection: Connection) -> None:
    if await origin.went_back(connection):
        logger.error("gateway.not_recovered")
        raise NotYetKnown("base revenue en arrière, et bus pas encore relu")


def _read_by(row: DraftRow) -> Iterator[UUID]:
    return judging.concerned(row.contrat) if row.contrat.NATURE in ANSWERED else iter(())


class _Judge:
    """Check of rows, from one group of messages, against the states of the rows' subjects."""

    def __init__(
        self, ours: Mapping[Foreign, UUID], standing: Snapshot, registry: Registry, now: datetime
    ) -> None:
        self._ours = ours
        self._standing = standing
        known = {ident: as_now(subject, registry) for ident, subject in standing.subjects.items()}
        self._world = judging.World(known, registry, NO_RESERVATION)
        self._now = now
        self._said: set[UUID] = set()
        """Subjects that earlier rows of the group are about or open. Events about these subjects count as pending.
        """

    def rejets(self, rows: Sequence[DraftRow]) -> Iterator[Rejet]:
        """Yield a rejection for each row that the rules would refuse. A row is not checked while the state of
        one of its subjects is uncertain: an event about this subject is still to be applied, or an earlier row
        is about this subject."""
        for row in rows:
            contrat, partner = row.contrat, row.partner
            read = {_our_id(ident, partner, self._ours) for ident in _read_by(row)}
            waits = any(each in self._said or (each, partner) in self._standing.waits for each in read)
            if is_judged(contrat) and not waits:
                event = Event(row.attributes, self._own(contrat, partner))
                if refused := refusal(event, self._world, self._now):
                    yield Rejet(refused.code, refused.message, row.number)
                    continue
            self._said.add(_our_id(contrat.sujet, partner, self._ours))
            if (opened := opens(contrat)) is not None:
                self._said.add(_our_id(opened, partner, self._ours))

    def doubted(self, draft: Draft) -> Draft:
        """Return the draft with a warning for each row with an unlikely date: a departure before the arrival or, in
        an answer, a date more than a year ahead."""
        rows = ((number, self._own(contrat, draft.partner.id)) for number, contrat in draft.contrats)
        odd = [number for number, contrat in rows if leaves_before_it_came(contrat, self._world)]
        far = [number for number, contrat in draft.contrats if is_far_ahead(contrat, self._now.date())]
        return draft.with_warning(LEAVES_EARLY, odd).with_warning(FAR_AHEAD, far)

    def _own(self, contrat: Contrat, partner: str) -> Contrat:
        return with_ids(contrat, lambda ident: _our_id(ident, partner, self._ours))


def _our_id(ident: UUID, partner: str, ours: Mapping[Foreign, UUID]) -> UUID:
    return ours.get((partner, ident), ident) if isinstance(ident, Reference) else ident
