"""Output of `siao-hub menage oublier`, which forgets a household."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from rich.markup import escape

from contracts.base import Nature
from contracts.mots import NOMS
from contracts.plurals import many
from ops.copies.copies import remaining
from ops.forgetting import sql as together
from ops.forgetting.erasing import Extent, OtherIds, chosen, forget
from ops.forgetting.journal import Journal
from ops.forgetting.tied import Tied, TiedIds
from ops.terminal.printing import opened, report
from router.domain.partners import Registry
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection

NOTHING = (
    "[red]✗[/] rien à oublier : ménage inconnu (l'ID est celui du champ « menage » d'un envoi, ou avec --de, "
    "celui que ce partenaire lui donne), ou déjà oublié"
)
COPIES = "Des copies restent :"
_ONE_OR_SEVERAL = (
    "[red]✗[/] rien n'est oublié : une demande ou une orientation lie ce ménage à d'autres identifiants",
    "Si c'est un seul ménage, répétez avec --ensemble ; si elle a été citée par erreur, avec --seul, "
    "pour chaque identifiant à oublier",
)


async def forget_menage(
    settings: Settings,
    said: str,
    partner: str | None,
    actor: str,
    as_json: bool,
    *,
    force: bool,
    extent: str | None = None,
) -> int:
    """Forget the household with the id `said`, and print where copies of its data remain. With `partner`, the id
    is the one that this partner gives the household. Without `partner`, it is the hub's, or any partner's if it
    means one household only. Return exit code 1 if nothing was forgotten, else 0.

    * `extent` is needed if other ids are linked to the household: « seul » forgets the household under this
      id alone, « ensemble » under all linked ids. Without `extent`, print the linked ids, and forget nothing.
    * `force` forgets the household even if an answer or a decision about it is awaited.
    """
    how = Extent(extent) if extent else None
    async with opened(settings) as database:
        async with database.transaction() as connection:
            registry = await registry_store.read(connection)
            ident = await _household(connection, settings, registry, said, partner)
            if ident is None:
                return _report(as_json, 0, (), [], [NOTHING])
            tied = await together.tied_ids(connection, ident)
            try:
                menages = chosen(tied, how)
            except OtherIds:
                return _report(
                    as_json, 0, (), [], [_ONE_OR_SEVERAL[0], *_others(tied), _ONE_OR_SEVERAL[1]], tied.others
                )
            left = await remaining(connection, menages, registry, settings, datetime.now(UTC))
        destroyed = await forget(database, Journal.of(settings), ident, actor, force=force, extent=how)
    if not destroyed:
        return _report(as_json, 0, (), left, [NOTHING])
    lines = [*_done(tied, how, menages, destroyed), COPIES, *(f"  • {escape(line)}" for line in left)]
    others = () if how is Extent.TOGETHER else tied.others
    return _report(as_json, destroyed, menages, left, lines, others)


def _done(tied: TiedIds, how: Extent | None, menages: Sequence[UUID], destroyed: int) -> list[str]:
    keys = many(destroyed, "clé détruite")
    if not tied.others:
        return [f"[green]✓[/] ménage oublié : {keys}"]
    if how is Extent.TOGETHER:
        named = (f"  • {menage}" for menage in menages)
        return [f"[green]✓[/] ménage oublié, sous tous ses identifiants : {keys}", *named]
    return [
        f"[green]✓[/] ménage oublié sous ce seul identifiant : {keys}",
        "[yellow]Ne sont pas oubliés[/], liés par une demande ou une orientation :",
        *_others(tied),
    ]


def _report(
    as_json: bool,
    destroyed: int,
    menages: Sequence[UUID],
    left: Sequence[str],
    lines: Sequence[str],
    others: Sequence[UUID] = (),
) -> int:
    facts = {
        "cles_detruites": destroyed,
        "oublies": menages,
        "autres_identifiants": others,
        "copies": left,
    }
    return report(as_json, facts, *lines, done=destroyed > 0)


def _others(tied: TiedIds) -> list[str]:
    lines = []
    for other in tied.others:
        line = f"  • {other}"
        if (tie := tied.tie_of(other)) is not None:
            cited, citing = tie
            line += f" : {_named(cited)}, apportée par « {cited.emetteur} » sous {cited.menage}"
            line += f", que cite : {_named(citing)}, du ménage {citing.menage}"
        lines.append(escape(line))
    return lines


def _named(each: Tied) -> str:
    return f"{NOMS[Nature(str(each.nature))]} {each.id}"


async def _household(
    connection: Connection, settings: Settings, registry: Registry, said: str, partner: str | None
) -> UUID | None:
    crosswalk = Crosswalk(Keyring.of(settings))
    partners = [partner] if partner else list(registry.partners)
    called = await crosswalk.known(connection, partners, said, [Nature.MENAGE])
    if partner is None and not called:
        with suppress(ValueError):
            called = [UUID(said)]
    return called[0] if len(called) == 1 else None
