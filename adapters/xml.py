"""The XML of messages, in a SOAP envelope or without one; schemas from the package alone."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from lxml import etree

from adapters.soap import message_in
from contracts.xml import Element, parser, read_xml

__all__ = ["Element", "names_of", "parse_xml", "schema", "xml_schemas"]


def parse_xml(body: bytes) -> Element:
    """The root element of a message. Raises InvalidNative, with the line where there is one."""
    return message_in(read_xml(body))


@cache
def schema(name: str) -> etree.XMLSchema:
    """A schema of `adapters/xsd/`; only the package's own are ever read."""
    return etree.XMLSchema(etree.fromstring(_source(name), parser()))


@cache
def names_of(name: str) -> frozenset[str]:
    """The elements and attributes that a schema of the package has."""
    return frozenset(re.findall(r'name="([^"]+)"', _source(name).decode()))


def _source(name: str) -> bytes:
    return files("adapters").joinpath("xsd", f"{name}.xsd").read_bytes()


@cache
def xml_schemas() -> Mapping[str, bytes]:
    """The schemas of the package by file name, as they are: for partners' own validators."""
    found = (each for each in files("adapters").joinpath("xsd").iterdir() if each.name.endswith(".xsd"))
    return {each.name: each.read_bytes() for each in sorted(found, key=lambda each: each.name)}
