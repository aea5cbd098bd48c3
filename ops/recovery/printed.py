"""`siao-hub recover`: recover after a restore of the database."""

from datetime import datetime

from contracts.plurals import counted, many
from ops.recovery.reading import recover
from ops.status.quantities import here
from ops.terminal.printing import opened, report
from router.settings import Settings


async def recover_since(settings: Settings, since: datetime, actor: str, as_json: bool) -> int:
    """Repeat the erasures, and apply the events that the bus has and the database has lost."""
    async with opened(settings) as database:
        since = here(since)
        done = await recover(settings, database, since, actor)
    facts = {
        "depuis": since,
        "cles_detruites": done.erased,
        "cles_reprises": done.keys,
        "enregistrements_relus": done.records,
    }
    audit = []
    if done.restarts_at is not None:
        audit = [
            f"[yellow]![/] l'audit repart du maillon {done.restarts_at} : ce qui a été signé après ne compte plus. "
            "« siao-hub audit verify » montrera cette reprise ; comptez-la dans --reprises"
        ]
    reread = many(done.records, "enregistrement du bus relu", "enregistrements du bus relus")
    return report(
        as_json,
        {**facts, "audit_repris_au_maillon": done.restarts_at},
        *audit,
        f"[green]✓[/] depuis {since.isoformat(' ', 'seconds')} : {many(done.erased, 'clé détruite')} de nouveau",
        f"[green]✓[/] clés et identifiants repris de la réplique : {counted(done.keys)}",
        f"[green]✓[/] {reread} : démarrez le hub",
    )
