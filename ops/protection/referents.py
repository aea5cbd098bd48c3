"""Referents: people appointed for a limited time to find protected households of their SIAO, and to compare
them with other SIAO's households."""

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
"""Prefix of people's names in the audit."""


class Entrusted(NamedTuple):
    """Protected households that a referent may find."""

    menages: frozenset[UUID] = frozenset()
    siaos: frozenset[str] = frozenset()
    """SIAO of which the referent may find all protected households."""

    @classmethod
    def of(cls, rows: Iterable[Row], registry: Registry) -> "Entrusted":
        """Return what a referent with the appointments `rows` may find: households, and SIAO with all their
        protected households. A merged SIAO is replaced by its successor."""
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
    """Appointment of a referent, for a household or for a whole SIAO."""

    personne: str
    menage: UUID | None
    siao: str | None
    ends_at: datetime


async def entrusted(connection: Connection, actor: str, registry: Registry) -> Entrusted:
    """Return the protected households that the referent `actor` may find now."""
    return Entrusted.of(await sql.live(connection, actor), registry)


async def name(database: Database, registry: Registry, naming: Naming, actor: str, why: str) -> UUID:
    """Appoint a referent for a household, or for all protected households of a SIAO. Return the appointment's
    id. Raises Permanent, in French, for an invalid appointment."""
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
    """End a referent's appointment. Raises Permanent if the appointment is unknown or has ended already."""
    async with database.transaction() as connection:
        row = await sql.end(connection, ident)
        if row is None:
            raise Permanent(f"« {ident} » : aucune désignation sous cet identifiant, ou elle est finie")
        detail = {"personne": row.personne, "motif": why}
        await record(connection, actor, ENDED, str(row.menage or row.siao), detail)


def named(personne: str) -> str:
    """Return a person's identifier as the audit writes it: with « console: » in front, if it does not begin so
    already. Pure."""
    return personne if personne.startswith(OF_THE_CONSOLE) else f"{OF_THE_CONSOLE}{personne}"


def check(naming: Naming, registry: Registry, now: datetime) -> None:
    """Raise Permanent, in French, for an invalid appointment. A valid one is for a household or for a SIAO of
    the registry, and ends in the future, within a year. Pure."""
    if (naming.menage is None) == (naming.siao is None):
        raise Permanent("dites --menage ou --siao, l'un des deux")
    if naming.siao is not None:
        siao = registry.get(naming.siao)
        if siao is None or siao.famille is not Famille.SIAO:
            raise Permanent(f"« {naming.siao} » n'est pas un SIAO du registre")
    if not now < naming.ends_at <= now + LONGEST:
        raise Permanent("--jusqu-au est un jour à venir, d'ici un an au plus : au-delà, nommez à nouveau")
