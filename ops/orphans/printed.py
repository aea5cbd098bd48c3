"""Output of the commands `siao-hub orphelins`, which list orphan answers and record decisions."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from rich.table import Table
from rich.text import Text

from contracts.base import name_of
from contracts.mots import etat_of
from contracts.plurals import many
from ops.orphans.deciding import Case, Desk
from ops.orphans.likely import Likely
from ops.status.quantities import ago
from ops.terminal.printing import aged, console, in_json_list, opened, print_cut, report
from router.privacy.keyring import Keyring
from router.settings import Settings

MOST_LIKELY = 3


async def show(settings: Settings, partner: str | None, most: int, as_json: bool) -> int:
    """Print at most `most` undecided orphan answers, oldest first. With `partner`, print those of this
    partner only. Return exit code 0."""
    now = datetime.now(UTC)
    async with opened(settings) as database:
        among = None if partner is None else [partner]
        cases = await Desk(database, Keyring.of(settings)).cases(among, now, most + 1)
    if as_json:
        in_json_list([_as_data(case) for case in cases], most)
    elif cases:
        console.print(_table(cases[:most], now))
        print_cut(cases, most, "plus anciennes")
        console.print("[dim]« siao-hub orphelins rattacher REPONSE ENVOI --motif … » en décide[/]")
    else:
        console.print("[green]✓[/] aucune réponse orpheline")
    return 0


async def attach(settings: Settings, event: UUID, envoi: UUID, actor: str, why: str, as_json: bool) -> int:
    """Attach the orphan answer `event` to the referral or candidacy `envoi`, and print the new event's id.
    Return exit code 0."""
    async with opened(settings) as database:
        new = await Desk(database, Keyring.of(settings)).attach(event, envoi, actor, why)
    line = f"[green]✓[/] rattachée à {envoi} ; « siao-hub trace {envoi} » dit ce qu'il en advient"
    return report(as_json, {"evenement": str(new), "envoi": str(envoi)}, line)


async def close(settings: Settings, event: UUID, actor: str, why: str, as_json: bool) -> int:
    """Close the orphan answer `event`: it will never have an effect. Print that it is closed. Return exit
    code 0."""
    async with opened(settings) as database:
        await Desk(database, Keyring.of(settings)).close(event, actor, why)
    return report(as_json, {"reponse": str(event)}, "[green]✓[/] classée")


def _table(cases: Sequence[Case], now: datetime) -> Table:
    table = aged()
    for case in cases:
        said = Text(f"{name_of(case.waiting.type)}, de {case.waiting.partner}\n", style="red")
        said.append(f"{case.waiting.event}\n", style="dim")
        for line in _candidates(case) or ["aucun envoi ouvert chez cet expéditeur"]:
            said.append(f"{line}\n", style="default")
        table.add_row(ago(case.waiting.since, now), said)
    return table


def _candidates(case: Case) -> list[str]:
    lines = [line for each in case.likely[:MOST_LIKELY] for line in _lines(case, each)]
    if others := len(case.likely[MOST_LIKELY:]):
        lines.append(
            f"… et {many(others, 'envoi moins probable', 'envois moins probables')} (--json les dit)"
        )
    return lines


def _lines(case: Case, likely: Likely) -> Iterator[str]:
    envoi = likely.envoi
    name = f" ({case.names[envoi.id]})" if envoi.id in case.names else ""
    yield f"→ {envoi.id}{name}, {etat_of(envoi.NATURE, envoi.etat)}"
    if likely.reasons:
        yield f"  {' ; '.join(likely.reasons)}"


def _as_data(case: Case) -> dict[str, object]:
    likely = [
        {"envoi": str(each.envoi.id), "nom": case.names.get(each.envoi.id), "raisons": each.reasons}
        for each in case.likely
    ]
    waiting = case.waiting
    return {
        "reponse": str(waiting.event),
        "partenaire": waiting.partner,
        "type": name_of(waiting.type),
        "depuis": waiting.since.isoformat(),
        "message": str(waiting.message),
        "envois": likely,
    }
