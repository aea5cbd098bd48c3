"""People of both sides quote the same reference, however they write it."""

from uuid import UUID

from ops.desk.numbers import reference_in, reference_of
from tests.rows import each_row

REFERRAL = UUID("82227c52-0000-4000-8000-0000004d2a1f")


@each_row(
    ("typed", "found"),
    [
        ("4d2a1f", True),
        (" 4D2A1F ", True),
        ("réf. 4d2a1f", True),
        ("référence 4d2a1f", True),
        ("…4d2a1f", True),
        ("4d2a1", False),
        ("CH-103", False),
        ("dossier 4d2a1f", False),
    ],
)
def test_a_reference_is_found_as_people_write_it(typed: str, found: bool) -> None:
    assert reference_in(typed) == (reference_of(REFERRAL) if found else None)
