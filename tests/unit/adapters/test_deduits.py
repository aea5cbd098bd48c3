"""A table leaves the rest of a total to its reader, and tells what was repaired on the way."""

from adapters import reparations
from adapters.tabulaire.deduits import remainders
from adapters.valeurs import commune, day_or_month, departement, etablissement, text, whole_number
from tests.rows import each_row

PARTS = {"vacantes": ("capacite", "occupees", "indisponibles")}


def test_a_rest_is_never_below_zero_nor_guessed_from_parts_that_are_not_there():
    short, unknown = {"capacite": 3, "occupees": 4, "indisponibles": 0}, {"capacite": 3, "occupees": 2}
    assert [each.champ for each in remainders(short, PARTS, 5, {"capacite": "Places"})] == ["Places"]
    assert remainders(unknown, PARTS, 5, {}) == []
    assert "vacantes" not in unknown


@each_row(
    ("read", "written", "message"),
    [
        (etablissement, "10000024", reparations.TABLEUR),
        (etablissement, "010000024,0", reparations.TABLEUR),
        (etablissement, "010 000 024", None),
        (commune, "1053", reparations.TABLEUR),
        (commune, "9D411", reparations.OUTRE_MER),
        (commune, "2a004", None),
        (departement, "075", reparations.TABLEUR),
        (departement, "9A", reparations.OUTRE_MER),
        (departement, "75", None),
        (text, "RÃ©sidence", reparations.ENCODAGE),
        (text, " Résidence\xa0", None),
        (text, "9A101 rue Fictive", None),
        (whole_number, "4,0", reparations.VIRGULE),
        (whole_number, "1 200", None),
        (day_or_month, "02/1990", reparations.JOUR),
        (day_or_month, "14/02/1990", None),
    ],
)
def test_a_sender_is_told_what_was_repaired_and_nothing_else(read, written, message):
    assert reparations.repair(written, read(written)) == message
