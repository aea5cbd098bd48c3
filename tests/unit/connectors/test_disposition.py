from hypothesis import given
from hypothesis import strategies as st

from connectors.disposition import disposition, filename_of
from tests.rows import each_row

NAMES = st.text(st.characters(exclude_characters="/\\", exclude_categories=["Cs"]), min_size=1)


@given(NAMES)
def test_a_name_comes_back_as_it_was(name):
    assert filename_of(disposition(name)) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_header_is_one_line_of_ascii(name):
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()


@each_row(
    ("header", "name"),
    [
        ('attachment; filename="a b.csv"', "a b.csv"),
        ("attachment; filename=a.csv", "a.csv"),
        ('attachment; FileName = "a.csv"; size=3', "a.csv"),
        (r'attachment; filename="a\"b.csv"', 'a"b.csv'),
        ("attachment; filename=\"e.csv\"; filename*=UTF-8''%C3%A9.csv", "é.csv"),
        ("attachment; filename*=iso-8859-1'fr'%E9.csv", "é.csv"),
        ('attachment; filename="C:\\dossier\\a.csv"', "C:dossiera.csv"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="dossier/"', None),
        ("attachment", None),
        ("", None),
    ],
)
def test_a_name_is_read_without_folders(header, name):
    assert filename_of(header) == name
