"""Makes files as large as partners' software writes: CSV of 60 MB, workbooks of 200,000 rows, XML of 125,000
decisions.

All tables have the same rows, so that readers can be compared. The workbooks are written by code that is not the
hub's, in the structure that spreadsheet programs use.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from io import BytesIO

from bench.territories import AIN

CSV_BYTES = 60_000_000
WORKBOOK_ROWS = 199_999
"""Number of rows in a workbook. With the heading, it has the largest number of cells that the hub accepts."""
DECISIONS = 124_999
"""Number of decisions in an XML message. With the root element, it has the largest number of elements that the hub
accepts."""
COLUMNS = ("N° du logement", "Situation", "FINESS ou SIRET", "Commune", "Adresse")
NAMESPACE = "urn:siao-hub:bailleur:1"

Row = Sequence[str]

IN_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Translation of digits into letters. Several digits in a row could be a social security number, which no message
may hold."""
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def rows(count: int) -> Iterator[Row]:
    """Yield `count` rows of vacant homes. Every address is different, because a file of copies would compress
    better than a real one."""
    for number in range(count):
        street = sha256(str(number).encode()).hexdigest()[:24].translate(IN_LETTERS)
        yield f"A-{number:06d}", "Vacant", AIN.finess, "01053", f"{number % 397 + 1} rue {street}"


def csv_file(size: int = CSV_BYTES) -> bytes:
    """Return a CSV file of vacant homes, of about `size` bytes."""
    line_bytes = sum(len(";".join(row).encode()) + 2 for row in rows(1_000)) // 1_000
    lines = (";".join(row) for row in (COLUMNS, *rows(size // line_bytes)))
    return "\r\n".join(lines).encode()


def xlsx_file(count: int = WORKBOOK_ROWS) -> bytes:
    """Return an XLSX workbook of vacant homes, with shared strings as spreadsheet programs write it."""
    texts: dict[str, int] = {}
    cells = "".join(_sheet_row(line, row, texts) for line, row in enumerate((COLUMNS, *rows(count)), 1))
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return _zipped(
        {
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/_rels/workbook.xml.rels": _relations(
                ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
            ),
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{DOCUMENT}"><sheets>'
            '<sheet name="Logements" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{cells}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{shared}</sst>',
        }
    )


def ods_file(count: int = WORKBOOK_ROWS) -> bytes:
    """Return an OpenDocument spreadsheet of vacant homes."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>"
        for row in (COLUMNS, *rows(count))
    )
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
    """Return an XML message of a commission's decisions, each about another candidacy."""
    decisions = "".join(
        f"<decision><refCandidature>00000000-0000-4000-8000-{number:012d}</refCandidature>"
        '<dateCommission>2026-03-12</dateCommission><resultat code="ATT"/></decision>'
        for number in range(count)
    )
    return f'<suites xmlns="{NAMESPACE}" versionInterface="01.00">{decisions}</suites>'.encode()


def _sheet_row(line: int, row: Row, texts: dict[str, int]) -> str:
    numbers = (texts.setdefault(text, len(texts)) for text in row)
    cells = (
        f'<c r="{column}{line}" t="s"><v>{n}</v></c>' for column, n in zip("ABCDE", numbers, strict=True)
    )
    return f'<row r="{line}">{"".join(cells)}</row>'


def _relations(*targets: tuple[str, str]) -> str:
    each = (
        f'<Relationship Id="r{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{"".join(each)}</Relationships>'


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
"""The files, by French name: the dialect that reads the file, and the function that makes it."""
