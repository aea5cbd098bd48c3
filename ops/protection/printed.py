"""Output of the commands `siao-hub protection`."""

from datetime import datetime, time, timedelta
from uuid import UUID

from ops.protection import sql as store
from ops.protection.referents import Naming, end, name, named
from ops.status.quantities import local
from ops.terminal.printing import moment_of, opened, report
from router.settings import Settings
from router.store import registry as registry_store
from router.store.audit import Wanted, search

UNKNOWN = (
    "[yellow]![/] l'audit ne connaît pas cette personne : vérifiez son identifiant, tel que « audit » le dit"
)


async def name_referent(
    settings: Settings,
    personne: str,
    menage: UUID | None,
    siao: str | None,
    last_day: datetime,
    actor: str,
    why: str,
    as_json: bool,
) -> int:
    """Appoint `personne` as a referent until the end of `last_day`, for one household (`menage`) or for all
    protected households of a SIAO (`siao`). Print the appointment's id. Return exit code 0."""
    async with opened(settings) as database:
        ends_at = await moment_of(
            database, datetime.combine(last_day + timedelta(days=1), time(tzinfo=last_day.tzinfo))
        )
        async with database.statement() as connection:
            registry = await registry_store.read(connection)
            known = await search(connection, Wanted(actor=named(personne)), 1)
        ident = await name(database, registry, Naming(personne, menage, siao, ends_at), actor, why)
    line = f"[green]✓[/] {ident} : {personne} est référent jusqu'au {last_day:%d/%m/%Y} compris"
    return report(as_json, {"designation": ident, "fin": ends_at}, line, *(() if known else (UNKNOWN,)))


async def end_referent(settings: Settings, ident: UUID, actor: str, why: str, as_json: bool) -> int:
    """End a referent's appointment, and print that it has ended. Return exit code 0."""
    async with opened(settings) as database:
        await end(database, ident, actor, why)
    return report(as_json, {"retiree": ident}, "[green]✓[/] ce n'est plus un référent, dès maintenant")


async def show(settings: Settings, as_json: bool) -> int:
    """Print the appointments of referents that have not ended, the first to end first. Return exit code 0."""
    async with opened(settings) as database, database.statement() as connection:
        rows = await store.live(connection)
    facts = [
        {
            "designation": row.id,
            "personne": row.personne,
            "menage": row.menage,
            "siao": row.siao,
            "depuis": row.named_at,
            "fin": row.ends_at,
        }
        for row in rows
    ]
    lines = [
        f"{row.id}  {row.personne}, {f'ménage {row.menage}' if row.menage else f'ménages de {row.siao}'}, "
        f"jusqu'au {last_day(row.ends_at)}"
        for row in rows
    ]
    return report(as_json, {"referents": facts}, *(lines or ["Aucun référent n'est nommé."]))


def last_day(ends_at: datetime) -> str:
    """Return the last day of a referent's appointment that ends at `ends_at`, in local time: « 24/11/2026 ».
    If `ends_at` is midnight, this is the day before."""
    return f"{local(ends_at - timedelta(seconds=1)):%d/%m/%Y}"
