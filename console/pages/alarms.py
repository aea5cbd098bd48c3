"""Serve the page «Alertes», which lists alarms, and the pages of the on-call handbook."""

from fastapi import Request, Response

from console import astreinte
from console.exporting import Columns, csv_of
from console.pages.paging import Voir
from console.rendering import page
from console.visit import Veilleur, closed, not_found
from ops.alarms import sql as store
from ops.alarms.rules import Alarm, Rules

router = closed()
LISTED = 100
ETATS = {"ouverte": "ouvertes", "finie": "finies"}


@router.get("/alertes")
async def alarms(
    request: Request, visite: Veilleur, vue: Voir, etat: str = "", partenaire: str = ""
) -> Response:
    """Show the alarms that are open or ended in the last day, newest first. `etat`, if given, leaves only the
    alarms in this state; `partenaire`, only the alarms about this partner."""
    async with visite.parts.database.transaction() as connection:
        known = await store.known(connection)
    seen = [
        alarm
        for alarm in known
        if alarm.started_at
        and visite.portee.sees(_about(alarm))
        and partenaire in ("", _about(alarm))
        and etat in ("", _state(alarm))
    ]
    seen.sort(key=lambda alarm: alarm.first_seen, reverse=True)
    rule_of = visite.parts.rules
    if vue.csv:
        return await csv_of("alertes", _columns(rule_of), seen)
    shown, part = vue.cut(seen, LISTED)
    return page(
        request,
        visite,
        "alertes.html",
        lignes=[(alarm, rule_of[alarm.code]) for alarm in shown],
        part=part,
        etat=etat,
        etats=ETATS,
        partenaire=partenaire,
        partenaires=visite.names(),
    )


def _about(alarm: Alarm) -> str:
    return alarm.about.partition(" ")[0]


def _state(alarm: Alarm) -> str:
    return "finie" if alarm.ended_at else "ouverte"


def _columns(rules: Rules) -> Columns[Alarm]:
    return {
        "etat": _state,
        "alerte": lambda alarm: rules[alarm.code].titre,
        "objet": lambda alarm: alarm.about,
        "constat": lambda alarm: alarm.sentence,
        "depuis": lambda alarm: alarm.began,
        "finie": lambda alarm: alarm.over_at,
    }


@router.get("/alertes/{ident}")
async def what_to_do(request: Request, visite: Veilleur, ident: str) -> Response:
    """Show the page of the on-call handbook with the file name `ident`. Raises 404 for an unknown page."""
    known = astreinte.pages().get(ident)
    if known is None:
        raise not_found()
    return page(request, visite, "astreinte.html", conduite=known)
