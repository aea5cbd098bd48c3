"""The truth at the door: answers that cannot apply are rejected rows, before anybody says 202. Those of a large file
are judged as it is decoded, and are rows of its report.

Only where nothing about their subject waits to be applied: else they are accepted, and an anomaly tells their sender
what became of them. A group of messages costs one statement more where it holds answers, and none where it does not.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from contracts.base import Contrat, Reference
from contracts.errors import NotYetKnown
from contracts.ids import with_ids
from contracts.ports import Ligne, Rejet
from router.domain import rules
from router.domain.at_the_door import (
    ENVOIS,
    is_far_ahead,
    is_judged,
    leaves_before_it_came,
    refusal,
)
from router.domain.partners import Registry
from router.intake.draft import Draft, Origin
from router.intake.keeping import attributes_of
from router.privacy.crosswalk import Crosswalk, Foreign
from router.privacy.keyring import Keyring
from router.store import inbox, origin, standing
from router.store.database import Connection
from router.store.standing import Standing

logger = structlog.get_logger()
Claimed = tuple[str, bytes]
"""A partner, and the HMAC of a key that it has used."""
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
"""Nothing that is judged here reserves a place."""


class Truth:
    """Asks the rule book about messages that are about to be kept."""

    def __init__(self, keyring: Keyring, crosswalk: Crosswalk, registry: Callable[[], Registry]) -> None:
        self._keyring = keyring
        self._crosswalk = crosswalk
        self._registry = registry

    def concerns(self, drafts: Sequence[Draft]) -> bool:
        """Whether there is anything to judge."""
        return any(is_judged(contrat) for draft in drafts for _, contrat in draft.contrats)

    async def judged(self, connection: Connection, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """The same messages in their order, without what cannot apply. A repetition of what was accepted before stays
        as it is: it gets the same answer. Raises NotYetKnown where one would be refused and the tables went back: they
        may have forgotten what makes it right."""
        if not self.concerns(drafts):
            return drafts
        bench = await self._bench(connection, [(d.partner.id, c) for d in drafts for _, c in d.contrats])
        refused = [list(bench.rejets(draft.origin, draft.contrats)) for draft in drafts]
        taken = await self._taken(connection, drafts, refused)
        judged = [self._without(draft, rejets, taken) for draft, rejets in zip(drafts, refused, strict=True)]
        if any(after is not before for after, before in zip(judged, drafts, strict=True)):
            await _must_know_all(connection)
        return [bench.doubted(draft) for draft in judged]

    async def of_rows(
        self, connection: Connection, origin: Origin, lignes: Sequence[Ligne]
    ) -> Sequence[Ligne]:
        """The same rows of a large file, those rejected that cannot apply. Raises NotYetKnown as `judged` does."""
        contrats = [(ligne.numero, ligne.contrat) for ligne in lignes if ligne.contrat is not None]
        if not any(is_judged(contrat) for _, contrat in contrats):
            return lignes
        partner = origin.partner.id
        bench = await self._bench(connection, [(partner, c) for _, c in contrats], origin.message)
        refused = {rejet.ligne: rejet for rejet in bench.rejets(origin, contrats)}
        keys: dict[int | None, Claimed] = {
            each.numero: (partner, self._keyring.fingerprint(partner, each.cle))
            for each in lignes
            if each.cle and each.numero in refused
        }
        taken = await inbox.contents_of(connection, sorted(set(keys.values()))) if keys else {}
        told = {n: rejet for n, rejet in refused.items() if n not in keys or keys[n] not in taken}
        if told:
            await _must_know_all(connection)
        return [_rejected(each, told[each.numero]) if each.numero in told else each for each in lignes]

    async def _bench(
        self, connection: Connection, said: Sequence[tuple[str, Contrat]], within: UUID | None = None
    ) -> "_Bench":
        """Where the subjects stand of which these partners speak; `within`: the large file in which they do."""
        spoken = [(partner, contrat) for partner, contrat in said if contrat.NATURE in ENVOIS]
        foreign = {Foreign.of(p, c.sujet) for p, c in spoken if isinstance(c.sujet, Reference)}
        ours = await self._crosswalk.found(connection, foreign) if foreign else {}
        asked = {(_our_id(c.sujet, p, ours), p) for p, c in spoken if is_judged(c)}
        found = await standing.read(connection, asked, within)
        return _Bench(ours, found, self._registry(), datetime.now(UTC))

    async def _taken(
        self, connection: Connection, drafts: Sequence[Draft], refused: Sequence[Sequence[Rejet]]
    ) -> Collection[Claimed]:
        """Of the keys under which refused rows came, those that something accepted has claimed."""
        pairs = zip(drafts, refused, strict=True)
        keys = {key for draft, rejets in pairs for rejet in rejets for key in self._keys(draft, rejet)}
        return (await inbox.contents_of(connection, sorted(keys))).keys() if keys else ()

    def _keys(self, draft: Draft, rejet: Rejet) -> Iterator[Claimed]:
        """The key of a message, and its sender's own id of one row."""
        partner = draft.partner.id
        yield partner, draft.identity.key
        if rejet.ligne is not None and rejet.ligne in draft.cles:
            yield partner, self._keyring.fingerprint(partner, draft.cles[rejet.ligne])

    def _without(self, draft: Draft, refused: Sequence[Rejet], taken: Collection[Claimed]) -> Draft:
        told = [rejet for rejet in refused if not any(key in taken for key in self._keys(draft, rejet))]
        return draft.without(told) if told else draft


async def _must_know_all(connection: Connection) -> None:
    """What is refused here counts, unless the tables went back. Raises NotYetKnown then: the bus knows better."""
    if await origin.went_back(connection):
        logger.error("gateway.not_recovered")
        raise NotYetKnown("base revenue en arrière, et bus pas encore relu")


class _Bench:
    """The rule book, and what is known of the subjects of one group of messages."""

    def __init__(
        self, ours: Mapping[Foreign, UUID], standing: Standing, registry: Registry, now: datetime
    ) -> None:
        self._ours = ours
        self._standing = standing
        self._world = rules.World(standing.subjects, registry, NO_RESERVATION)
        self._now = now
        self._said: set[UUID] = set()
        """Subjects of which an earlier row of the group speaks: that waits too."""

    def rejets(self, origin: Origin, contrats: Sequence[tuple[int, Contrat]]) -> Iterator[Rejet]:
        """What cannot apply, row by row."""
        partner = origin.partner.id
        for number, contrat in contrats:
            subject = _our_id(contrat.sujet, partner, self._ours)
            waits = subject in self._said or (subject, partner) in self._standing.waits
            if is_judged(contrat) and not waits:
                event = rules.Event(attributes_of(origin, number, contrat), self._own(contrat, partner))
                if refused := refusal(event, self._world, self._now):
                    yield Rejet(refused.code, refused.message, number)
                    continue
            self._said.add(subject)

    def doubted(self, draft: Draft) -> Draft:
        """A message, its sender warned of what can hardly be meant."""
        rows = ((number, self._own(contrat, draft.partner.id)) for number, contrat in draft.contrats)
        odd = [number for number, contrat in rows if leaves_before_it_came(contrat, self._world)]
        far = [number for number, contrat in draft.contrats if is_far_ahead(contrat, self._now.date())]
        return draft.warned(LEAVES_EARLY, odd).warned(FAR_AHEAD, far)

    def _own(self, contrat: Contrat, partner: str) -> Contrat:
        return with_ids(contrat, lambda ident: _our_id(ident, partner, self._ours))


def _rejected(ligne: Ligne, why: Rejet) -> Ligne:
    return Ligne(ligne.numero, rejets=(why,), lus=ligne.personnes_citees)


def _our_id(ident: UUID, partner: str, ours: Mapping[Foreign, UUID]) -> UUID:
    """Our id for a partner's; its own where it names nothing that we know."""
    return ours.get(Foreign.of(partner, ident), ident) if isinstance(ident, Reference) else ident
