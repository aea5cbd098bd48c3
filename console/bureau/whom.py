"""Find the household that a SIAO refers to places or presents to a landlord, and send the messages that do
this. The household may come from a designation by the prefect under DAHO (enforceable right to shelter)."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic_core import from_json

from console.bureau.here import why_not, working
from console.rendering import now
from console.visit import Visite, not_found
from contracts.errors import InvalidContract
from contracts.partner import Partner
from ops.desk.forms import Lecture, written
from ops.desk.households import Connu, brought, entered
from ops.desk.referring import NOBODY, Said
from ops.desk.tasks import Ligne
from router.domain.calendar import day_in
from router.domain.rulebooks.daho import EN_COURS, Daho
from router.domain.subjects import Demande, Envoi, Orientation, Subject

LOST = "le formulaire du ménage ne se lit plus : reprenez-le"
Saisi = Annotated[str, Form(max_length=20_000)]
"""Content of the form for a household, as JSON. The hub does not store it: each page posts it to the next
page."""
SENT = "envoye"
Envoyes = Annotated[Sequence[UUID], Query(alias=SENT, max_length=100)]
"""Ids of the referrals and candidacies that were just sent, from the URL query of the page that follows."""


class Answer(NamedTuple):
    """What the hub says of one message that the visitor's SIAO has sent: accepted, or refused with the
    reason."""

    message: UUID
    refus: str
    """Why the hub refused the message, in French; empty if the hub accepted it."""


def of_the_siao(visite: Visite) -> Partner:
    """Return the partner for whom the visitor works. Raises 404 if this partner is no SIAO."""
    return working(visite, "/bureau/menages")


async def household_of(visite: Visite, ident: UUID) -> Connu:
    """Return the household of the subject `ident`. Raises InvalidContract if no readable message describes
    it. Raises 404 unless the subject is:

    * a demand to the visitor's SIAO, or an open DAHO designation to it;
    * a referral by this SIAO that ended without arrival, and whose demand, if any, is still open and this
      SIAO's.
    """
    partner, desk = of_the_siao(visite), visite.parts.desk
    found = await desk.dossiers.part_of(partner, ident, visite.parts.registry())
    if isinstance(found, Orientation):
        found = await desk.dossiers.origin(partner, found)
    if isinstance(found, Orientation):
        presented = await desk.reader.presented(partner, found.id, visite.person.actor)
        if presented is not None:
            return Connu(presented.menage, found.dispositif, orientation=found.id)
    elif found is not None and _is_brought(found, partner):
        said = await desk.reader.household(partner, found.id, visite.person.actor)
        if said is not None:
            return brought(found.id, said)
    else:
        raise not_found()
    raise InvalidContract(NOBODY)


def _is_brought(found: Subject, partner: Partner) -> bool:
    asked = isinstance(found, Demande) or (isinstance(found, Daho) and found.etat in EN_COURS)
    return asked and isinstance(found, Envoi) and found.destinataire == partner.id


def household_in(visite: Visite, saisi: str) -> Connu:
    """Return the household that a form posted as JSON describes (`saisi`). Raises InvalidContract if the JSON
    cannot be read, Fautes if the form has mistakes."""
    partner = of_the_siao(visite)
    try:
        said = from_json(saisi)
    except ValueError:
        raise InvalidContract(LOST) from None
    if not isinstance(said, dict):
        raise InvalidContract(LOST)
    return entered(Lecture(written(said.items()), partner), day_in(partner.territoire, now()))


async def sent(visite: Visite, said: Said, key: UUID) -> Answer:
    """Send the message `said` in the name of the visitor's SIAO, under the idempotency key `key`. Return the
    message's id and, for a refused message, why the hub refused it."""
    report = await visite.parts.desk.speaker.say(said.contrat, said.view, key, visite.person.actor)
    return Answer(report.message_id, why_not(report))


async def back_to(visite: Visite, connu: Connu, messages: Sequence[UUID]) -> Response:
    """Redirect the visitor, who has just sent `messages` (referrals or candidacies) for the household
    `connu`. If a demand, designation or earlier referral brought the household, confirm receipt of the
    messages about that subject, and redirect to its page. If the visitor entered the household in a form,
    redirect to the page «Sans réponse», the list of what has no answer yet. Either page then says who has to
    answer the messages."""
    partner, desk = of_the_siao(visite), visite.parts.desk
    page = "/bureau/sans-reponse"
    if connu.dossier is not None:
        await desk.dossiers.confirm(partner, connu.dossier)
        page = f"/bureau/recu/{connu.dossier}"
    told = await desk.own.described(partner, messages)
    asked = urlencode([(SENT, str(each.sujet)) for each in told.values() if each.sujet])
    return RedirectResponse(f"{page}?{asked}", 303)


async def just_sent(visite: Visite, partner: Partner, envois: Sequence[UUID]) -> Sequence[Ligne] | None:
    """Return a line for each referral or candidacy that the partner has just sent (`envois`), to be shown at
    the top of a page. Those whose message is still to be applied are left out. Return None if `envois` is
    empty."""
    parts = visite.parts
    return await parts.desk.unanswered.sent(partner, envois, parts.registry(), now()) if envois else None
