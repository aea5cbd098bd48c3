"""What a page of a list says of the rows that follow it."""

from console.pages.paging import SORTED, Vue
from tests.rows import each_row

LISTED = 2


@each_row(
    ("vue", "there", "shown", "follow"),
    [
        (Vue(), LISTED - 1, LISTED - 1, False),
        (Vue(), LISTED, LISTED, False),
        (Vue(), LISTED + 1, LISTED, True),
        (Vue(entiere=True), SORTED, SORTED, False),
        (Vue(entiere=True), SORTED + 1, SORTED, True),
    ],
)
def test_a_full_last_page_leads_to_no_empty_one(vue: Vue, there: int, shown: int, follow: bool) -> None:
    read = range(there)[: vue.most(LISTED)]
    for rows, part in (vue.part(read, LISTED, debut=True), vue.cut(range(there), LISTED)):
        assert (len(rows), part.suite) == (shown, follow)
