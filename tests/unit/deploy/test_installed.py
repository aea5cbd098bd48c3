"""What an installation copies names what exists: roles, settings, events."""

import re
from pathlib import Path

import pytest

from router.roles import Role
from router.telemetry.events import EVENTS
from tests.golden import reference

ROOT = Path(__file__).parents[3]
UNITS = ROOT / "deploy" / "systemd"
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/astreinte").glob("*.md")),
]
KNOWN = {row[0].strip("`") for row in list(reference.settings())[1:]}


def test_the_unit_of_a_role_is_said_to_be_enabled_for_every_role():
    text = (UNITS / "siao-hub@.service").read_text("utf-8")
    assert set(re.findall(r"siao-hub@(\w+)", text)) == set(Role)
    assert "siao-hub run --role %i" in text


@pytest.mark.parametrize(
    "file", [UNITS / "hub.env.exemple", ROOT / "deploy" / "compose.yaml", *PAGES], ids=str
)
def test_every_setting_that_is_named_exists(file: Path):
    named = set(re.findall(r"SIAO_HUB_[A-Z_]+[A-Z]", file.read_text("utf-8")))
    sections = {name.rpartition("__")[0] for name in KNOWN}
    assert named - KNOWN - sections == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_event_of_the_log_that_a_page_names_exists(page: Path):
    rooms = "|".join(sorted({name.partition(".")[0] for name in EVENTS if "." in name}))
    named = set(re.findall(rf"`((?:{rooms})\.[a-z_]+)`", page.read_text("utf-8")))
    assert named <= EVENTS.keys() | NO_EVENTS


NO_EVENTS = {"audit.key"}
"""Files that are called like events."""
