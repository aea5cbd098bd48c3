"""Decide what a SOAP service's reply to a delivery means."""

from connectors.http_outcome import refused_inside
from connectors.soap.envelope import fault
from connectors.soap.mtom import whole
from contracts.entry import RefusDansReponse
from contracts.errors import HubError, InvalidNative, OutcomeUnknown, Refused
from contracts.ports import Native


def judged(
    reply: Native, by_status: HubError | None, refus: RefusDansReponse | None, *, cut: bool
) -> HubError | None:
    """Return the error that a SOAP service's reply to a delivery means; None if the service has accepted the
    delivery. A SOAP fault decides first, then the HTTP status (`by_status`: its error, if any). Last comes
    the partner's rule for a refusal inside a reply (`refus`), if there is one. If the end of the reply is
    missing (`cut`), this rule cannot be applied, and OutcomeUnknown is returned."""
    try:
        said = whole(reply)
        return fault(said.body) or by_status or _refusal_inside(said, refus, cut=cut)
    except InvalidNative:
        return by_status or OutcomeUnknown("Le partenaire a répondu autre chose qu'une enveloppe SOAP")


def _refusal_inside(said: Native, refus: RefusDansReponse | None, *, cut: bool) -> HubError | None:
    if refus is not None and cut:
        return OutcomeUnknown("La réponse du service SOAP est trop longue pour y lire s'il a accepté l'envoi")
    if refused_inside(said.media_type, said.body, refus):
        return Refused("Le service SOAP répond sans faute, mais le contenu dit une erreur")
    return None
