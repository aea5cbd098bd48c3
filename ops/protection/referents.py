"""Appoint referents, and tell which households they may find. A referent is a person who, for a limited time,
may find one protected household, or all those of a SIAO, and compare them with other households."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from contracts.errors import Permanent
from contracts.partner import Famille
from ops.protection import sql
from router.domain.partners import Registry
from router.store import keys
from router.store.audit import record
from router.store.database import Connection, Database, Row

LONGEST = timedelta(days=366)
NAMED, ENDED = "protection.nommer", "protection.retirer"
OF_THE_CONSOLE = "console:"
"""The prefix of a person's name in the audit."""


class Entrusted(NamedTuple):
    """The protected households that a referent may find."""

    menages: frozenset[UUID] = frozenset()
    siaos: frozenset[str] = frozenset()
    """The SIAO whose protected households the referent may all find."""

    @classmethod
    def of(cls, rows: Iterable[Row], registry: Registry) -> "Entrusted":
        """Return what the appointments `rows` of a referent allow them to find: single households, and all
        protected households of certain SIAO. A merged SIAO is replaced by its successor."""
        named = list(rows)
        return cls(
            frozenset(row.menage for row in named if row.menage is not None),
            frozenset(registry.present(row.siao) for row in named if row.siao is not None),
        )

    def covers(self, menage: UUID, siao: str) -> bool:
        """Return whether the referent may find the household `menage`. `siao` is the SIAO responsible for
        it."""
        return menage in self.menages or siao in self.siaos


class Naming(NamedTuple):
    """The appointment of a referent, for one household (`menage`) or for all protected households of a SIAO
    (`siao`)."""

    personne: str
    menage: UUID | None
    siao: str | None
    ends_at: datetime


async def entrusted(connection: Connection, actor: str, registry: Registry) -> Entrusted:
    """Return the protected households that the referent `actor` may find now."""
    return Entrusted.of(await sql.live(connection, actor), registry)


async def name(database: Database, registry: Registry, naming: Naming, actor: str, why: str) -> UUID:
    """Appoint a referent for one household, or for all protected households of a SIAO. Return the
    appointment's id. Raises Permanent, with a French text, if the appointment is invalid."""
    check(naming, registry, datetime.now(UTC))
    ident, personne = uuid4(), named(naming.personne)
    async with database.transaction() as connection:
        if naming.menage is not None and not await keys.hold(connection, [naming.menage]):
            raise Permanent(f"« {naming.menage} » : aucun ménage connu sous cet identifiant, ou oublié")
        await sql.name(connection, ident, personne, naming.menage, naming.siao, naming.ends_at)
        detail = {"personne": personne, "jusqu_au": naming.ends_at.isoformat(), "motif": why}
        await record(connection, actor, NAMED, str(naming.menage or naming.siao), detail)
    return ident


async def end(database: Database, ident: UUID, actor: str, why: str) -> None:
    """End a referent's appointment. Raises Permanent if the appointment is unknown, or was ended before."""
    async with database.transaction() as connection:
        row = await sql.end(connection, ident)
        if row is None:
            raise Permanent(f"« {ident} » : aucune désignation sous cet identifiant, ou elle est finie")
        detail = {"personne": row.personne, "motif": why}
        await record(connection, actor, ENDED, str(row.menage or row.siao), detail)


def named(personne: str) -> str:
    """Return a person's identifier as the audit writes it: with « console: » in front, unless it already
    begins so."""
    return personne if personne.startswith(OF_THE_CONSOLE) else f"{OF_THE_CONSOLE}{personne}"


def check(naming: Naming, registry: Registry, now: datetime) -> None:
    """Raise Permanent, with a French text, if an appointment is invalid. A valid appointment is either for a
    household or for a SIAO of the registry, and ends in the future, within a year."""
    if (naming.menage is None) == (naming.siao is None):
        raise Permanent("dites --menage ou --siao, l'un des deux")
    if naming.siao is not None:
        siao = registry.get(naming.siao)
        if siao is None or siao.famille is not Famille.SIAO:
            raise Permanent(f"« {naming.siao} » n'est pas un SIAO du registre")
    if not now < naming.ends_at <= now + LONGEST:
        raise Permanent("--jusqu-au est un jour à venir, d'ici un an au plus : au-delà, nommez à nouveau")
