"""«Audit»: the acts of people, and the proof that none of them was changed or removed."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import Request, Response

from console.exporting import EXPORTED, Export, csv_of
from console.rendering import now, page
from console.visit import Auditeur, Visite, closed
from ops.audit.proving import Verdict, gathered, verify
from router.domain.audit_chain import Entry
from router.store import audit as store

router = closed()
LISTED = 100


@router.get("/audit")
async def audit(
    request: Request,
    visite: Auditeur,
    acteur: str = "",
    action: str = "",
    objet: str = "",
    jours: int = 7,
    avant: int | None = None,
    csv: Export = False,
) -> Response:
    """Show the acts of people, newest first. Only for visitors who see all partners."""
    visite.needs(None)
    asked: dict[str, str | int] = {
        "acteur": acteur,
        "action": action,
        "objet": objet,
        "jours": min(max(1, jours), 366),
    }
    if csv:
        return await csv_of("audit", map(exported, await _found(visite, asked, avant, EXPORTED)))
    return await _shown(request, visite, asked, None, avant)


@router.post("/audit/preuve")
async def prove(request: Request, visite: Auditeur) -> Response:
    """Check the whole audit against its signed heads. Raises Misconfigured if this machine has no public key of the
    audit."""
    visite.needs(None)
    verdict = await verify(visite.parts.database, await gathered(visite.parts.settings), now())
    return await _shown(request, visite, {"acteur": "", "action": "", "objet": "", "jours": 7}, verdict)


def exported(entry: Entry) -> dict[str, object]:
    """Return an act as a line of a spreadsheet. Pure."""
    detail = " · ".join(f"{name} : {value}" for name, value in entry.detail.items() if value)
    return {"le": entry.at, "qui": entry.actor, "quoi": entry.action, "sur": entry.object, "detail": detail}


async def _shown(
    request: Request,
    visite: Visite,
    asked: dict[str, str | int],
    verdict: Verdict | None,
    before: int | None = None,
) -> Response:
    rows = await _found(visite, asked, before, LISTED)
    return page(
        request,
        visite,
        "audit.html",
        lignes=rows,
        demande=asked,
        preuve=verdict,
        pleine=len(rows) == LISTED,
    )


async def _found(
    visite: Visite, asked: dict[str, str | int], before: int | None, most: int
) -> Sequence[Entry]:
    wanted = store.Wanted(
        str(asked["acteur"]) or None,
        str(asked["action"]) or None,
        str(asked["objet"]) or None,
        now() - timedelta(days=int(asked["jours"])),
        people=True,
        before=before,
    )
    async with visite.parts.database.transaction() as connection:
        return await store.search(connection, wanted, most)
