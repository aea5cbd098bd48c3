"""Output of `siao-hub compte`, which tells what became of accepted events and due deliveries."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.text import Text

from contracts.plurals import counted
from ops.balance.balanced import COUNT_SECONDS, WINDOW, balance
from ops.balance.rules import Account
from ops.status.quantities import day_and_hour, here
from ops.terminal.printing import console, in_json, opened
from router.settings import Settings

SLOW = (
    f"le compte du premier jour a dépassé {COUNT_SECONDS:.0f} s ; recommencez quand la base a moins à faire, ou heure "
    "par heure"
)


async def show(settings: Settings, since: datetime | None, until: datetime | None, as_json: bool) -> int:
    """Print how many events were accepted in a period, how many deliveries were due, and what became of them.
    `until` defaults to now, `since` to a day before `until`. Return exit code 1 if events or deliveries are
    lost, 2 if a part of the period could not be counted in time, else 0."""
    async with opened(settings) as database:
        end = here(until or datetime.now(UTC))
        begin = here(since) if since else end - WINDOW
        found = await balance(database, begin, end)
    unknown = found.counted_to < end
    if as_json:
        in_json(
            {
                "depuis": begin,
                "jusqu_a": end,
                "compte_jusqu_a": found.counted_to,
                "comptes": [_as_data(each) for each in found.accounts],
            }
        )
    else:
        console.print(f"[dim]du {day_and_hour(begin)} au {day_and_hour(found.counted_to)}[/]")
        for account in found.accounts:
            for line in _lines(account, unknown=unknown):
                console.print(line)
        if unknown:
            console.print(f"[yellow]?[/] {not_counted(found.counted_to, end, SLOW)}")
    return 1 if not all(each.even for each in found.accounts) else 2 if unknown else 0


def not_counted(since: datetime, until: datetime, why: str) -> str:
    """Return a French sentence which says that a period could not be counted. `why` is French text with the
    reason and what to do."""
    return f"inconnu du {day_and_hour(since)} au {day_and_hour(until)} : {why}"


def sentence(account: Account) -> str:
    """Return the counts as a French equation, such as « accepté 12 = appliqué 11 + en attente 1 »."""
    parts = " + ".join(f"{fate} {counted(number)}" for fate, number in account.fates.items())
    return f"{account.name} {counted(account.total)} {'=' if account.even else '≠'} {parts or '0'}"


def _lines(account: Account, *, unknown: bool) -> Iterator[Text]:
    mark = "✗" if not account.even else "?" if unknown else "✓"
    yield Text(f"{mark} {sentence(account)}", style="" if account.even else "red")
    for difference in account.differences:
        yield Text(f"  {counted(difference.number)} × {difference.fault} :", style="red")
        for ident in difference.ids:
            yield Text(f"    {ident}")


def _as_data(account: Account) -> dict[str, object]:
    return {
        "compte": account.name,
        "total": account.total,
        "juste": account.even,
        "sorts": account.fates,
        "differences": [
            {"faute": each.fault, "nombre": each.number, "ids": each.ids} for each in account.differences
        ],
    }
