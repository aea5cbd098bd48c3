"""«Ménages»: households of a SIAO's open demands, found by several criteria; or one that the SIAO enters itself."""

from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Form, Request, Response
from pydantic_core import to_json

from console.bureau.here import desk_page
from console.bureau.referring import day_of, looking, offered, presented
from console.rendering import now
from console.visit import FORM_TOKEN, Parleur, closed
from contracts.errors import InvalidContract
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, listes
from ops.desk.households import BESOIN, IDENT, LINES, MENAGE, MOST_PEOPLE, PERSONNE, Criteres, entered, lines
from ops.desk.words import called
from router.domain.audience import BROUGHT_BY

router = closed()


def _criteres(
    nom: Annotated[str, Form(max_length=100)] = "",
    ne_le: Annotated[str, Form()] = "",
    composition: Annotated[str, Form()] = "",
    dispositif: Annotated[str, Form()] = "",
    commune: Annotated[str, Form(max_length=80)] = "",
    apporte_par: Annotated[str, Form()] = "",
) -> Criteres:
    return Criteres(nom.strip(), day_of(ne_le), composition, dispositif, commune.strip(), apporte_par)


@router.get("/bureau/menages")
async def ask(request: Request, visite: Parleur) -> Response:
    """Show the criteria by which a household can be found."""
    return await _search(request, visite, Criteres(), asked=False)


@router.post("/bureau/menages")
async def find(
    request: Request, visite: Parleur, criteres: Annotated[Criteres, Depends(_criteres)]
) -> Response:
    """Show the households that meet the criteria. They are sent as a form, because a name may not stand in an
    address."""
    return await _search(request, visite, criteres, asked=True)


@router.get("/bureau/menages/entrer")
async def enter(request: Request, visite: Parleur) -> Response:
    """Show the form by which a household is entered."""
    return _form(request, visite, {IDENT: str(uuid4())}, "")


@router.post("/bureau/menages/entrer")
async def entry(request: Request, visite: Parleur) -> Response:
    """Add a line to the form, or go on with the household that it describes, to places or to landlords."""
    partner = looking(visite, Famille.SIAO)
    form = (await request.form()).items()
    written = {IDENT: str(uuid4())} | {name: str(value) for name, value in form}
    if written.get("suite") == "ligne":
        return _form(request, visite, written | {LINES: str(lines(written) + 1)}, "")
    try:
        connu = entered(written, partner.territoire)
    except InvalidContract as exc:
        return _form(request, visite, written, str(exc))
    saisi = to_json({name: text for name, text in written.items() if name != FORM_TOKEN}).decode()
    if written.get("suite") == "presenter":
        return presented(request, visite, connu, saisi)
    return await offered(request, visite, connu, {}, saisi)


def _form(request: Request, visite: Parleur, written: dict[str, str], refused: str) -> Response:
    return desk_page(
        request,
        visite,
        looking(visite, Famille.SIAO),
        "entrer_menage.html",
        422 if refused else 200,
        ecrit=written,
        lignes=min(lines(written), MOST_PEOPLE),
        au_plus=MOST_PEOPLE,
        personne=PERSONNE,
        besoin=BESOIN,
        menage=MENAGE,
        refus=refused,
    )


async def _search(request: Request, visite: Parleur, criteres: Criteres, *, asked: bool) -> Response:
    partner, registry = looking(visite, Famille.SIAO), visite.parts.registry()
    desk, actor = visite.parts.desk, visite.person.actor
    found = await desk.find(partner, criteres, registry, now(), actor) if asked else None
    return desk_page(
        request,
        visite,
        partner,
        "menages.html",
        trouves=found,
        criteres=criteres,
        dispositifs=[str(each) for each in Dispositif],
        compositions=listes()["compositions"],
        en_mots=called,
        porteurs={
            p.id: p.nom
            for p in sorted(registry.partners.values(), key=lambda each: each.nom)
            if p.famille in BROUGHT_BY and visite.portee.sees(p.id)
        },
    )
