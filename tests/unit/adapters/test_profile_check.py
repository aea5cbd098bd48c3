"""What a profile makes of a file is told before the partner sends it."""

from adapters.tabulaire.essai import Constat, examine
from adapters.tabulaire.profils import profil
from tests.golden.cas import ICI

GESTION = profil("hebergement_gestion")
PLACES = (ICI / "hebergement_csv" / "gestion_places.csv").read_bytes().decode("cp1252")


def only(text: str) -> Constat:
    (found,) = examine(text.encode(), GESTION)
    return found


def test_every_column_of_a_file_that_fits_is_recognised() -> None:
    found = only(PLACES)
    assert (found.table, found.ligne_entete, found.absentes, found.trop_bas) == ("places", 1, [], False)
    assert all(colonne.champ for colonne in found.colonnes)


def test_a_renamed_column_is_missing_and_the_nearest_guess_is_told() -> None:
    found = only(PLACES.replace("N° de chambre", "Num. chambre", 1))
    assert found.absentes == ["N° de chambre"]
    (renamed,) = [colonne for colonne in found.colonnes if colonne.champ is None]
    assert (renamed.nom, renamed.devinee) == ("Num. chambre", "N° de chambre")


def test_a_column_that_resembles_nothing_has_no_guess() -> None:
    header, _, rest = PLACES.partition("\n")
    found = only(f"{header.rstrip()};Zzz\n{rest}")
    assert [(c.nom, c.devinee) for c in found.colonnes if c.champ is None] == [("Zzz", None)]


def test_a_header_below_where_the_profile_looks_for_it_is_told_with_its_line() -> None:
    found = only(f"Centre d'exemple\nÉtat au 1er mars\n{PLACES}")
    assert (found.ligne_entete, found.trop_bas, found.avant, found.absentes) == (3, True, 2, [])


def test_blank_lines_and_the_line_that_announces_the_separator_do_not_make_a_header_too_low() -> None:
    found = only(f"sep=;\n\n{PLACES}")
    assert (found.ligne_entete, found.trop_bas, found.avant, found.absentes) == (3, False, 0, [])
