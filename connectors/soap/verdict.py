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
    delivery. Three things decide, in this order:

    * a SOAP fault;
    * `by_status`, the error of the HTTP status, if any;
    * `refus`, the partner's rule for a refusal inside a reply, if any. If the end of the reply is missing
      (`cut`), this rule cannot be applied, and OutcomeUnknown is returned.

    For a reply that is no SOAP envelope, return `by_status`, else OutcomeUnknown.
    """
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
