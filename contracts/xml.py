"""Parse XML from partners safely: without DOCTYPE, entities, network access or huge trees."""

import re
from collections.abc import Iterator

from lxml import etree

from contracts.errors import InvalidNative

Element = etree._Element

MAX_MARKS = 1_000_000
"""Largest number of characters `<` and `=` in a document. It also bounds the memory that the document's tree
needs."""

MAX_ATTRIBUTES = 64
"""Limit on the attributes of one element, namespaces included."""

ENCODINGS = {
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "iso-8859-15",
    "latin1",
    "windows-1252",
    "cp1252",
}
"""Encodings that a message may declare, unless it begins with the mark of UTF-16. In all of them, the bytes of
`<!DOCTYPE`, which is refused, are the same as in ASCII."""

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(rb"<\?xml[^>]*?\?>", re.DOTALL)
_CROWDED = re.compile(
    rb"""<[^\s<>/!?][^\s<>/]*+(?:\s++[^\s=<>"']++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')){%d}"""
    % (MAX_ATTRIBUTES + 1)
)
"""Pattern of a tag with too many attributes. The search for it passes over the document only once."""
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_FRENCH = {
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "document vide : envoyez un message",
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "une balise est fermée par une autre : corrigez celle-ci",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "une balise n'est pas fermée : fermez-la",
    etree.ErrorTypes.ERR_DOCUMENT_END: "du texte suit la fin du document : retirez-le",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "entité inconnue : écrivez le caractère lui-même",
    etree.ErrorTypes.ERR_INVALID_CHAR: "caractère interdit en XML : retirez-le",
    etree.ErrorTypes.ERR_INVALID_ENCODING: "octets qui ne sont pas dans l'encodage annoncé : enregistrez en UTF-8",
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: "un attribut figure deux fois : n'en gardez qu'un",
}


def read_xml(body: bytes) -> Element:
    """Return the root element of an XML document. Raises InvalidNative for XML that is malformed, too large, or
    forbidden here, such as a DOCTYPE. The error has the line number if it is known."""
    body = _ascii_compatible(body)
    if (doctype := body.find(b"<!DOCTYPE")) >= 0:
        ligne = body.count(b"\n", 0, doctype) + 1
        raise InvalidNative(f"DOCTYPE interdit (ligne {ligne}) : retirez-le, le hub a son propre schéma")
    if body.count(b"<") + body.count(b"=") > MAX_MARKS:
        raise InvalidNative(f"plus de {MAX_MARKS} balises et attributs : découpez le message")
    if crowded := _CROWDED.search(body):
        ligne = body.count(b"\n", 0, crowded.start()) + 1
        raise InvalidNative(f"plus de {MAX_ATTRIBUTES} attributs sur une balise (ligne {ligne}) : retirez-en")
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as exc:
        if getattr(exc, "code", 0) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        ligne, colonne = exc.position
        why = _FRENCH.get(getattr(exc, "code", 0), "vérifiez les balises")
        raise InvalidNative(f"XML mal formé (ligne {ligne}, colonne {colonne}) : {why}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidNative("DOCTYPE interdit : retirez-le, le hub a son propre schéma")
    return root


def parser() -> etree.XMLParser:
    """Return an XML parser that does not resolve entities, read DTDs or open network addresses. The tree that it
    builds has no comments or processing instructions."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _ascii_compatible(body: bytes) -> bytes:
    if not body or body.isspace():
        raise InvalidNative("message vide : envoyez au moins un élément")
    if body.startswith(_UTF16_BOMS):
        try:
            body = body.decode("utf-16").lstrip().encode()
        except UnicodeError:
            raise InvalidNative("XML illisible : l'UTF-16 annoncé n'en est pas, écrivez en UTF-8") from None
        declaration = _DECLARATION.match(body)
        return body[declaration.end() :] if declaration else body
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"<") or b"\0" in text:
        raise InvalidNative(
            "XML illisible : le document commence par « < », sans octet nul ; écrivez en UTF-8"
        )
    declaration = _DECLARATION.match(text)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if encoding and encoding[1].decode().lower() not in ENCODINGS:
        raise InvalidNative("XML : encodage non admis ; écrivez en UTF-8")
    return body


def all_text(element: Element) -> Iterator[str]:
    """Yield all texts and attribute values in an element, at any depth."""
    for each in element.iter():
        yield from (each.text or "", each.tail or "", *map(str, each.attrib.values()))
