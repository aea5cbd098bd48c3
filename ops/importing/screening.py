"""Screen an export before it is sent: leave out rows past their retention, unused columns, and social
security numbers (NIR)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from adapters import valeurs
from adapters.nir import any_nir, has_nir
from adapters.rejets import Illisible
from adapters.tabulaire.feuille import Cellules
from adapters.tabulaire.formules import refuse_formula
from contracts.ports import Rejet

LUES, PERIMEES, TEXTES, NIR, REFUSEES = "lues", "perimees", "textes", "nir", "refusees"
"""Names of the counts: rows read, rows past their retention, cells in unused columns, cells with a NIR,
refused rows."""
SAID = {
    LUES: "lignes lues",
    PERIMEES: "lignes trop anciennes, laissées",
    TEXTES: "cellules de colonnes non portées, laissées",
    NIR: "numéros de sécurité sociale retirés",
    REFUSEES: "lignes refusées, à corriger",
}
NIR_SPLIT = "numéro de sécurité sociale écrit sur plusieurs cellules : retirez-le"
LONGEST_ROW = 20_000
"""Maximum number of characters of a row. A longer row is refused alone; otherwise the whole message of which
it is a part would be refused."""
SHOWN = 1_000
"""Number of characters to which the cells of a too long row are cut, so that people can correct it."""
TOO_LONG = (
    f"plus de {LONGEST_ROW} caractères ; chaque cellule est coupée ici à {SHOWN} : raccourcissez la ligne"
)
NO_DATE = "date du dernier contact illisible : écrivez-la jj/mm/aaaa"


@dataclass(slots=True)
class Screen:
    """Filter of an export's rows and columns before they are sent. `counts` has the numbers of rows read, left
    out and refused so far, and of filled cells left out."""

    header: Cellules
    kept: Sequence[int]
    """Positions of the columns that are sent."""
    contact: int
    """Position of the column with the day of the last contact."""
    oldest: date
    """Earliest last contact. A row with an earlier one is not imported."""
    counts: Counter[str] = field(default_factory=Counter)
    _left: Sequence[int] = field(init=False)
    """Positions of the columns left out, whose filled cells are counted."""

    def __post_init__(self) -> None:
        self._left = [place for place in range(len(self.header)) if place not in self.kept]

    def screened(
        self, rows: Iterator[tuple[int, Cellules | Illisible]]
    ) -> Iterator[tuple[int, Cellules, Rejet | None]]:
        """Yield (number, cells to send, rejection) for each row of the export; the rejection is None for a
        valid row. Rows with a last contact before `oldest` are left out."""
        for number, cells in rows:
            self.counts[LUES] += 1
            if isinstance(cells, Illisible):
                yield number, ["" for _ in self.kept], cells.rejet(number, None)
                continue
            padded = [*cells, *[""] * (len(self.header) - len(cells))]
            if (found := self._judged(number, padded)) is not None:
                yield number, *found

    def _judged(self, number: int, cells: Cellules) -> tuple[Cellules, Rejet | None] | None:
        last = _last_contact(cells[self.contact])
        if isinstance(last, date) and last < self.oldest:
            self.counts[PERIMEES] += 1
            return None
        self.counts[TEXTES] += sum(bool(cells[place].strip()) for place in self._left)
        lines = [on_one_line(cells[place]) for place in self.kept]
        too_long = sum(map(len, lines)) > LONGEST_ROW
        carried = [self._without_nir(line[:SHOWN] if too_long else line) for line in lines]
        if any_nir(carried):
            return ["" for _ in carried], Rejet("nir_interdit", NIR_SPLIT, number)
        if too_long:
            return carried, Rejet("trop_long", TOO_LONG, number)
        if isinstance(last, Illisible):
            return carried, last.rejet(number, self.header[self.contact])
        return carried, None

    def _without_nir(self, cell: str) -> str:
        if not has_nir(cell):
            return cell
        self.counts[NIR] += 1
        return ""


def _last_contact(cell: str) -> date | Illisible:
    try:
        refuse_formula(cell)
    except Illisible as exc:
        return exc
    try:
        return valeurs.day(cell)
    except Illisible:
        return Illisible("date_illisible", NO_DATE)


def on_one_line(cell: str) -> str:
    """Replace a cell's line breaks by spaces."""
    return " ".join(cell.splitlines())
