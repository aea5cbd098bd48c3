"""Write messages as XML: the values that `objets.write` returns become elements, in the order of the field
table."""

from collections.abc import Mapping
from uuid import UUID

from lxml import etree

from adapters.objets import Ecrire
from adapters.xml import Element
from contracts.ports import View


class Code(str):
    """Code that is written into the attribute `code` of an element (`<x code="…"/>`), and not as its text."""

    __slots__ = ()


def coded(value: object, view: View) -> Code:
    """Mark a value as a code: it is written into the attribute `code` of an XML element, and not as the
    element's text. `view` is not used."""
    return Code(value)


def recoded(codes: Mapping[str, str]) -> Ecrire:
    """Return a writer that writes a code of the hub as the recipient's code, in the attribute `code` of the
    field's XML element. `codes`: the recipient's code for each code of the hub. The writer raises KeyError for
    a code that `codes` lacks."""
    return lambda value, view: Code(codes[value])


def boolean(value: bool, view: View) -> str:
    """Return a boolean as `true` or `false`, as XML Schema writes it."""
    return str(value).lower()


def our_id(value: UUID, view: View) -> str:
    """Return the id that the hub itself shows to the recipient for the subject `value`: a household's
    pseudonym, or the hub's own id of any other subject."""
    return view.hub_id_of(value)


def document(
    racine: str, attributs: Mapping[str, str], espace: str, enregistrement: str, champs: Mapping[str, object]
) -> bytes:
    """Return an XML document with one record, named `enregistrement` and made of the elements `champs`.
    `racine`, `attributs`: name and attributes of the root; `espace`: namespace. Equal arguments give equal
    bytes."""
    root = etree.Element(
        f"{{{espace}}}{racine}",
        dict(attributs),
        nsmap={None: espace},  # type: ignore[dict-item]  # the stubs forget the default namespace
    )
    _append(root, espace, enregistrement, champs)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _append(parent: Element, espace: str, name: str, value: object) -> None:
    if isinstance(value, tuple):
        for item in value:
            _append(parent, espace, name, item)
        return
    node = etree.SubElement(parent, f"{{{espace}}}{name}")
    if isinstance(value, Mapping):
        for inner, content in value.items():
            _append(node, espace, inner, content)
    elif isinstance(value, Code):
        node.set("code", value)
    else:
        node.text = str(value)
