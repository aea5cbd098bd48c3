"""A message in a SOAP 1.1 envelope: any XML dialect may come in one, and reads what it carries."""

from contracts.errors import InvalidNative
from contracts.soap import ENVELOPES
from contracts.xml import Element

SOAP = f"{{{ENVELOPES['1.1']}}}"
ENVELOPE, HEADER, BODY = f"{SOAP}Envelope", f"{SOAP}Header", f"{SOAP}Body"


def message_in(root: Element) -> Element:
    """The element that an envelope carries; a root that is no envelope is the message itself.

    Nothing of an envelope is passed over in silence. Raises InvalidNative for one with headers, attributes or text of
    its own, with other than one element in its body, or of another version.
    """
    if root.tag == f"{{{ENVELOPES['1.2']}}}Envelope":
        raise InvalidNative(f"enveloppe SOAP 1.2 : le hub lit SOAP 1.1, espace de noms {ENVELOPES['1.1']}")
    if root.tag != ENVELOPE:
        return root
    body = root[-1] if len(root) else root
    if [child.tag for child in root] not in ([BODY], [HEADER, BODY]):
        raise InvalidNative("enveloppe SOAP : un <Body>, précédé au plus d'un <Header>, est attendu")
    if len(root) == 2 and len(root[0]):
        raise InvalidNative("le hub ne lit aucun en-tête SOAP : laissez <Header> vide, ou ôtez-le")
    if len(body) != 1:
        raise InvalidNative("le <Body> de l'enveloppe SOAP contient un élément, le message, et rien d'autre")
    if any(_has_more(element) for element in (root, *root)):
        raise InvalidNative("texte ou attribut dans l'enveloppe SOAP, hors du message : retirez-le")
    return body[0]


def _has_more(element: Element) -> bool:
    texts = (element.text, *(child.tail for child in element))
    return bool(element.attrib) or any(text and not text.isspace() for text in texts)
