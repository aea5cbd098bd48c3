"""Serve the page «Mes tâches», which lists the partner's tasks, and the page «Sans réponse», which lists a
SIAO's unanswered referrals and candidacies."""

from fastapi import Request, Response

from console.bureau.here import desk_page, partner_of, said_just_now, working
from console.bureau.whom import Envoyes, just_sent
from console.rendering import now
from console.visit import Parleur, closed
from ops.desk.unanswered import SHOWN

router = closed()
LISTED = 100
"""Maximum number of unanswered messages whose households are named."""


@router.get("/bureau")
async def to_do(request: Request, visite: Parleur) -> Response:
    """Show the tasks of the visitor's partner, most urgent first."""
    partner = partner_of(visite)
    desk = visite.parts.desk
    desk.dossiers.mailbox.looked(partner.id)
    taches, has_more = await desk.todo.of(partner, visite.parts.registry(), now())
    about = {tache.sujet for tache in taches if tache.sujet}
    menages = await desk.reader.names(partner, about, visite.person.actor)
    said = await said_just_now(request, visite, partner)
    page = request, visite, partner, "a_faire.html"
    return desk_page(*page, taches=taches, d_autres=has_more, menages=menages, **said)


@router.get("/bureau/sans-reponse")
async def unanswered(request: Request, visite: Parleur, envoye: Envoyes = ()) -> Response:
    """Show the SIAO's unanswered referrals and candidacies, each with whom to call, overdue ones first.
    `envoye`: the referrals and candidacies that the visitor has just sent, shown at the top of the page."""
    partner = working(visite, "/bureau/sans-reponse")
    desk = visite.parts.desk
    waiting, has_more = await desk.unanswered.of(partner, visite.parts.registry(), now())
    menages = await desk.reader.names(
        partner, [each.subject.id for each in waiting[:LISTED]], visite.person.actor
    )
    envoyees = await just_sent(visite, partner, envoye)
    return desk_page(
        request,
        visite,
        partner,
        "sans_reponse.html",
        attentes=waiting,
        regardees=SHOWN if has_more else None,
        envoyees=envoyees,
        menages=menages,
        au_plus=LISTED,
    )
