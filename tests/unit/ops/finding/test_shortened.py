"""What a list shows of an id is enough to ask for it, and people write it in many ways."""

from uuid import UUID

import pytest

from ops.desk.numbers import reference_of
from ops.finding.shortened import Short, short_in, shortened
from tests.rows import each_row

IDENT = UUID("0198c3a2-4d17-7000-8000-0000004d2a1f")
HEAD, TAIL = "0198c3a2", "4d2a1f"


@each_row(
    ("typed", "meaning"),
    [
        ("0198c3a2…4d2a1f", Short(HEAD, TAIL)),
        ("message 0198c3a2...4d2a1f", Short(HEAD, TAIL)),
        ("0198C3A2…", Short(beginning=HEAD)),
        ("0198c3a2", Short(beginning=HEAD)),
        ("0198c3a2-4d", Short(beginning="0198c3a2-4d")),
        (str(IDENT), Short(beginning=str(IDENT))),
        ("4d2a1f", Short(end=TAIL)),
        (" 4D2A1F ", Short(end=TAIL)),
        ("réf. 4d2a1f", Short(end=TAIL)),
        ("référence 4d2a1f", Short(end=TAIL)),
        ("…4d2a1f", Short(end=TAIL)),
        ("4d2a1", None),
        ("…", None),
        ("CH-103", None),
        ("dossier 4d2a1f", None),
        ("1234567", None),
        ("0612345678", None),
        ("13002526500013", None),
        ("001112600000131000", None),
    ],
)
def test_a_short_id_is_read_as_people_write_it(typed: str, meaning: Short | None) -> None:
    assert short_in(typed) == meaning


def test_what_a_list_shows_of_an_id_is_read_back() -> None:
    short = short_in(shortened(IDENT))
    assert short == Short(HEAD, reference_of(IDENT))
    first, last = short.ids
    assert first < IDENT < last


@each_row(("typed", "whole"), [(str(IDENT), True), (str(IDENT)[:-1], False), (HEAD, False), (TAIL, False)])
def test_an_id_is_whole_with_its_last_digit(typed: str, whole: bool) -> None:
    short = short_in(typed)
    assert short is not None
    assert short.is_whole is whole


@pytest.mark.parametrize("typed", ["0198c3a2", "0198c3a2-4d17-7000", str(IDENT)])
def test_the_ids_that_begin_so_are_a_range(typed: str) -> None:
    short = short_in(typed)
    assert short is not None
    first, last = short.ids
    assert first <= IDENT <= last
    assert str(first).startswith(typed)
    assert str(last).startswith(typed)
