"""Write comments on cells into an XLSX file: their texts, and the boxes that show them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
LINK = f'<legacyDrawing xmlns:r="{OFFICE}/relationships" r:id="rId1"/>'
"""Element at the end of a sheet with comments. It refers to the part with the comments' boxes."""


TYPE = '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
"""Declaration of the parts that draw comment boxes."""


class Note(NamedTuple):
    """Comment on one cell. Row and column count from 0; the text is already escaped for XML."""

    row: int
    column: int
    address: str
    text: str


def comments(number: int, notes: Sequence[Note]) -> dict[str, bytes]:
    """Return the parts of a workbook that show the comments `notes` on the sheet `number`, by the parts'
    names."""
    boxes, texts = f"drawings/vml{number}.vml", f"comments{number}.xml"
    shown = "".join(_BOX.format(row=note.row, column=note.column) for note in notes)
    said = "".join(_COMMENT.format(address=note.address, text=note.text) for note in notes)
    return {
        f"xl/worksheets/_rels/sheet{number}.xml.rels": relations(
            [("vmlDrawing", f"../{boxes}"), ("comments", f"../{texts}")]
        ),
        f"xl/{texts}": _COMMENTS.format(comments=said).encode(),
        f"xl/{boxes}": _BOXES.format(boxes=shown).encode(),
    }


def relations(targets: Iterable[tuple[str, str]]) -> bytes:
    """Return the part of a workbook that lists relations to other parts. Each relation is given by its kind and
    its target."""
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/relationships/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'.encode()


_COMMENTS = (
    f'{XML}<comments xmlns="{MAIN}"><authors><author>Hub SIAO</author></authors>'
    "<commentList>{comments}</commentList></comments>"
)
_COMMENT = '<comment ref="{address}" authorId="0"><text><t xml:space="preserve">{text}</t></text></comment>'
_BOXES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
    'o:spt="202" path="m,l,21600r21600,l21600,xe"/>{boxes}</xml>'
)
_BOX = (
    '<v:shape type="#_x0000_t202" style="visibility:hidden;width:240pt;height:80pt" fillcolor="#ffffe1">'
    '<x:ClientData ObjectType="Note"><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>'
)
