"""Household that a SIAO refers to a place or presents to a landlord, and the messages about it. The household
comes from a demand or from the State, or the SIAO entered it."""

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
from router.domain.rulebooks.daho import Daho
from router.domain.subjects import Demande

LOST = "le formulaire du ménage ne se lit plus : reprenez-le"
Saisi = Annotated[str, Form(max_length=20_000)]
"""Content of the form for a household, as JSON text, which goes from page to page because the hub does not
store it."""


def of_the_siao(visite: Visite) -> Partner:
    """Return the partner in whose name the visitor works. Raises 404 unless the partner is a SIAO."""
    return working(visite, "/bureau/menages")


async def household_of(visite: Visite, ident: UUID) -> Connu:
    """Return the household of a demand or designation. Raises 404 if the demand or designation was not sent
    to the visitor's SIAO, InvalidContract if no message describes the household."""
    partner = of_the_siao(visite)
    found = await visite.parts.desk.dossiers.part_of(partner, ident, visite.parts.registry())
    if not isinstance(found, Demande | Daho) or found.destinataire != partner.id:
        raise not_found()
    said = await visite.parts.desk.reader.household(partner, ident, visite.person.actor)
    if said is None:
        raise InvalidContract(NOBODY)
    return brought(ident, said)


def household_in(visite: Visite, saisi: str) -> Connu:
    """Return the household in a filled-in form (JSON text). Raises InvalidContract if the form has no
    household."""
    partner = of_the_siao(visite)
    try:
        said = from_json(saisi)
    except ValueError:
        raise InvalidContract(LOST) from None
    if not isinstance(said, dict):
        raise InvalidContract(LOST)
    return entered(Lecture(written(said.items()), partner))


async def sent(visite: Visite, said: Said, key: UUID) -> str:
    """Send a message of the visitor's SIAO. Return the hub's reasons for refusing it, in French, or an empty
    text."""
    return why_not(await visite.parts.desk.speaker.say(said.contrat, said.view, key, visite.person.actor))


async def back_to(visite: Visite, connu: Connu) -> Response:
    """Redirect to the page of the household, and confirm receipt of the household's messages. If the
    household has no such page, redirect to the list of open referrals."""
    if connu.dossier is None:
        return RedirectResponse("/bureau/sans-reponse?envoye=true", 303)
    await visite.parts.desk.dossiers.confirm(of_the_siao(visite), connu.dossier)
    return RedirectResponse(f"/bureau/recu/{connu.dossier}", 303)
