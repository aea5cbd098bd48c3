"""Serve the page «Présenter à un bailleur», on which a SIAO presents a household to a landlord."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID, uuid4

from fastapi import Request, Response

from console.bureau.here import Cle, desk_page, lecture_of
from console.bureau.whom import Saisi, back_to, household_in, household_of, of_the_siao, sent
from console.visit import Parleur, Visite, closed, not_found
from contracts.errors import InvalidContract
from contracts.reference.communes import near, prefilled
from ops.desk.households import Connu
from ops.desk.referring import BAILLEUR, PRESENTATION, landlords, present

router = closed()


@router.get("/bureau/presenter/{ident}")
async def to_whom(request: Request, visite: Parleur, ident: UUID) -> Response:
    """Show the landlords to whom the visitor may present the household of a demand. Raises 404 if `ident` is
    no demand to the visitor's SIAO."""
    return presented(request, visite, await _demanded(visite, ident))


@router.post("/bureau/presenter/{ident}")
async def candidacy(request: Request, visite: Parleur, ident: UUID, cle: Cle) -> Response:
    """Present a demand's household to the chosen landlord. If the form has mistakes, or the hub refuses the
    candidacy, show the form again."""
    return await _present(request, visite, await _demanded(visite, ident), cle)


@router.post("/bureau/presenter")
async def candidacy_entered(request: Request, visite: Parleur, saisi: Saisi, cle: Cle) -> Response:
    """Present the household entered in an earlier form (`saisi`) to the landlord chosen in this page's form.
    If this page's form has mistakes, or the hub refuses the candidacy, show this form again."""
    return await _present(request, visite, household_in(visite, saisi), cle, saisi)


def presented(
    request: Request,
    visite: Visite,
    connu: Connu,
    saisi: str = "",
    said: Mapping[str, str] = MappingProxyType({}),
    refused: InvalidContract | None = None,
) -> Response:
    """Return the page on which the visitor chooses a landlord for the household `connu`. If the visitor entered
    the household in an earlier form, `saisi` is that form as JSON. If a demand brought the household, `saisi`
    is empty. `said`: the fields typed on this page; `refused`: why they were refused."""
    partner = of_the_siao(visite)
    numero = connu.menage.numero_unique or ""
    commune = prefilled(connu.commune or "", partner.territoires)
    return desk_page(
        request,
        visite,
        partner,
        "presenter.html",
        422 if refused else 200,
        ici="/bureau/menages",
        connu=connu,
        saisi=saisi,
        action=f"/bureau/presenter/{connu.dossier}" if connu.dossier else "/bureau/presenter",
        bailleurs=landlords(partner, visite.parts.registry()),
        bailleur=BAILLEUR,
        presentation=PRESENTATION,
        ecrit={"commune": commune, "numero_unique": numero} | dict(said),
        refus=refused,
        cle=uuid4(),
        communes=near(partner.territoire),
    )


async def _demanded(visite: Visite, ident: UUID) -> Connu:
    connu = await household_of(visite, ident)
    if connu.demande is None:
        raise not_found()
    return connu


async def _present(request: Request, visite: Visite, connu: Connu, cle: UUID, saisi: str = "") -> Response:
    partner = of_the_siao(visite)
    known = await visite.parts.desk.reader.view(partner, menage=connu.menage.id)
    lecture = await lecture_of(request, partner)
    try:
        said = present(partner, connu, known, cle, lecture)
        answer = await sent(visite, said, cle)
        if answer.refus:
            raise InvalidContract(answer.refus)
    except InvalidContract as exc:
        return presented(request, visite, connu, saisi, lecture.written, exc)
    return await back_to(visite, connu, [answer.message])
