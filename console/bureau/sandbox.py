"""Serve the page «Bac à sable», on which a partner asks the simulated SIAO to do a step."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from console.bureau.here import desk_page, partner_of
from console.visit import Parleur, Visite, closed, not_found
from contracts.partner import Famille, Partner
from ops.sandbox.http import Moved, NotSent, Sent, Transferred
from ops.sandbox.playing import Sandbox
from ops.sandbox.steps import PasTransfert
from router.domain.audience import BROUGHT_BY
from router.domain.sandbox import NEIGHBOUR, sandbox_of

router = closed()
NOT_PLAYED: Mapping[NotSent, str] = {
    NotSent.SANS_PLACE: "le SIAO simulé n'a nulle part où orienter : déposez d'abord une place libre",
    NotSent.PLACE_PRISE: "vos places sont prises : répondez d'abord à l'orientation qui en tient une",
    NotSent.SANS_DEMANDE: "vous n'avez aucune demande ouverte : déposez-en d'abord une",
    NotSent.SANS_TRANSFERT: "aucune demande n'attend cette réponse : proposez-en d'abord une au territoire "
    f"{NEIGHBOUR}",
    NotSent.SANS_STRUCTURE: "votre entrée n'a pas de structure où vous adresser quelqu'un : voyez avec l'équipe du hub",
}
NOTHING_TO_PLAY = (
    "le SIAO simulé n'a rien à jouer avec votre famille : déposez un fichier, puis regardez « Mes envois »"
)


@router.get("/bureau/bac-a-sable")
async def play(request: Request, visite: Parleur) -> Response:
    """Show what the partner may ask the simulated SIAO of its sandbox to do."""
    return _page(request, visite, _player(visite), "")


@router.post("/bureau/bac-a-sable")
async def move(
    request: Request, visite: Parleur, coup: Annotated[Literal["orienter", "suivre"] | PasTransfert, Form()]
) -> Response:
    """Make the simulated SIAO do the step `coup`, and show the page with its result. If the step is impossible,
    show why."""
    partner, parts = _player(visite), visite.parts
    sandbox = Sandbox(parts.database, parts.intake, parts.crosswalk)
    done: Sent | Moved | Transferred | NotSent
    match coup:
        case "orienter":
            done, then = await sandbox.send(partner, None), "/bureau/recu"
        case "suivre":
            done, then = await sandbox.follow(partner, None, None), "/bureau/demandes"
        case _:
            done, then = await sandbox.hand_over(partner, None, coup), "/bureau/recu"
    if isinstance(done, NotSent):
        return _page(request, visite, partner, NOT_PLAYED.get(done, NOTHING_TO_PLAY))
    return RedirectResponse(then, 303)


def _player(visite: Visite) -> Partner:
    partner = partner_of(visite)
    if not sandbox_of(partner.id):
        raise not_found()
    return partner


def _page(request: Request, visite: Visite, partner: Partner, refused: str) -> Response:
    return desk_page(
        request,
        visite,
        partner,
        "bac_a_sable.html",
        422 if refused else 200,
        refus=refused,
        porteur=partner.famille in BROUGHT_BY,
        siao=partner.famille is Famille.SIAO,
        voisin=NEIGHBOUR,
    )
