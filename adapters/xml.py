"""Read the XML of messages, with or without a SOAP envelope. The hub uses no schemas but its own."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from lxml import etree

from adapters.nir import any_nir, may_hold_nir, raw_nir, refused_whole
from adapters.soap import message_in
from contracts.errors import InvalidNative
from contracts.ports import Decoded
from contracts.xml import Element, all_text, parser, read_xml

__all__ = ["Element", "names_of", "parse_xml", "refused_for_nir", "schema", "xml_schemas"]


def parse_xml(body: bytes) -> Element:
    """Return the root element of a message, taken out of its SOAP envelope if any. Raises InvalidNative for
    bad XML, for a malformed envelope, and for a NIR in a header or outside the texts and attribute values,
    such as in a comment, a name or a namespace. A NIR in a value of the message is left to the caller.
    Raises MustUnderstand for a SOAP header that the hub would have to understand, VersionMismatch for SOAP
    1.2."""
    root = read_xml(body)
    suspect = may_hold_nir(body.replace(b"\0", b""))  # UTF-16 has a zero after each digit
    if suspect and raw_nir(body) and not any_nir(all_text(root)):
        raise InvalidNative(
            "numéro de sécurité sociale dans un commentaire, une instruction, un nom ou un espace de noms du XML : "
            "retirez-le"
        )
    return message_in(root)


def refused_for_nir(root: Element) -> Decoded | None:
    """Return the refusal of a whole document if one of its texts or attributes contains a NIR; otherwise,
    return None. The child elements of `root` count as the rows of the document."""
    guilty = [numero for numero, record in enumerate(root, 1) if any_nir(all_text(record))]
    beside = (root.text or "", *map(str, root.attrib.values()))
    return refused_whole(guilty) if guilty or any_nir(beside) else None


@cache
def schema(name: str) -> etree.XMLSchema:
    """Return a compiled XSD schema of `adapters/xsd/`, by its name without `.xsd`."""
    return etree.XMLSchema(etree.fromstring(_source(name), parser()))


@cache
def names_of(name: str) -> frozenset[str]:
    """Return all names that an XSD schema of `adapters/xsd/` declares: those of elements, attributes, groups of
    attributes, and types. `name`: the schema's file name without `.xsd`."""
    return frozenset(re.findall(r'name="([^"]+)"', _source(name).decode()))


def _source(name: str) -> bytes:
    return files("adapters").joinpath("xsd", f"{name}.xsd").read_bytes()


@cache
def xml_schemas() -> Mapping[str, bytes]:
    """Return the hub's XSD schemas, by file name, for partners' validators."""
    found = (each for each in files("adapters").joinpath("xsd").iterdir() if each.name.endswith(".xsd"))
    return {each.name: each.read_bytes() for each in sorted(found, key=lambda each: each.name)}
