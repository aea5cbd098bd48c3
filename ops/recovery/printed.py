"""Output of `siao-hub recover`."""

from datetime import datetime

from contracts.plurals import counted, many
from ops.recovery.reading import recover
from ops.terminal.printing import console, moment_of, opened, report
from router.settings import Settings


async def recover_since(settings: Settings, since: datetime, actor: str, as_json: bool) -> int:
    """Bring back what the database lost when it went back to the moment `since`, and print how much that was.
    Return exit code 0."""
    async with opened(settings) as database:
        since = await moment_of(database, since)
        if not as_json:
            console.print(f"reprise depuis {since.isoformat(' ', 'seconds')}")
        done = await recover(settings, database, since, actor)
    facts = {
        "depuis": since,
        "cles_detruites": done.erased,
        "cles_reprises": done.keys,
        "enregistrements_relus": done.records,
    }
    reread = many(done.records, "enregistrement du bus relu", "enregistrements du bus relus")
    return report(
        as_json,
        facts,
        f"[green]✓[/] {many(done.erased, 'clé détruite')} de nouveau",
        f"[green]✓[/] clés et identifiants repris de la réplique : {counted(done.keys)}",
        f"[green]✓[/] {reread} : démarrez le hub",
    )
