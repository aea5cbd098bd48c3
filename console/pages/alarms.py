"""«Alertes»: what somebody was told of, since when, and whether it is over."""

from fastapi import APIRouter, Request, Response

from console.rendering import page
from console.visit import Veilleur
from router.ops.alarm_rules import rules
from router.store import alarms as store

router = APIRouter()


@router.get("/alertes")
async def alarms(request: Request, visite: Veilleur) -> Response:
    """Open ones and those of the last day, the newest first; those about others' partners are not shown."""
    async with visite.parts.database.transaction() as connection:
        known = await store.known(connection)
    seen = [alarm for alarm in known if alarm.started_at and visite.portee.sees(alarm.about)]
    seen.sort(key=lambda alarm: alarm.first_seen, reverse=True)
    rule_of = rules(visite.parts.settings.alarms.rules_file)
    return page(request, visite, "alertes.html", lignes=[(alarm, rule_of[alarm.code]) for alarm in seen])
