"""XML from a table: what `objets.write` makes of a contract becomes elements, in the table's order.

A dialect that writes XML is an `Objet` a record, like one that writes JSON. Text never needs escaping here, and a
value without a place in the table is not written.
"""

from collections.abc import Mapping
from uuid import UUID

from lxml import etree

from adapters.objets import Ecrire
from adapters.xml import Element
from contracts.ports import View


class Code(str):
    """Written as `<x code="…"/>`, in the manner of the SNE, where other text is `<x>…</x>`."""

    __slots__ = ()


def coded(value: object, view: View) -> Code:
    """A code as it is."""
    return Code(value)


def recoded(codes: Mapping[str, str]) -> Ecrire:
    """A writer of codes under the recipient's own names."""
    return lambda value, view: Code(codes[value])


def our_id(value: UUID, view: View) -> str:
    """The hub's id, also where the recipient has one of its own."""
    return view.hub_id_of(value)


def document(
    racine: str, attributs: Mapping[str, str], espace: str, enregistrement: str, champs: Mapping[str, object]
) -> bytes:
    """A document of one record, in one namespace, indented, in UTF-8; the same input gives the same bytes."""
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
