"""Forgetting a household, at the command line."""

from uuid import UUID

from router.cli.terminal import opened, told
from router.ops.forgetting import forget
from router.settings import Settings


async def forget_menage(settings: Settings, menage: UUID, actor: str, as_json: bool, *, force: bool) -> int:
    """Destroy a household's keys."""
    async with opened(settings) as database:
        destroyed = await forget(database, settings.erasures_file, menage, actor, force=force)
    line = (
        f"[green]✓[/] ménage oublié : {destroyed} clé(s) détruite(s)"
        if destroyed
        else "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » des envois), ou déjà oublié"
    )
    return told(as_json, {"cles_detruites": destroyed}, line, done=bool(destroyed))
