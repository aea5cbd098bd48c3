"""To forget a household: whom an id names, what was destroyed, and where copies remain."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from contracts.base import Nature
from router.cli.terminal import console, opened
from router.domain.partners import Registry
from router.ops.copies import remaining
from router.ops.forgetting import forget
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection


async def forget_menage(settings: Settings, said: str, partner: str | None, actor: str, force: bool) -> int:
    """Destroy a household's keys, and tell where copies remain."""
    async with opened(settings) as database:
        async with database.transaction() as connection:
            registry = await registry_store.read(connection)
            menage = await _household(connection, settings, registry, said, partner)
            left = (
                await remaining(connection, menage, registry, settings, datetime.now(UTC)) if menage else []
            )
        destroyed = (
            await forget(database, settings.erasures_file, menage, actor, force=force) if menage else 0
        )
    if not destroyed:
        console.print(
            "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » d'un envoi, ou avec --de, "
            "celui que ce partenaire lui donne), ou déjà oublié"
        )
        return 1
    console.print(f"[green]✓[/] ménage oublié : {destroyed} clé(s) détruite(s)")
    console.print("Des copies restent :")
    for line in left:
        console.print(f"  • {line}", highlight=False, markup=False, soft_wrap=True)
    return 0


async def _household(
    connection: Connection, settings: Settings, registry: Registry, said: str, partner: str | None
) -> UUID | None:
    """The household that a partner calls so, or any of them; else the one of this id of ours."""
    crosswalk = Crosswalk(Keyring.of(settings))
    partners = [partner] if partner else list(registry.partners)
    called = await crosswalk.known(connection, partners, said, [Nature.MENAGE])
    if len(called) == 1:
        return called.pop()
    with suppress(ValueError):
        return UUID(said)
    return None
