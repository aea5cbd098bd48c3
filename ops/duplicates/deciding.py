"""Decisions about pairs of households: they are one household (their ids are then tied) or two (their ids are
never tied).

A decision is refused if it would tie two households that a person declared to be two, directly or through other
pairs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from contracts.base import Contrat
from contracts.errors import Permanent
from contracts.v1.pret_logement import DoublonConfirme, DoublonEcarte, MenageReuni, MenageSepare
from ops.duplicates import sql as store
from ops.duplicates.comparing import Suspected
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
"""Message types that say whether two adults have separated: True if they have, False if they live together
again."""
OF_ITS_OWN = (MenageReuni, MenageSepare)
"""Message types by which a SIAO decides about its own households without having been asked by the hub."""
DECISION = "doublon.decider"
Pair = tuple[UUID, UUID]


class Contradicts(Permanent):
    """Raised for a decision that two households are one, if a person has declared them to be different.
    Raised too if a person has declared two other households to be different, and earlier decisions tie these
    to the two."""

    def __init__(
        self,
        why: str = "d'autres décisions disent le contraire : ces ménages, ou d'autres qui leur sont liés, ont été dits "
        "l'un distincts, l'autre le même ; défaites d'abord celle qui est fausse",
    ) -> None:
        super().__init__(why)


class Separated(Contradicts):
    """Raised for a decision that would declare two households to be one, although a SIAO has recorded them as
    two adults who have separated."""

    def __init__(self) -> None:
        super().__init__(
            "ces deux ménages ont été dits séparés, et ne seront pas réunis ainsi : s'ils vivent de nouveau ensemble, "
            "le logiciel du SIAO le dit (« menage.reuni »)"
        )


class Decided(Permanent):
    """Raised for a decision about a pair if somebody else has just taken the opposite decision."""

    def __init__(self) -> None:
        super().__init__(
            "quelqu'un vient de décider le contraire pour ces deux ménages, et votre décision n'est pas enregistrée : "
            "parlez-en entre vous ; l'équipe du hub peut revenir sur la sienne"
        )


class NotAgreed(Permanent):
    """Raised for a decision that would replace another person's decision. The caller may confirm that the two
    people have talked about it; the decision is then accepted."""

    def __init__(self) -> None:
        super().__init__(
            "une autre personne en a décidé, et sa décision reste : parlez-en avec elle, puis cochez la case qui le dit"
        )


async def decide(
    database: Database,
    one: UUID,
    other: UUID,
    same: bool,
    actor: str,
    why: str,
    *,
    asked: bool = False,
    siao: str | None = None,
) -> bool:
    """Record the decision of the person `actor` whether two households are one (`same`). The audit row names
    the `siao` for which the person decides. Return False for an unknown pair or a repeated decision.

    Raises Contradicts if the decision would tie households that a person declared to be two. If `asked` is
    True, raises Decided if the opposite decision was already taken.
    """
    async with database.transaction() as connection:
        if asked:
            await _refuse_if_decided_otherwise(connection, (one, other), same)
        return await _decided(connection, (one, other), same, actor, why, siao)


async def take_back(
    database: Database, pair: Pair, same: bool, actor: str, why: str, *, siao: str, agreed: bool
) -> bool:
    """Record the decision whether two households are one, in place of the opposite decision taken earlier.
    The audit row names the SIAO `siao` for which the person decides. Return False for an unknown pair or a
    repeated decision.

    Raises Contradicts if the decision would tie households that a person declared to be two. Raises NotAgreed
    if somebody else took the earlier decision: another person, or a SIAO's software. If `agreed` is true, the
    two have talked about it, and NotAgreed is not raised.
    """
    async with database.transaction() as connection:
        await store.one_decision_at_a_time(connection)
        known = await store.pair(connection, *pair)
        if known is not None and known.decided_by not in (None, actor) and not agreed:
            raise NotAgreed
        return await _decided(connection, pair, same, actor, why, siao)


async def decide_reserved(
    database: Database, pair: Suspected, same: bool, actor: str, why: str, *, siao: str | None = None
) -> bool:
    """Record the decision whether two households are one, if a household is protected. Only its referent
    decides, and no SIAO is asked. A referent is a person appointed to find protected households. Adds an
    audit row.

    Return False for a repeated decision. Raises Contradicts if the decision would tie households that a
    person declared to be two. Raises Decided if the opposite decision was already taken.
    """
    async with database.transaction() as connection:
        await _refuse_if_decided_otherwise(connection, (pair.menage, pair.autre), same)
        await store.propose(connection, pair.menage, pair.autre, pair.indices, ())
        return await _decided(connection, (pair.menage, pair.autre), same, actor, why, siao)


async def note(connection: Connection, pair: Pair, kind: type[Contrat], by: str, at: datetime) -> None:
    """Record the decision of the SIAO `by` about a pair of households that may be one. The decision came in a
    message of type `kind`. A decision that contradicts other decisions is only logged.

    The message may report that the two households have separated. Confirmed pairs that connect the two through
    other households then become undecided again.
    """
    try:
        async with connection.transaction():
            if kind in OF_ITS_OWN:
                await store.propose(connection, *pair, (), (by,))
            await _recorded(connection, pair, DECIDED[kind], by, at, SEPARATED.get(kind))
    except Contradicts:
        logger.warning("duplicates.contradicts", menage=str(pair[0]), autre=str(pair[1]), partner=by)


async def _refuse_if_decided_otherwise(connection: Connection, pair: Pair, same: bool) -> None:
    """Raise Decided if the opposite decision about a pair has already been taken. Otherwise lock decisions
    about pairs until this transaction ends."""
    await store.one_decision_at_a_time(connection)
    known = await store.pair(connection, *pair)
    if known is not None and known.etat == DECIDED[DoublonEcarte if same else DoublonConfirme]:
        raise Decided


async def _decided(
    connection: Connection, pair: Pair, same: bool, actor: str, why: str, siao: str | None
) -> bool:
    etat = DECIDED[DoublonConfirme if same else DoublonEcarte]
    await store.one_decision_at_a_time(connection)
    known = await store.pair(connection, *pair)
    at = datetime.now(UTC)
    if known is not None and known.decided_at is not None:  # the clock of that decision may have been ahead
        at = max(at, known.decided_at + timedelta(microseconds=1))
    decided = await _recorded(connection, pair, etat, actor, at)
    if decided:
        detail = {"autre": str(pair[1]), "decision": etat, "motif": why}
        detail |= {} if siao is None else {"partenaire": siao}
        await record(connection, actor, DECISION, str(pair[0]), detail)
    return decided


async def _recorded(
    connection: Connection, pair: Pair, etat: str, by: str, at: datetime, separated: bool | None = None
) -> bool:
    """Record the decision whether the two households of a pair are one. Return False for an unknown pair or a
    repeated decision.

    If `separated` is True, the two households are adults who have separated. Confirmed pairs that still tie
    the two together, also through other households, become undecided again.

    Raises Contradicts if the decision would make one household of two that were declared different. Raises
    Separated if the decision contradicts a recorded separation.
    """
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
    return True
