"""Read CSV files row by row. A broken row is reported, and the next row is read.

Lines are numbered as in a text editor: the header is line 1, and a cell with line breaks counts all its
lines.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from io import BytesIO

from adapters.encodage import decode_line
from adapters.rejets import Illisible
from adapters.tabulaire.feuille import MAX_CELLS, Cellules, Feuille, Rangees
from contracts.errors import InvalidNative

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
DEBORDEMENT = "mettez entre guillemets un texte qui contient le séparateur"
MAX_LINES_IN_A_CELL = 20
"""Limit on the lines of a row with quoted cells: an unclosed quote must not swallow the rest of the file."""

MAX_LINE_BYTES = 128 * 1024
MAX_LINES = 1_000_000


def sheet(body: bytes, separator: str) -> Feuille:
    """Return the sheet of a CSV file. Its rows are read only when they are asked for. Raises InvalidNative if
    the bytes are no CSV; the error may come only while the rows are read."""
    text_lines(body)
    return Feuille(lambda: rows(text_lines(body), separator), DEBORDEMENT)


def transcoded(body: bytes, encodage: str | None) -> bytes:
    """Return a CSV file in UTF-8, transcoded from `encodage`; unchanged if `encodage` is None."""
    return body if encodage is None else body.decode(encodage, "replace").encode()


def text_lines(body: bytes) -> Iterator[str]:
    """Return the lines of a CSV file, each decoded as UTF-8 or CP1252. Raises InvalidNative if the bytes are
    no CSV; the error may come only while the lines are read."""
    if not body or body.isspace():
        raise InvalidNative("fichier vide : envoyez au moins la ligne d'en-tête")
    if body.startswith(UTF16_BOMS):
        raise InvalidNative("fichier en UTF-16 : enregistrez-le en « CSV UTF-8 »")
    if b"\n" not in body and b"\r" in body:
        body = body.replace(b"\r", b"\n")
    if body.count(b"\n") > MAX_LINES:
        raise InvalidNative(f"plus de {MAX_LINES} lignes : découpez le fichier")
    return _decoded(BytesIO(body.removeprefix(UTF8_BOM)))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for numero, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_BYTES:
            raise InvalidNative(f"ligne {numero} de plus de 128 Kio : vérifiez les fins de ligne")
        yield decode_line(line)


def rows(lines: Iterable[str], separator: str, first: int = 1) -> Rangees:
    """Yield each row that is not blank: the number of its first line, then its cells. For a row that cannot
    be split into cells, yield the error as the second value. `first`: the number of the first line in
    `lines`."""
    blank = f'{separator}\r\n\t "\xa0\x1a'
    source = _Lines(lines, first)
    separators = 0
    for numero, line in source:
        if not line.strip(blank):
            continue
        found = line.count(separator)
        separators = separators or found
        if found >= MAX_CELLS:
            yield numero, _too_many()
        elif '"' not in line:
            yield numero, line.rstrip("\r\n").split(separator)
        else:
            yield numero, _quoted(line, source, separator, separators)


class _Lines:
    def __init__(self, lines: Iterable[str], first: int) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self._numero = first - 1

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (line := self.peek(0)) is not None:
            self.take(1)
            yield self._numero, line

    def peek(self, distance: int) -> str | None:
        while len(self._ahead) <= distance:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[distance]

    def take(self, count: int) -> None:
        for _ in range(count):
            self._ahead.popleft()
        self._numero += count


def _quoted(line: str, source: _Lines, separator: str, separators: int) -> Cellules | Illisible:
    """Return the cells of the row that begins with `line`. While a quote is open, the row goes on in the next
    line of `source`. If that next line has `separators` separators or more, it is a new row, and the quote
    was never closed: return Illisible."""
    record = line
    for taken in range(MAX_LINES_IN_A_CELL):
        try:
            cells = next(csv.reader([record], delimiter=separator, strict=True))
        except csv.Error:
            following = source.peek(taken) if record.count('"') % 2 else None
            if following is None or following.count(separator) >= separators:
                break
            record += following
        else:
            source.take(taken)
            return cells if len(cells) <= MAX_CELLS else _too_many()
    return _broken()


def _too_many() -> Illisible:
    return Illisible(
        "nombre_colonnes", f"plus de {MAX_CELLS} cellules : vérifiez les fins de ligne et le séparateur"
    )


def _broken() -> Illisible:
    return Illisible(
        "guillemets", "guillemets mal fermés : doublez ceux du texte et fermez ceux de la cellule"
    )
