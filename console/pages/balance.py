"""Serve the page «Compte», which compares accepted events and due deliveries with what became of them, and
gives the ids of what is lost."""

from datetime import timedelta

from fastapi import Request, Response

from console.rendering import now, page
from console.visit import Auditeur, closed
from ops.balance.balanced import balance
from ops.balance.printed import not_counted, sentence
from ops.balance.rules import Account

router = closed()
DAYS = (1, 7, 30, 90)
PAGE_SECONDS = 20.0
"""Seconds after which the page shows what is counted so far, before a proxy or the reader gives up."""


@router.get("/compte")
async def accounts(request: Request, visite: Auditeur, jours: int = 0) -> Response:
    """Show what became of the events and deliveries of the last `jours` days, and which are lost. If `jours` is
    0, or a number that the page does not offer, show only the form that asks for the period. Raises 404 unless
    the visitor may see all partners."""
    visite.needs(None)
    until = now()
    worded: list[tuple[Account, str]] = []
    unknown = ""
    if jours in DAYS:
        found = await balance(visite.parts.database, until - timedelta(days=jours), until, PAGE_SECONDS)
        if found.counted_to < until:
            unknown = not_counted(found.counted_to, until, _instead(jours))
        if not unknown or any(account.total for account in found.accounts):
            worded = [(account, sentence(account)) for account in found.accounts]
    return page(request, visite, "compte.html", comptes=worded, inconnu=unknown, jours=jours, durees=DAYS)


def _instead(days: int) -> str:
    shorter = "choisissez une période plus courte, ou " if days > min(DAYS) else ""
    command = f"tapez « siao-hub compte --depuis {days}j », qui n'a pas cette limite"
    return f"la page ne compte que {PAGE_SECONDS:.0f} s ; {shorter}{command}"
