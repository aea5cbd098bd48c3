"""Read the export of a retired application: a CSV file of any length, or a workbook."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.encodage import decode_line
from adapters.rejets import Illisible
from adapters.tabulaire import csv
from adapters.tabulaire.archive import MAGIC
from adapters.tabulaire.classeur import open_workbook
from adapters.tabulaire.entete import Entete, header, tables_of
from adapters.tabulaire.feuille import Cellules, Rangees
from adapters.tabulaire.profil import Profil
from contracts.errors import InvalidNative

ONE_BYTE = "latin-1"
"""Encoding that maps every byte to a character: a file is split into lines before the encoding of a line is
known."""


@dataclass(frozen=True)
class Export:
    """The export file of an old application, opened for reading. Its rows can be read only once."""

    entete: Entete
    rangees: Rangees

    def rows(self) -> Iterator[tuple[int, Cellules | Illisible]]:
        """Yield each row's number in the file, and its cells or the reason why they cannot be read. A row that
        repeats the header is left out."""
        return ((n, c) for n, c in self.rangees if isinstance(c, Illisible) or not self.entete.repeated_by(c))


@contextmanager
def opened(file: Path, page: Profil) -> Iterator[Export]:
    """Open an export, to be read by the column profile `page`. Raises InvalidNative if columns that the profile
    needs are missing, or if a workbook has no table or is too large."""
    with file.open("rb") as raw:
        is_workbook = raw.read(len(MAGIC)) == MAGIC
    if is_workbook:
        yield _of_workbook(file, page)
        return
    encoding = page.encodage_lu or ONE_BYTE
    with file.open(encoding=encoding, errors="replace", newline=None) as text:
        lines = _lines(iter(lambda: text.readline(csv.MAX_LINE_BYTES + 1), ""), encoding)
        rangees = csv.rows(lines, page.separateur)
        yield Export(_header(rangees, page, None, page.separateur), rangees)


def _lines(lines: Iterator[str], encoding: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > csv.MAX_LINE_BYTES:
            raise InvalidNative(f"ligne {number} de plus de 128 Kio : vérifiez les fins de ligne")
        said = decode_line(line.encode(ONE_BYTE)) if encoding == ONE_BYTE else line
        yield said.removeprefix("\ufeff") if number == 1 else said


def _of_workbook(file: Path, page: Profil) -> Export:
    unknown: InvalidNative | None = None
    for feuille in open_workbook(file.read_bytes()).feuilles():
        rangees = feuille.lire()
        try:
            return Export(_header(rangees, page, feuille.nom, None), rangees)
        except InvalidNative as exc:
            unknown = unknown or exc
    raise unknown or InvalidNative("classeur vide : mettez l'export dans une feuille")


def _header(rangees: Rangees, page: Profil, feuille: str | None, separator: str | None) -> Entete:
    return header(rangees, tables_of(page, feuille), page.lignes_avant_entete, separator)


def fingerprint(file: Path) -> str:
    """Return a short SHA-256 hash of a file's content."""
    with file.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()[:32]


def kept_columns(entete: Entete) -> Sequence[int]:
    """Return the positions of the columns that the column profile reads, in ascending order. `entete` is the
    header in which the profile has found them."""
    return sorted({*entete.indices.values(), *(membre.indice for membre in entete.membres)})
