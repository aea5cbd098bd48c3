"""The household that a SIAO refers or presents: it belongs to a demand, or the SIAO has entered it in a form.
The SIAO's messages about it are sent from here."""

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
"""Text of the form of a household. It goes with the visitor from page to page, because nothing is kept."""


def of_the_siao(visite: Visite) -> Partner:
    """Return the visitor's partner. Raises 404 unless it is a SIAO."""
    return working(visite, "/bureau/menages")


async def household_of(visite: Visite, ident: UUID) -> Connu:
    """Return the household of a demand. Raises 404 unless the demand is with the visitor's SIAO, InvalidContract if
    nothing describes it."""
    partner = of_the_siao(visite)
    found = await visite.parts.desk.dossiers.part_of(partner, ident)
    if not isinstance(found, Demande) or found.destinataire != partner.id:
        raise not_found()
    said = await visite.parts.desk.reader.household(partner, ident, visite.person.actor)
    if said is None:
        raise InvalidContract(NOBODY)
    return brought(ident, said)


def household_in(visite: Visite, saisi: str) -> Connu:
    """Return the household that the form of a household described. Raises InvalidContract."""
    partner = of_the_siao(visite)
    try:
        said = from_json(saisi)
    except ValueError:
        raise InvalidContract(LOST) from None
    if not isinstance(said, dict):
        raise InvalidContract(LOST)
    return entered(Lecture(written(said.items()), partner))


async def sent(visite: Visite, said: Said, key: UUID) -> str:
    """Send a message of the visitor's SIAO, and return why the door refused it; empty if it did not."""
    return why_not(await visite.parts.desk.speaker.say(said.contrat, said.view, key, visite.person.actor))


async def back_to(visite: Visite, connu: Connu) -> Response:
    """Lead back to the page of the household's demand; without a demand, to the open referrals. A demand that
    is answered is also confirmed as received."""
    if connu.demande is None:
        return RedirectResponse("/bureau/sans-reponse", 303)
    await visite.parts.desk.dossiers.confirm(of_the_siao(visite), connu.demande)
    return RedirectResponse(f"/bureau/recu/{connu.demande}", 303)
