"""Files as large as partners' software writes them: CSV of 60 MB, workbooks of 200,000 rows, XML of 125,000 decisions.

Tables hold the same rows, so that readers can be compared. Workbooks are written part by part as a spreadsheet
writes them; nothing of the hub is used.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO

from bench.territories import AIN

CSV_BYTES = 60_000_000
WORKBOOK_ROWS, DECISIONS = 200_000, 125_000
COLUMNS = ("N° du logement", "Situation", "FINESS ou SIRET", "Commune")
NAMESPACE = "urn:siao-hub:bailleur:1"

Row = Sequence[str]

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def rows(count: int) -> Iterator[Row]:
    """So many homes, each free."""
    return ((f"A-{number:06d}", "Vacant", AIN.finess, "01053") for number in range(count))


def csv_file(size: int = CSV_BYTES) -> bytes:
    """A file of at least so many bytes."""
    line_bytes = len(";".join(next(rows(1)))) + 2
    lines = (";".join(row) for row in (COLUMNS, *rows(size // line_bytes + 1)))
    return "\r\n".join(lines).encode()


def xlsx_file(count: int = WORKBOOK_ROWS) -> bytes:
    """A workbook with its texts in the cells."""
    cells = _table(count, "<row>", '<c t="inlineStr"><is><t>{}</t></is></c>', "</row>")
    kinds = f"{DOCUMENT}/officeDocument", f"{DOCUMENT}/worksheet"
    return _zipped(
        {
            "_rels/.rels": _relation(kinds[0], "xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": _relation(kinds[1], "worksheets/sheet1.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{DOCUMENT}"><sheets>'
            '<sheet name="Logements" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def ods_file(count: int = WORKBOOK_ROWS) -> bytes:
    """The same as OpenDocument."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = _table(count, "<table:table-row>", cell, "</table:table-row>")
    names = " ".join(f'xmlns:{name}="{OPEN}:{name}:1.0"' for name in ("office", "table", "text"))
    return _zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Logements">{cells}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def xml_file(count: int = DECISIONS) -> bytes:
    """Decisions of a commission, each on its own candidacy."""
    decisions = "".join(
        f"<decision><refCandidature>00000000-0000-4000-8000-{number:012d}</refCandidature>"
        '<dateCommission>2026-03-12</dateCommission><resultat code="ATT"/></decision>'
        for number in range(count)
    )
    return f'<suites xmlns="{NAMESPACE}" versionInterface="01.00">{decisions}</suites>'.encode()


def _table(count: int, begin: str, cell: str, end: str) -> str:
    lines: Iterable[Row] = (COLUMNS, *rows(count))
    return "".join(f"{begin}{''.join(map(cell.format, line))}{end}" for line in lines)


def _relation(kind: str, target: str) -> str:
    return f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{kind}" Target="{target}"/></Relationships>'


def _zipped(parts: dict[str, str]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "CSV, 60 Mo": ("logement_accompagne_tableau", csv_file),
    "XLSX, 200 000 lignes": ("logement_accompagne_tableau", xlsx_file),
    "ODS, 200 000 lignes": ("logement_accompagne_tableau", ods_file),
    "XML, 125 000 décisions": ("bailleur_xml", xml_file),
}
"""What each is called, the dialect that reads it, and how it is made."""
