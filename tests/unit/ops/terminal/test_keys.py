"""What a command prints as JSON has French keys, however deep they stand."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from ops.rotation.turning import Master
from ops.status.verdict import Verdict
from ops.terminal.keys import KEYS
from ops.terminal.printing import in_french
from ops.tracing.way import Stop
from router.domain.audit_chain import AuditRow
from router.domain.vitals import Vitals
from tests.rows import each_row

FRENCH = {
    *(
        "action",
        "attend",
        "base",
        "bus",
        "cause",
        "code",
        "contact",
        "detail",
        "dispositif",
        "droit",
        "etape",
        "etat",
        "id",
    ),
    *(
        "lot_s",
        "messages_5_min",
        "partition",
        "pid",
        "piles",
        "place",
        "nature",
        "nom",
        "releve_h",
        "role",
        "rythme",
        "telephone",
        "ton",
        "topic",
    ),
    "version",
}
"""Names that are French already, or the same word."""


def names(kind: Any, seen: set[Any]) -> Iterator[str]:
    """Names of all facts in a value of this kind."""
    for part in get_args(kind):
        yield from names(part, seen)
    if kind in seen or not (is_dataclass(kind) or hasattr(kind, "_fields")):
        return
    seen.add(kind)
    own = [each.name for each in fields(kind)] if is_dataclass(kind) else kind._fields
    hints = get_type_hints(kind)
    for name in own:
        yield name
        yield from names(hints[name], seen)


@each_row("kind", [Vitals, Verdict, AuditRow, Stop, Master])
def test_every_fact_that_is_printed_has_a_french_key(kind: Any) -> None:
    said = set(names(kind, set()))
    assert said - FRENCH - KEYS.keys() == set()


def test_a_key_deep_in_a_list_is_french_and_a_value_stays_as_it_is() -> None:
    said = in_french({"partners": [{"known_since": "since", "motif": {"at": 1}}]})
    assert said == {"partenaires": [{"connu_depuis": "since", "motif": {"le": 1}}]}
