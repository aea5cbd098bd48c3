"""Household that a SIAO refers to a place or presents to a landlord: from a demand, or entered by form. Sends the
SIAO's messages about it."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from fastapi.responses import RedirectResponse
from pydantic_core import from_json

from console.bureau.here import why_not, working
from console.visit import Visite, not_found
from contracts.errors import InvalidContract
from contracts.partner import Partner
from ops.desk.forms import Lecture, written
from ops.desk.households import Connu, brought, entered
from ops.desk.referring import NOBODY, Said
from router.domain.subjects import Demande

LOST = "le formulaire du ménage ne se lit plus : reprenez-le"
Saisi = Annotated[str, Form(max_length=20_000)]
"""Content of the form for a household, as JSON text. It goes from page to page with the visitor, because the hub does
not store it."""


def of_the_siao(visite: Visite) -> Partner:
    """Return the partner in whose name the visitor works. Raises 404 unless it is a SIAO."""
    return working(visite, "/bureau/menages")


async def household_of(visite: Visite, ident: UUID) -> Connu:
    """Return the household of a demand. Raises 404 unless the visitor's SIAO is responsible for the demand,
    InvalidContract if no message describes the household."""
    partner = of_the_siao(visite)
    found = await visite.parts.desk.dossiers.part_of(partner, ident)
    if not isinstance(found, Demande) or found.destinataire != partner.id:
        raise not_found()
    said = await visite.parts.desk.reader.household(partner, ident, visite.person.actor)
    if said is None:
        raise InvalidContract(NOBODY)
    return brought(ident, said)


def household_in(visite: Visite, saisi: str) -> Connu:
    """Return the household that a filled-in form (JSON text) describes. Raises InvalidContract."""
    partner = of_the_siao(visite)
    try:
        said = from_json(saisi)
    except ValueError:
        raise InvalidContract(LOST) from None
    if not isinstance(said, dict):
        raise InvalidContract(LOST)
    return entered(Lecture(written(said.items()), partner))


async def sent(visite: Visite, said: Said, key: UUID) -> str:
    """Send a message of the visitor's SIAO. Return the hub's reasons for refusing it, in French; empty if it was
    accepted."""
    return why_not(await visite.parts.desk.speaker.say(said.contrat, said.view, key, visite.person.actor))


async def back_to(visite: Visite, connu: Connu) -> Response:
    """Redirect to the page of the household's demand, and confirm receipt of the demand. Without a demand, redirect
    to the list of unanswered referrals."""
    if connu.demande is None:
        return RedirectResponse("/bureau/sans-reponse?envoye=true", 303)
    await visite.parts.desk.dossiers.confirm(of_the_siao(visite), connu.demande)
    return RedirectResponse(f"/bureau/recu/{connu.demande}", 303)
