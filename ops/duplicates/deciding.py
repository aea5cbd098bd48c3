"""Decisions about pairs of households: they are one, and their ids are tied, or they are two, and their ids
are never tied.

A decision is refused if it would tie, even through other pairs, two households declared to be two.
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
"""Whether two adults have separated (True), or live together again (False), by message type."""
OF_ITS_OWN = (MenageReuni, MenageSepare)
"""Decisions of a SIAO about its own households, unasked."""
DECISION = "doublon.decider"
Pair = tuple[UUID, UUID]


class Contradicts(Permanent):
    """Raised for a decision that contradicts earlier decisions: directly or through other pairs, it would make
    one household of two households that people declared different."""

    def __init__(
        self,
        why: str = "d'autres décisions disent le contraire : ces ménages, ou d'autres qui leur sont liés, ont été dits "
        "l'un distincts, l'autre le même ; défaites d'abord celle qui est fausse",
    ) -> None:
        super().__init__(why)


class Separated(Contradicts):
    """Raised for a decision that would make one household of two households recorded as separated adults."""

    def __init__(self) -> None:
        super().__init__(
            "ces deux ménages ont été dits séparés, et ne seront pas réunis ainsi : s'ils vivent de nouveau ensemble, "
            "le logiciel du SIAO le dit (« menage.reuni »)"
        )


class Decided(Permanent):
    """Raised for a decision about a pair for which somebody has just taken the opposite decision."""

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
    """Record the decision of `actor` that two households are one household (`same`), or that they are two.
    `siao` is the SIAO for which `actor` decides; None for the hub's team. Return False for an unknown pair, or
    if this decision is already recorded.

    `asked` says that `actor` was asked to decide: raises Decided if somebody has taken the opposite decision
    about the pair since. Raises Contradicts for a decision that contradicts decisions about other pairs.
    """
    async with database.transaction() as connection:
        if asked:
            await _refuse_if_decided_otherwise(connection, (one, other), same)
        return await _decided(connection, (one, other), same, actor, why, siao)


async def take_back(
    database: Database, pair: Pair, same: bool, actor: str, why: str, *, siao: str, agreed: bool
) -> bool:
    """Record the decision that two households are one household (`same`), or that they are two, in place of the
    opposite decision. Return False for an unknown pair, or if the new decision is already recorded.

    Raises Contradicts for a decision that contradicts decisions about other pairs. Raises NotAgreed if somebody
    other than `actor` took the opposite decision, unless `agreed` says that this person agrees.
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
    """Record the decision of the referent `actor` that the two households of a pair are one (`same`), or that
    they are two. One of them is protected. The pair is stored without SIAO, so that no SIAO is asked about it;
    `siao` is the SIAO for which the referent decides. Return False if this decision is already recorded.

    Raises Decided if the opposite decision about the pair was taken before, Contradicts for a decision that
    contradicts decisions about other pairs.
    """
    async with database.transaction() as connection:
        await _refuse_if_decided_otherwise(connection, (pair.menage, pair.autre), same)
        await store.propose(connection, pair.menage, pair.autre, pair.indices, ())
        return await _decided(connection, (pair.menage, pair.autre), same, actor, why, siao)


async def note(connection: Connection, pair: Pair, kind: type[Contrat], by: str, at: datetime) -> None:
    """Record the decision about a pair that the SIAO `by` took by a message of the type `kind`. A decision that
    contradicts decisions about other pairs is not recorded, but logged.

    If the message says that the households have separated, confirmed pairs may still connect them through other
    households. These pairs become undecided again.
    """
    try:
        async with connection.transaction():
            if kind in OF_ITS_OWN:
                await store.propose(connection, *pair, (), (by,))
            await _recorded(connection, pair, DECIDED[kind], by, at, SEPARATED.get(kind))
    except Contradicts:
        logger.warning("duplicates.contradicts", menage=str(pair[0]), autre=str(pair[1]), partner=by)


async def _refuse_if_decided_otherwise(connection: Connection, pair: Pair, same: bool) -> None:
    """Raise Decided if the decision about the pair is already the opposite of `same`. Otherwise lock decisions
    until the end of the transaction."""
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
    """Record the decision `etat` about a pair, taken by `by`. Return False for an unknown pair, or if this
    decision is already recorded.

    With `separated`, the households have separated: confirmed pairs that still connect them through other
    households become undecided again. Raises Separated if `etat` would make one household of separated adults,
    Contradicts for a decision that contradicts decisions about other pairs.
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
