"""Record decisions about pairs of households. If the two are one household, their ids are tied. If they are
two, their ids are never tied.

A decision is refused if it would tie two households declared to be two, directly or through other pairs.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog

from contracts.base import Contrat
from contracts.errors import Permanent
from contracts.v1.pret_logement import (
    DoublonConfirme,
    DoublonEcarte,
    IndiceDoublon,
    MenageReuni,
    MenageSepare,
)
from ops.duplicates import sql as store
from ops.forgetting.sql import tied_ids
from router.store import limitations
from router.store.audit import record
from router.store.database import Connection, Database

logger = structlog.get_logger()
DECIDED: Mapping[type[Contrat], str] = {
    DoublonConfirme: "confirme",
    DoublonEcarte: "ecarte",
    MenageReuni: "confirme",
    MenageSepare: "ecarte",
}
SEPARATED: Mapping[type[Contrat], bool] = {MenageSepare: True, MenageReuni: False}
"""Whether two adults have separated (True), or live together again (False), by message type."""
OF_ITS_OWN = (MenageReuni, MenageSepare)
"""Message types by which a SIAO, without being asked, decides about its own households."""
DECISION = "doublon.decider"
Pair = tuple[UUID, UUID]


class Decision(NamedTuple):
    """A person's decision whether two households are one."""

    pair: Pair
    same: bool
    """True if they are one household, False if they are two."""
    actor: str
    why: str
    siao: str | None = None
    """SIAO for which the person decides; None for the hub's team."""

    @property
    def etat(self) -> str:
        """Return the state that the decision gives the pair."""
        return DECIDED[DoublonConfirme if self.same else DoublonEcarte]


class Contradicts(Permanent):
    """Raised for a decision that contradicts earlier ones: two households that people declared different would
    become one, directly or through other pairs."""

    def __init__(
        self,
        why: str = "d'autres décisions disent le contraire : ces ménages, ou d'autres qui leur sont liés, ont été dits "
        "l'un distincts, l'autre le même ; défaites d'abord celle qui est fausse",
    ) -> None:
        super().__init__(why)


class Separated(Contradicts):
    """Raised for a decision that two households are one, although a SIAO has reported that one household split
    into these two."""

    def __init__(self) -> None:
        super().__init__(
            "ces deux ménages ont été dits séparés, et ne seront pas réunis ainsi : s'ils vivent de nouveau ensemble, "
            "le logiciel du SIAO le dit (« menage.reuni »)"
        )


class Decided(Permanent):
    """Raised for a decision about a pair if somebody has already taken the opposite decision."""

    def __init__(self) -> None:
        super().__init__(
            "quelqu'un vient de décider le contraire pour ces deux ménages, et votre décision n'est pas enregistrée : "
            "parlez-en entre vous ; l'équipe du hub peut revenir sur la sienne"
        )


class NotAgreed(Permanent):
    """Raised for a decision that would replace another person's decision without that person's agreement."""

    def __init__(self) -> None:
        super().__init__(
            "une autre personne en a décidé, et sa décision reste : parlez-en avec elle, puis cochez la case qui le dit"
        )


async def decide(database: Database, decision: Decision, *, asked: bool = False) -> bool:
    """Record a decision about a pair of households. Return False if the pair is unknown, or if the same
    decision is recorded already. If the opposite decision is recorded, raise Decided if the person had seen
    the pair as undecided (`asked`); otherwise replace it. Raises Contradicts if decisions about other pairs
    contradict the new one, Separated if a SIAO has reported that one household split into these two."""
    async with database.transaction() as connection:
        if asked:
            await _refuse_if_decided_otherwise(connection, decision)
        return await _decided(connection, decision)


async def take_back(database: Database, decision: Decision, *, agreed: bool) -> bool:
    """Replace the recorded decision on a pair by the opposite one (`decision`). Return False if the pair is
    unknown, or if `decision` is already recorded. Raises NotAgreed if another person took the recorded
    decision and does not consent to the change (`agreed` is False). Raises Contradicts if `decision` cannot
    be true together with the decisions on other pairs, Separated if a SIAO has reported that one household
    split into these two."""
    async with database.transaction() as connection:
        await store.one_decision_at_a_time(connection)
        known = await store.pair(connection, *decision.pair)
        if known is not None and known.decided_by not in (None, decision.actor) and not agreed:
            raise NotAgreed
        return await _decided(connection, decision)


async def decide_reserved(database: Database, decision: Decision, indices: Sequence[IndiceDoublon]) -> bool:
    """Record a referent's decision about a pair with a protected household; no SIAO is asked about the pair.
    `indices` is the evidence that the two may be one household. Return False if the same decision is recorded
    already. Raises Decided if the opposite decision about this pair is recorded; Contradicts if decisions about
    other pairs contradict the new one."""
    async with database.transaction() as connection:
        await _refuse_if_decided_otherwise(connection, decision)
        await store.propose(connection, *decision.pair, indices, ())
        return await _decided(connection, decision)


async def note(connection: Connection, pair: Pair, kind: type[Contrat], by: str, at: datetime) -> None:
    """Record a decision that the SIAO `by` sent about a pair, in a message of the type `kind`. A decision that
    contradicts those about other pairs is not recorded: the process only writes a warning to its own output."""
    try:
        async with connection.transaction():
            if kind in OF_ITS_OWN:
                await store.propose(connection, *pair, (), (by,))
            await _recorded(connection, pair, DECIDED[kind], by, at, SEPARATED.get(kind))
    except Contradicts:
        logger.warning("duplicates.contradicts", menage=str(pair[0]), autre=str(pair[1]), partner=by)


async def _refuse_if_decided_otherwise(connection: Connection, decision: Decision) -> None:
    """Raise Decided if the opposite decision about the pair is recorded. Until the transaction ends, nobody
    else can record a decision about this pair."""
    await store.one_decision_at_a_time(connection)
    known = await store.pair(connection, *decision.pair)
    if known is not None and known.etat == decision._replace(same=not decision.same).etat:
        raise Decided


async def _decided(connection: Connection, decision: Decision) -> bool:
    pair, etat = decision.pair, decision.etat
    await store.one_decision_at_a_time(connection)
    known = await store.pair(connection, *pair)
    at = datetime.now(UTC)
    if known is not None and known.decided_at is not None:  # the clock of that decision may have been ahead
        at = max(at, known.decided_at + timedelta(microseconds=1))
    decided = await _recorded(connection, pair, etat, decision.actor, at)
    if decided:
        detail = {"autre": str(pair[1]), "decision": etat, "motif": decision.why}
        detail |= {} if decision.siao is None else {"partenaire": decision.siao}
        await record(connection, decision.actor, DECISION, str(pair[0]), detail)
    return decided


async def _recorded(
    connection: Connection, pair: Pair, etat: str, by: str, at: datetime, separated: bool | None = None
) -> bool:
    await store.one_decision_at_a_time(connection)
    if not await store.decide(connection, pair, etat, by, at, separated):
        known = await store.pair(connection, *pair)
        if known is not None and known.separes and known.etat != etat:
            raise Separated
        return False
    if separated:
        await store.ask_again(connection, *pair, at)
    if await store.contradicts(connection, pair[0]):
        raise Contradicts
    if etat == DECIDED[DoublonConfirme]:
        await limitations.follow(connection, (await tied_ids(connection, pair[0])).ids)
    return True
