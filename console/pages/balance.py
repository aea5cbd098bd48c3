"""Page «Compte»: accepted events and due deliveries against their outcomes, with the ids of what is lost."""

from datetime import timedelta

from fastapi import Request, Response

from console.rendering import now, page
from console.visit import Auditeur, closed
from ops.balance.balanced import balance
from ops.balance.printed import not_counted, sentence
from ops.balance.rules import Account

router = closed()
DAYS = (1, 7, 30, 90)


@router.get("/compte")
async def accounts(request: Request, visite: Auditeur, jours: int = 0) -> Response:
    """Show what became of all events and deliveries of the last `jours` days, and which are lost. If `jours` is
    not in `DAYS`, only show the choice of periods. Raises 404 unless the visitor may see all partners."""
    visite.needs(None)
    until = now()
    worded: list[tuple[Account, str]] = []
    unknown = ""
    if jours in DAYS:
        found = await balance(visite.parts.database, until - timedelta(days=jours), until)
        worded = [(account, sentence(account)) for account in found.accounts]
        unknown = not_counted(found.counted_to, until) if found.counted_to < until else ""
    return page(request, visite, "compte.html", comptes=worded, inconnu=unknown, jours=jours, durees=DAYS)
