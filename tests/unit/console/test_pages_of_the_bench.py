"""The bench knows every page of the console before it fills tables for it."""

from uuid import uuid4

from bench.console import paths
from console.app import PAGES


def test_each_page_is_asked_and_none_that_never_ends() -> None:
    asked = list(paths(dict.fromkeys(("message", "delivery", "subject", "entry"), uuid4())))
    of_operators = [page for page in PAGES if not page.__name__.startswith("console.bureau")]
    assert len(asked) >= len(of_operators) - 3, "ni les deux entrées, ni la recherche"
    assert not [path for path in asked if "{" in path or path.endswith("/direct")]
