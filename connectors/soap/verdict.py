"""What a SOAP service's answer says of a delivery: a fault, or a refusal inside. Pure."""

from connectors.http_outcome import refused_inside
from connectors.soap.envelope import fault
from connectors.soap.mtom import whole
from contracts.entry import RefusDansReponse
from contracts.errors import HubError, InvalidNative, OutcomeUnknown, Refused
from contracts.ports import Native


def judged(
    reply: Native, by_status: HubError | None, refus: RefusDansReponse | None, *, cut: bool
) -> HubError | None:
    """The error that an answer means; None where it took the delivery. What is no envelope leaves it to the status,
    which proves nothing where it is a success."""
    try:
        said = whole(reply)
        return fault(said.body) or by_status or _no_inside(said, refus, cut=cut)
    except InvalidNative:
        return by_status or OutcomeUnknown("Le partenaire a répondu autre chose qu'une enveloppe SOAP")


def _no_inside(said: Native, refus: RefusDansReponse | None, *, cut: bool) -> HubError | None:
    """What an answer without a fault says all the same. One that was cut may say anything."""
    if refus is not None and cut:
        return OutcomeUnknown("La réponse du service SOAP est trop longue pour y lire s'il a pris l'envoi")
    if refused_inside(said.media_type, said.body, refus):
        return Refused("Le service SOAP répond sans faute, mais le contenu dit une erreur")
    return None
