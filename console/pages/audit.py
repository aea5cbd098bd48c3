"""«Audit»: the acts of people, and the proof that nothing of them was changed or removed."""

from datetime import timedelta

from fastapi import Request, Response

from console.rendering import now, page
from console.visit import Auditeur, Visite, closed
from ops.audit.proving import Verdict, gathered, verify
from router.store import audit as store

router = closed()
LISTED = 100


@router.get("/audit")
async def audit(
    request: Request, visite: Auditeur, acteur: str = "", action: str = "", objet: str = "", jours: int = 7
) -> Response:
    """Show the acts of people, newest first. Only for visitors who see all partners."""
    visite.needs(None)
    asked: dict[str, str | int] = {
        "acteur": acteur,
        "action": action,
        "objet": objet,
        "jours": min(max(1, jours), 366),
    }
    return await _shown(request, visite, asked, None)


@router.post("/audit/preuve")
async def prove(request: Request, visite: Auditeur) -> Response:
    """Check the whole audit against its signed heads. Raises Misconfigured if this machine has no public key of the
    audit."""
    visite.needs(None)
    verdict = await verify(visite.parts.database, await gathered(visite.parts.settings), now())
    return await _shown(request, visite, {"acteur": "", "action": "", "objet": "", "jours": 7}, verdict)


async def _shown(
    request: Request, visite: Visite, asked: dict[str, str | int], verdict: Verdict | None
) -> Response:
    wanted = store.Wanted(
        str(asked["acteur"]) or None,
        str(asked["action"]) or None,
        str(asked["objet"]) or None,
        now() - timedelta(days=int(asked["jours"])),
        people=True,
    )
    async with visite.parts.database.transaction() as connection:
        rows = await store.search(connection, wanted, LISTED)
    return page(request, visite, "audit.html", lignes=rows, demande=asked, preuve=verdict)
