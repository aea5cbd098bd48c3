"""Single values as spreadsheets and national software really write them."""

from datetime import date
from time import perf_counter

import pytest

from adapters import valeurs
from adapters.encodage import clean, encodable, repair
from adapters.rejets import Illisible
from adapters.tabulaire.csv import rows
from adapters.vocabulaire import Vocabulaire
from tests.rows import each_row


@each_row("written", ["2026-03-05", "05/03/2026", "5/3/2026", " 2026-03-05 ", "2026-03-05T00:00:00.000"])
def test_a_day_has_three_spellings_and_midnight(written):
    assert valeurs.day(written) == date(2026, 3, 5)


@each_row(
    ("written", "code"),
    [
        ("03/2026", "date_imprecise"),
        ("31/02/2026", "date_illisible"),
        ("2026-02-30", "date_illisible"),
        ("2026-W10-4", "date_illisible"),
        ("20260305", "date_illisible"),
        ("٠٥/٠٣/٢٠٢٦", "date_illisible"),
        ("05/03/0026", "date_invraisemblable"),
        (1772668800, "date_illisible"),
        (None, "date_illisible"),
    ],
)
def test_what_is_no_day_is_refused_and_never_guessed(written, code):
    with pytest.raises(Illisible) as refused:
        valeurs.day(written)
    assert refused.value.code == code


def test_a_birth_may_be_known_to_the_month():
    assert valeurs.day_or_month("02/1990") == date(1990, 2, 1)
    with pytest.raises(Illisible):
        valeurs.day_or_month("13/1990")


@each_row(
    ("written", "number"),
    [("4", 4), ("4,0", 4), ("4.00", 4), (4.0, 4), ("1 200", 1200), ("12\u00a0345,0", 12345)],
)
def test_a_whole_number_survives_a_spreadsheet(written, number):
    assert valeurs.whole_number(written) == number


@each_row(
    "written", ["4,5", "quatre", "1 2", "", True, None, [], float("inf"), "1e999", 10**30, "NaN", "0x4"]
)
def test_what_is_no_whole_number_is_refused(written):
    with pytest.raises(Illisible):
        valeurs.whole_number(written)


@each_row(("written", "euros"), [("612,50", 613), ("612,49", 612), (612.5, 613), ("1 234,00", 1234)])
def test_an_amount_is_rounded_to_the_euro(written, euros):
    assert valeurs.rounded_euros(written) == euros


@each_row(
    ("written", "known"),
    [
        ("OUI", True),
        ("non", False),
        ("EN_COURS", None),
        ("À faire", None),
        ("NON_RENSEIGNE", None),
        ("NR", None),
    ],
)
def test_six_words_answer_a_yes_or_no_question_and_only_two_of_them_do(written, known):
    assert valeurs.tri_state(written) is known


@each_row(
    ("written", "read"),
    [
        ("10000024", "010000024"),
        (10000024, "010000024"),
        ("705004000018", "00705004000018"),
        ("2a0000022", "2A0000022"),
        ("26010004500012,0", "26010004500012"),
    ],
)
def test_a_structure_gets_its_leading_zeros_back(written, read):
    assert valeurs.etablissement(written) == read


@each_row("written", ["2,601E+13", "2.6E+13", "2E13", "2,60100045E+13"])
def test_a_rounded_siret_is_lost_and_said_to_be(written):
    with pytest.raises(Illisible, match="arrondi"):
        valeurs.etablissement(written)


@each_row(("written", "read"), [("1", "01"), ("075", "75"), ("2a", "2A"), ("974", "974"), ("9A", "971")])
def test_a_departement_is_read_in_any_spelling(written, read):
    assert valeurs.departement(written) == read


@each_row("word", ["Résidence", "« Étoile »", "Noël", "garçon"])
def test_utf8_that_was_read_as_cp1252_is_repaired(word):
    assert repair(word.encode().decode("cp1252")) == word
    assert repair(word) == word


@each_row("word", ["Ãngela", "SÃO", "€ Â"])
def test_a_name_that_only_looks_broken_is_left_alone(word):
    assert repair(word) == word


@each_row("text", ["a\0b", "a\x02", "\ud800", "a\u200bb"])
def test_invisible_characters_are_refused(text):
    with pytest.raises(Illisible):
        clean(text)


def test_a_letter_that_an_encoding_lacks_loses_its_accents_one_by_one():
    assert encodable("Łukasz Nguyễn Ionuț", "cp1252") == "Lukasz Nguyên Ionut"


def test_a_word_with_a_lost_letter_is_understood_only_where_one_remains_possible():
    words = Vocabulaire({"occupée": "place.occupee", "libérée": "place.liberee", "libérés": "x"})
    assert words.meaning("occup\ufffde") == "place.occupee"
    assert words.meaning("lib\ufffdr\ufffde") == "place.liberee"
    assert words.meaning("lib\ufffdr\ufffd\ufffd") is None


def test_a_long_cell_of_lost_letters_costs_no_more_than_a_short_one():
    words = Vocabulaire({"occupée": "place.occupee", "libérée": "place.liberee"})
    started = perf_counter()
    for _ in range(100):
        assert words.meaning("\ufffd" * 128 * 1024) is None
        assert words.meaning("\ufffd" * 7) is None
    assert perf_counter() - started < 0.5


def test_only_short_spellings_are_remembered():
    words = Vocabulaire({"occupée": "place.occupee"})
    for spaces in range(3000):
        assert words.meaning("occupée" + " " * spaces) == "place.occupee"
    remembered = list(vars(words)["_seen"])
    assert sum(map(len, remembered)) < 64 * 1024
    assert words.meaning("occupée") == "place.occupee"


def test_a_quote_that_is_never_closed_costs_its_own_row_only():
    lines = ["a;b;c\n", 'a;"b;c\n', *["x;y\n"] * 30, 'b";c\n', "a;b;c\n"]
    found = dict(rows(lines, ";"))
    assert list(found) == list(range(1, 35))
    assert [numero for numero, cells in found.items() if isinstance(cells, Illisible)] == [2]


def test_a_quote_within_a_bare_cell_is_text():
    assert dict(rows(["a;b;c\n", 'd;5" x;f\n', "g;h;i\n"], ";"))[2] == ["d", '5" x', "f"]


def test_two_stray_quotes_do_not_swallow_the_rows_between_them():
    found = dict(rows(["a;b;c\n", 'd;"e;f\n', "g;h;i\n", 'j;k";l\n', "m;n;o\n"], ";"))
    assert found[3] == ["g", "h", "i"]
    assert found[5] == ["m", "n", "o"]
    assert isinstance(found[2], Illisible)


def test_a_cell_with_a_line_break_counts_its_lines():
    assert list(rows(['a;"b\n', 'c"\n', "d;e\n"], ";")) == [(1, ["a", "b\nc"]), (3, ["d", "e"])]


def test_a_list_of_values_is_read_as_json_as_one_value_and_as_text():
    read = valeurs.several(valeurs.code)
    assert read(["10", 20]) == ("10", "20")
    assert read("10, 20,") == ("10", "20")
    assert read(10) == ("10",)


@pytest.mark.parametrize("written", [["10"] * (valeurs.MAX_VALUES + 1), "10," * (valeurs.MAX_VALUES + 1)])
def test_a_list_longer_than_any_code_list_is_refused_unread(written):
    with pytest.raises(Illisible) as refused:
        valeurs.several(valeurs.code)(written)
    assert refused.value.code == "trop_long"


@each_row("written", ["1e999999999", "1e16", "9" * 5000, float("1e300")])
def test_a_number_of_any_size_is_refused_without_being_written_out(written):
    for read in (valeurs.whole_number, valeurs.rounded_euros):
        with pytest.raises(Illisible) as refused:
            read(written)
        assert refused.value.code == "nombre_hors_bornes"
