"""What people type never stands in an address, which proxies, logs and histories keep."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from fastapi.dependencies.models import Dependant

from console.app import PAGES
from tests.rows import each_row

TEMPLATES = Path(__file__).parents[3] / "console" / "templates"
FORM = re.compile(r"<form\b(?P<tag>[^>]*)>(?P<inside>.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>")
CHOSEN = ("checkbox", "radio", "month")
"""Kinds of input in which nobody can write."""
MACRO = re.compile(r"\{\{ *(\w+\.\w+)\(")
IN_ADDRESSES = {
    *(
        "partenaire",
        "etat",
        "nature",
        "chez",
        "ordre",
        "apres",
        "apres_id",
        "apres_cle",
        "csv",
        "tout",
        "jours",
        "heures",
        "avant",
        "avant_id",
        "mois",
        "entiere",
        "page",
        "reglages",
    ),
    *(
        "structure",
        "effet",
        "decision",
        "envoye",
        "territoire",
        "cause",
        "empreinte",
        "q",
        "vers",
        "preuve",
        "code",
        "state",
    ),
}
"""Parameters of addresses: codes, moments, ids of the hub and of the registry, proofs that serve once. `q` is read as
an id alone."""


def forms() -> Iterator[tuple[str, str, str]]:
    """Each form of the console and of the desk, with its template, its tag and its content."""
    for template in sorted(TEMPLATES.rglob("*.html")):
        for found in FORM.finditer(template.read_text("utf-8")):
            yield str(template.relative_to(TEMPLATES)), found["tag"], found["inside"]


def test_a_form_in_which_somebody_can_write_is_sent_in_the_body_of_a_request() -> None:
    walked = list(forms())
    assert len(walked) > 40, "le test voit les formulaires"
    written = [
        (template, field)
        for template, tag, inside in walked
        if 'method="post"' not in tag
        for field in (*INPUT.findall(inside), *MACRO.findall(inside))
        if field != "m.choix" and not any(f'type="{kind}"' in field for kind in CHOSEN)
    ]
    assert written == []


@each_row("module", PAGES)
def test_an_address_of_a_page_holds_codes_and_ids_alone(module: object) -> None:
    router = module.router  # type: ignore[attr-defined]
    for route in router.routes:
        if "GET" in getattr(route, "methods", ()):
            assert {*names_of(route.dependant)} <= IN_ADDRESSES, route.path


def names_of(dependant: Dependant) -> Iterator[str]:
    """The parameters that a route and its dependencies read from an address."""
    yield from (field.alias for field in dependant.query_params)
    if inspect.isfunction(dependant.call):  # `asked` reads the fields of its model by itself
        held = inspect.getclosurevars(dependant.call).nonlocals
        yield from {*held["model"].model_fields} - held["typed"] if "typed" in held else ()
    for inner in dependant.dependencies:
        yield from names_of(inner)
