"""Forgetting a household, at the command line."""

from uuid import UUID

from router.cli.terminal import console, opened
from router.ops.forgetting import forget
from router.settings import Settings


async def forget_menage(settings: Settings, menage: UUID, actor: str, force: bool) -> int:
    """Destroy a household's keys."""
    async with opened(settings) as database:
        destroyed = await forget(database, settings.erasures_file, menage, actor, force=force)
    if not destroyed:
        console.print(
            "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » des envois), ou déjà oublié"
        )
        return 1
    console.print(f"[green]✓[/] ménage oublié : {destroyed} clé(s) détruite(s)")
    return 0
