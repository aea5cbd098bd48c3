"""Find the message inside a SOAP 1.1 envelope, for all dialects in XML."""

from adapters.nir import any_nir
from contracts.errors import InvalidNative
from contracts.soap import ENVELOPES, MustUnderstand, VersionMismatch
from contracts.xml import Element, all_text

SOAP = f"{{{ENVELOPES['1.1']}}}"
ENVELOPE, HEADER, BODY = f"{SOAP}Envelope", f"{SOAP}Header", f"{SOAP}Body"
OURS = frozenset({"", "http://schemas.xmlsoap.org/soap/actor/next"})
"""Values of a header's `actor` that address the header to whoever reads the message (SOAP 1.1, 4.2.2)."""
YES = frozenset({"1", "true"})
"""Values of a header's `mustUnderstand` that mean yes."""


def message_in(root: Element) -> Element:
    """Return the message inside a SOAP envelope. If `root` is no envelope, return `root` itself. Raises
    MustUnderstand for a header that the hub would have to understand, and VersionMismatch for SOAP 1.2.
    Raises InvalidNative for a malformed envelope, or a NIR in a header."""
    if root.tag == f"{{{ENVELOPES['1.2']}}}Envelope":
        raise VersionMismatch(f"enveloppe SOAP 1.2 : envoyez en SOAP 1.1, espace de noms {ENVELOPES['1.1']}")
    if root.tag != ENVELOPE:
        return root
    body = root[-1] if len(root) else root
    if [child.tag for child in root] not in ([BODY], [HEADER, BODY]):
        raise InvalidNative("enveloppe SOAP : mettez-y un <Body>, précédé au plus d'un <Header>")
    if len(root) == 2:
        _check_ignored(root[0])
    if len(body) != 1:
        raise InvalidNative("enveloppe SOAP : ne mettez dans <Body> qu'un élément, le message")
    if any(_has_more(element) for element in (root, *root)):
        raise InvalidNative("texte ou attribut dans l'enveloppe SOAP, hors du message : retirez-le")
    return body[0]


def _check_ignored(header: Element) -> None:
    if any(_must_be_understood(block) for block in header):
        raise MustUnderstand(
            "en-tête SOAP avec mustUnderstand : le hub n'en comprend aucun ; retirez l'en-tête, ou mustUnderstand"
        )
    if any_nir(all_text(header)):
        raise InvalidNative("numéro de sécurité sociale dans un en-tête SOAP : retirez-le")


def _must_be_understood(block: Element) -> bool:
    said = block.get(f"{SOAP}mustUnderstand", "").strip()
    return said in YES and block.get(f"{SOAP}actor", "").strip() in OURS


def _has_more(element: Element) -> bool:
    texts = (element.text, *(child.tail for child in element))
    return bool(element.attrib) or any(text and not text.isspace() for text in texts)
