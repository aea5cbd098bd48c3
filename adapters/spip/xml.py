"""Dialect of prison probation in XML (format assumed by the hub). It has the same events as the dialect
`spip_json`; each is one `<evenement>`.

Repeated elements stand for a list. An event with attributes is refused.
"""

from collections.abc import Sequence
from typing import Any

from adapters.declaration import Declaration
from adapters.evenements import carried, single
from adapters.messages import event_key, lignes
from adapters.objets import write
from adapters.spip.json import CLE, ENTRANTS, SORTANTS
from adapters.spip.json import DIALECTE as EVENEMENTS
from adapters.xml import Element, parse_xml, refused_for_nir
from adapters.xml_table import document
from contracts.envelope import Event
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View

NAMESPACE = "urn:siao-hub:spip:1"
RACINE, RECORD = f"{{{NAMESPACE}}}evenements", f"{{{NAMESPACE}}}evenement"
VERSION = "01.00"
MAX_DEPTH = 4
OBJETS = frozenset({"menage", "personnes"})
"""Elements that contain other elements."""

DECLARATION = Declaration(
    nom="spip_xml",
    familles=(Famille.SPIP,),
    lit=tuple(ENTRANTS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("xml",),
    formats_ecrits=("xml",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Decode a document `<evenements>`. Raises InvalidNative for any other document, for one without child
    elements, and for a child element other than `<evenement>`."""
    root = parse_xml(native.body)
    if (refused := refused_for_nir(root)) is not None:
        return refused
    if root.tag != RACINE or root.get("versionInterface") != VERSION:
        raise InvalidNative(
            f'racine inconnue : écrivez <evenements xmlns="{NAMESPACE}" versionInterface="{VERSION}">'
        )
    if not len(root) or any(record.tag != RECORD for record in root):
        raise InvalidNative(
            "<evenements> vide, ou mêlé à autre chose : n'y mettez que des <evenement>, un au moins"
        )
    events = [_fields(record, MAX_DEPTH) for record in root]
    cle = event_key(events[0], CLE) if len(events) == 1 else None
    return Decoded(lignes(events, partner, EVENEMENTS), cle)


def _fields(element: Element, depth: int) -> dict[str, Any]:
    """Return the values in an XML element, by the names of its child elements; a repeated child gives a list.
    An attribute, or text between child elements, gets a name that no field table has, so that the hub rejects
    the event. Raises InvalidNative if there are more than `depth` levels. Levels are `element` itself, each
    nested element with children or attributes, and each nested `menage` and `personnes` (`OBJETS`)."""
    if not depth:
        raise InvalidNative("éléments emboîtés trop profondément : reprenez l'exemple de la documentation")
    tree: dict[str, Any] = {f"@{name!s}": str(value) for name, value in element.attrib.items()}
    if stray := "".join((element.text or "", *(child.tail or "" for child in element))).strip():
        tree["#texte"] = stray
    for child in element:
        name = str(child.tag).removeprefix(f"{{{NAMESPACE}}}")
        leaf = not len(child) and not child.attrib and name not in OBJETS
        value = (child.text or "").strip() if leaf else _fields(child, depth - 1)
        tree[name] = [*_several(tree[name]), value] if name in tree else value
    return tree


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def encode(events: Sequence[Event], view: View) -> Native:
    """Write one event in `<evenements>`. Raises Unroutable for a message type that the dialect does not
    write. Raises ValueError if `events` has no event, or several."""
    event = single(events)
    name, attributes = carried(event, SORTANTS), event.attributes
    record = {
        CLE: str(attributes.id),
        "type": name,
        "dateMessage": attributes.time.isoformat(timespec="seconds"),
        **write(event.contrat, EVENEMENTS.tables[name], view),
    }
    body = document("evenements", {"versionInterface": VERSION}, NAMESPACE, "evenement", record)
    return Native(body, "application/xml; charset=utf-8", f"{name.split('.')[0]}_{attributes.id}.xml")
