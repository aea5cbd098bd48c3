"""Output of `siao-hub compte`: whether an event or a delivery is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.text import Text

from contracts.plurals import counted
from ops.balance.balanced import WINDOW, balance
from ops.balance.rules import Account
from ops.status.quantities import day_and_hour, here
from ops.terminal.printing import console, in_json, opened
from router.settings import Settings


async def show(settings: Settings, since: datetime | None, until: datetime | None, as_json: bool) -> int:
    """Print the accounts of accepted events and due deliveries for a period, by default the last day. Return
    1 if something is lost, else 0."""
    async with opened(settings) as database, database.transaction() as connection:
        end = here(until or datetime.now(UTC))
        begin = here(since) if since else end - WINDOW
        accounts = await balance(connection, begin, end)
    if as_json:
        in_json({"depuis": begin, "jusqu_a": end, "comptes": [_as_data(each) for each in accounts]})
    else:
        console.print(f"[dim]du {day_and_hour(begin)} au {day_and_hour(end)}[/]")
        for account in accounts:
            for line in _lines(account):
                console.print(line)
    return 0 if all(each.even for each in accounts) else 1


def sentence(account: Account) -> str:
    """Return an account as a French equation, such as « accepté 12 = appliqué 11 + en attente 1 »."""
    parts = " + ".join(f"{fate} {counted(number)}" for fate, number in account.fates.items())
    return f"{account.name} {counted(account.total)} {'=' if account.even else '≠'} {parts or '0'}"


def _lines(account: Account) -> Iterator[Text]:
    yield Text(f"{'✓' if account.even else '✗'} {sentence(account)}", style="" if account.even else "red")
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
