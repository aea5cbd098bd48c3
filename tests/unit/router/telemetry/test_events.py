"""The list of events is the log: what the code tells stands there, under its level, and nothing else does."""

import ast
from functools import cache
from pathlib import Path

from router.telemetry import outage
from router.telemetry.events import EVENTS

ROOT = Path(__file__).parents[4]
ROOMS = ("router", "ops", "connectors", "console")
LEVELS = {"info", "warning", "error", "critical"}
BY_CONSTANT = {
    outage.STARTED,
    outage.LASTS,
    outage.ENDED,
    "delivery.refused",
    "delivery.uncertain",
    "library",
}
"""Told by a name, or at a level, that a table or a library chooses."""


@cache
def told() -> set[tuple[str, str]]:
    """(event, level) of each call of a logger."""
    found = set[tuple[str, str]]()
    for source in (source for room in ROOMS for source in (ROOT / room).rglob("*.py")):
        text = source.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "log" in text else ():
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="logger" | "_log")
                        | ast.Call(func=ast.Attribute(attr="get_logger")),
                        attr=level,
                    ),
                    args=[ast.Constant(value=str(event)), *_],
                ) if level in LEVELS:
                    found.add((event, level))
    return found


def test_every_event_that_the_code_tells_is_listed_under_its_level():
    unlisted = {
        (event, level) for event, level in told() if (event not in EVENTS or EVENTS[event].level != level)
    }
    assert unlisted == set(), "à inscrire dans router/telemetry/events.py"


def test_nothing_is_listed_that_the_code_does_not_tell():
    assert EVENTS.keys() - BY_CONSTANT == {event for event, _ in told()}
