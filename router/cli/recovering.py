"""After a restoration, at the command line."""

from datetime import datetime

from router.cli.terminal import console, opened
from router.ops.recovery import recover
from router.settings import Settings


async def recover_since(settings: Settings, since: datetime, actor: str) -> int:
    """Erase again, and take in again what the bus knows."""
    async with opened(settings) as database:
        done = await recover(settings, database, since, actor)
    console.print(
        f"[green]✓[/] depuis {since.isoformat(' ', 'seconds')} : {done.erased} clé(s) détruite(s) de nouveau"
    )
    console.print(f"[green]✓[/] {done.records} enregistrement(s) du bus relu(s) : démarrez le hub")
    return 0
