"""Shelter software as CSV (profil supposé): one row a place or a decision, columns by profile.

Decodes, told apart by their header, files of places (place.*) and files of decisions (the answers to
referrals); encodes orientation.proposee and orientation.annulee, one row a file.
"""

from collections.abc import Iterator
from itertools import islice

from adapters.hebergement.colonnes import Plan, is_header, plan
from adapters.hebergement.csv_sortie import encode
from adapters.lignes import Cellules, rows, text_lines
from adapters.nir import TOLD_ROWS, has_nir, may_hold_nir, refused_whole
from adapters.profil import profil
from adapters.rejets import Illisible
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Decoded, Ligne, Native

__all__ = ["decode", "encode"]


def decode(native: Native, partner: Partner) -> Decoded:
    """Read a file, row by row. Raises InvalidNative where its header says too little to read it."""
    page = profil(partner.profil)
    lines = text_lines(native.body)
    if may_hold_nir(native.body):
        lines_with = (numero for numero, line in enumerate(text_lines(native.body), 1) if has_nir(line))
        if guilty := list(islice(lines_with, TOLD_ROWS)):
            return refused_whole(guilty)
    records = rows(lines, page.separateur)
    header = _header(records)
    kinds = {"places": page.places, "décisions": page.decisions}
    return Decoded(_lignes(records, header, plan(header, kinds, partner)))


def _header(records: Iterator[tuple[int, Cellules | Illisible]]) -> Cellules:
    """The first row, once past the separator hint that spreadsheets write."""
    for numero, cells in records:
        if isinstance(cells, Illisible):
            raise InvalidNative(f"en-tête illisible (ligne {numero}) : {cells}")
        if not cells[0].lower().startswith("sep="):
            return cells
    raise InvalidNative("fichier vide : envoyez au moins la ligne d'en-tête")


def _lignes(
    records: Iterator[tuple[int, Cellules | Illisible]], header: Cellules, reading: Plan
) -> Iterator[Ligne]:
    for numero, cells in records:
        if isinstance(cells, Illisible):
            yield Ligne(numero, rejets=(cells.rejet(numero, None),))
        elif not is_header(cells, header):
            yield reading.read(numero, cells)
