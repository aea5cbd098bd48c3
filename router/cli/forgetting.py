"""To forget a household: whom an id names, what was destroyed, and where copies remain."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from rich.markup import escape

from contracts.base import Nature
from router.cli.terminal import opened, report
from router.domain.partners import Registry
from router.ops.copies import remaining
from router.ops.forgetting import forget
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection

NOTHING = (
    "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » d'un envoi, ou avec --de, "
    "celui que ce partenaire lui donne), ou déjà oublié"
)


async def forget_menage(
    settings: Settings, said: str, partner: str | None, actor: str, as_json: bool, *, force: bool
) -> int:
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
    facts = {"cles_detruites": destroyed, "copies": left}
    if not destroyed:
        return report(as_json, facts, NOTHING, done=False)
    copies = (f"  • {escape(line)}" for line in left)
    return report(
        as_json,
        facts,
        f"[green]✓[/] ménage oublié : {destroyed} clé(s) détruite(s)",
        "Des copies restent :",
        *copies,
    )


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
