"""Find the tasks of a partner's people: what subjects, refused messages and likely duplicates ask them to
do."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.base import Nature
from contracts.partner import Famille, Partner
from ops.acts import sql as acts
from ops.desk import sql
from ops.desk.lines import Lines
from ops.desk.tasks import (
    Ligne,
    Tache,
    after,
    task,
    to_mend,
    to_refer_again,
    to_tell_apart,
    to_tell_the_state,
    urgency,
)
from ops.duplicates.comparing import undecided
from ops.tracing.own import Own
from ops.tracing.whose_turn import A_MONTH
from router.domain.deadlines import TERMES, Attendu
from router.domain.partners import Registry
from router.domain.rulebooks import acte, demande
from router.domain.subjects import Demande, Subject
from router.intake.own_routes import Recherche
from router.privacy.keyring import Keyring
from router.store import subjects
from router.store.asked import asked
from router.store.database import Database

LISTED = 200
"""Maximum number of subjects in each state, and of messages, that are searched for tasks."""
NUMBERED = 5
"""Maximum number of refused messages whose rows are read again, to name the partner's own numbers in them.
The newest messages are read."""
TO_MEND_SINCE = timedelta(days=7)
"""Age at which a refused message is no longer a task."""
WITHOUT_PLACE = {(Nature.DEMANDE, etat) for etat in demande.SANS_PLACE}
TO_SIGN = {(kind.NATURE, acte.Etat.PROPOSEE) for kind in (acte.Convention, acte.Derogation)}
WITHOUT_CLOCK = WITHOUT_PLACE | TO_SIGN
"""Tasks without deadline: a demand without a place, an act to sign."""


def _with_a_clock(*sides: Attendu) -> Set[tuple[Nature, str]]:
    return {(terme.nature, etat) for terme in TERMES if terme.attendu in sides for etat in terme.etats}


ANSWERING = _with_a_clock(Attendu.DESTINATAIRE, Attendu.MENAGE)
SENDING = _with_a_clock(Attendu.EMETTEUR)


@dataclass(frozen=True, slots=True)
class ToDo:
    """Search for the tasks of a partner's people. Its methods raise BusUnavailable if the database does not
    answer."""

    database: Database
    keyring: Keyring
    own: Own
    lines: Lines

    async def of(self, partner: Partner, registry: Registry, now: datetime) -> tuple[Sequence[Tache], bool]:
        """Return the tasks of a partner's people: late tasks first, then by deadline, then the oldest first. Of
        each kind of subject, only the `LISTED` most urgent ones are searched; the second value tells whether
        there may be more."""
        asked, has_more = await self._asked(partner, registry, now)
        untold = await self._untold(partner, registry, now)
        ignored = {line.subject.id for line in untold}
        found = await self._with_last_referrals([e for e in asked if e.subject.id not in ignored], registry)
        found += map(to_tell_the_state, untold)
        without_place, cut = await self._without_place(partner, registry, now)
        found += without_place
        found += await self.refused(partner, now)
        found += await self._to_tell_apart(partner)
        return sorted(found, key=urgency), has_more or cut or len(untold) == LISTED

    async def _asked(
        self, partner: Partner, registry: Registry, now: datetime
    ) -> tuple[Sequence[Ligne], bool]:
        sides = ANSWERING, SENDING
        async with self.database.transaction() as connection:
            found = await asked(connection, partner.id, *sides, now + A_MONTH, LISTED, WITHOUT_PLACE)
            found += await acts.proposed(connection, partner, registry, LISTED)
        waiting = [
            line
            for line in await self.lines.of(partner, found, registry, now)
            if line.turn.who == partner.id
            and (line.turn.until is not None or (line.subject.NATURE, line.subject.etat) in WITHOUT_CLOCK)
        ]
        return waiting, any(n >= LISTED for n in Counter(each.NATURE for each in found).values())

    async def _with_last_referrals(self, lines: Sequence[Ligne], registry: Registry) -> list[Tache]:
        back = {
            line.subject.id: line.subject.orientation
            for line in lines
            if isinstance(line.subject, Demande)
            and line.subject.etat is demande.Etat.EN_ATTENTE
            and line.subject.orientation is not None
        }
        known: Mapping[UUID, Subject] = {}
        if back:
            async with self.database.transaction() as connection:
                known = await subjects.read(connection, back.values())
        last = {ident: known.get(referral) for ident, referral in back.items()}
        return [after(task(line), last.get(line.subject.id), registry) for line in lines]

    async def _untold(self, partner: Partner, registry: Registry, now: datetime) -> list[Ligne]:
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            untold = await sql.untold(connection, partner.id, None, LISTED)
        return await self.lines.of(partner, [each.daho for each in untold], registry, now)

    async def _without_place(
        self, partner: Partner, registry: Registry, now: datetime
    ) -> tuple[list[Tache], bool]:
        if partner.famille is not Famille.SIAO:
            return [], False
        async with self.database.transaction() as connection:
            ended, cut = await sql.without_place(connection, partner.id, now, LISTED)
        lines = await self.lines.of(partner, [each for each, _ in ended], registry, now)
        tasks = [to_refer_again(line, others) for line, (_, others) in zip(lines, ended, strict=True)]
        return tasks, cut

    async def _to_tell_apart(self, partner: Partner) -> list[Tache]:
        if partner.famille is not Famille.SIAO:
            return []
        async with self.database.transaction() as connection:
            pairs = await undecided(connection, self.keyring, [partner.id], LISTED)
        return [to_tell_apart(len(pairs), pairs[0].created_at)] if pairs else []

    async def refused(self, partner: Partner, now: datetime) -> list[Tache]:
        """Return a task for each message of the last seven days (`TO_MEND_SINCE`) that was refused, wholly or in
        part, and still needs correction."""
        refused = await self.uncorrected(partner, now)
        told = await self.own.described(partner, [UUID(message["id"]) for message in refused])
        numbers = {each["id"]: await self._numbers(partner, UUID(each["id"])) for each in refused[:NUMBERED]}
        return [to_mend(each, told[each["id"]], numbers.get(each["id"], ())) for each in refused]

    async def _numbers(self, partner: Partner, message: UUID) -> Sequence[str]:
        written = await self.own.written(partner, message)
        return [*dict.fromkeys(row.numero for row in written.values() if row.numero)]

    async def uncorrected(self, partner: Partner, now: datetime) -> list[Mapping[str, Any]]:
        """Return the messages of the last seven days (`TO_MEND_SINCE`) that were refused, wholly or in part, and
        still need correction, newest first. Only the newest `LISTED` messages are searched."""
        refused, settled = await self._settled(partner, now)
        return [message for message in refused if message["id"] not in settled]

    async def corrected(
        self, partner: Partner, by: UUID, now: datetime
    ) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """Return two lists of the messages that were refused, wholly or in part, in the last seven days
        (`TO_MEND_SINCE`), newest first: those that the later message `by` has corrected, and those still to be
        corrected."""
        refused, settled = await self._settled(partner, now)
        corrected = [message for message in refused if settled.get(message["id"]) == str(by)]
        return corrected, [message for message in refused if message["id"] not in settled]

    async def _settled(
        self, partner: Partner, now: datetime
    ) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, str | None]]:
        sent = await self.own.messages(partner.id, Recherche(limite=LISTED), now - TO_MEND_SINCE)
        refused = [message for message in sent if message["etat"] in ("partiel", "refuse")]
        return refused, await self.own.settled([UUID(message["id"]) for message in refused])
