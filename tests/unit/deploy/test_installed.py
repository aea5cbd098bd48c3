"""What an installation copies names what exists: roles, settings, events."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.terminal.environment import PREFIX, settings_of
from router.domain.roles import Role
from router.settings import Settings
from router.telemetry.events import EVENTS
from tests.golden import reference
from tests.rows import each_row

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
EXAMPLE = UNITS / "hub.env.exemple"
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/astreinte").glob("*.md")),
]
INSTALLED = [EXAMPLE, DEPLOY / "compose.yaml", DEPLOY / "kubernetes" / "siao-hub.yaml", *PAGES]
KNOWN = {row[0].strip("`") for row in list(reference.settings())[1:]}


def test_the_unit_of_a_role_is_said_to_be_enabled_for_every_role():
    text = (UNITS / "siao-hub@.service").read_text("utf-8")
    assert set(re.findall(r"siao-hub@(\w+)", text)) == set(Role)
    assert "siao-hub run --role %i" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd alone judges its units")
@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_systemd_judges_that_a_unit_exposes_little(unit: Path):
    judged = ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", str(unit)]
    done = subprocess.run(judged, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_a_unit_stops_the_hub_before_its_readers_and_shows_its_state_to_nobody(unit: Path):
    lines = set(unit.read_text("utf-8").splitlines())
    assert {"KillMode=mixed", "StateDirectoryMode=0700", "UMask=0077"} <= lines


@each_row("file", INSTALLED)
def test_every_setting_that_is_named_exists(file: Path):
    named = set(re.findall(r"SIAO_HUB_[A-Z_]+[A-Z]", file.read_text("utf-8")))
    sections = {name.rpartition("__")[0] for name in KNOWN}
    assert named - KNOWN - sections == set()


def test_every_password_of_the_containers_is_made_by_a_script_and_none_has_a_default(tmp_path: Path):
    asked = re.findall(r"\$\{(\w+_PASSWORD)(.*?)\}", (DEPLOY / "compose.yaml").read_text("utf-8"))
    shutil.copy(DEPLOY / "secrets.sh", tmp_path)
    subprocess.run([tmp_path / "secrets.sh"], check=True)
    made = dict(line.split("=") for line in (tmp_path / ".env").read_text().splitlines())
    assert {name for name, _ in asked} == made.keys()
    assert all(otherwise.startswith(":?") for _, otherwise in asked)
    assert len(set(made.values())) == len(made)
    verified = [
        "openssl",
        "verify",
        "-CAfile",
        "secrets/autorite.pem",
        "-verify_hostname",
        "kafka",
        "secrets/kafka.pem",
    ]
    subprocess.run(verified, cwd=tmp_path, check=True)


def test_the_image_takes_its_base_from_whoever_builds_it_and_runs_as_a_number_behind_an_init():
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {"${BASE}"}
    assert "USER 10001:10001" in lines
    assert 'ENTRYPOINT ["tini", "--", "siao-hub"]' in lines


def sourced(file: Path) -> Mapping[str, str]:
    """What a shell makes of the settings of this file."""
    script = ["sh", "-c", 'set -a; . "$0"; env -0', str(file)]
    said = subprocess.run(script, env={"PATH": os.defpath}, capture_output=True, check=True).stdout
    variables = (each.partition("=") for each in said.decode("utf-8").split("\0"))
    return {name: value for name, _, value in variables if name.startswith(PREFIX)}


def test_the_example_of_settings_names_a_file_for_every_key():
    keys = {PREFIX + name.upper() for name in Settings.model_fields if name.endswith("_key_file")}
    assert keys
    assert keys - sourced(EXAMPLE).keys() == set()


def test_the_example_of_settings_means_the_same_wherever_a_command_is_given():
    said = sourced(EXAMPLE)
    assert settings_of(said).alarms.email_to == ("astreinte@exemple.fr",)
    assert [name for name, value in said.items() if name.endswith("_FILE") and value[0] != "/"] == []


def test_the_example_of_settings_is_read_alike_by_a_shell_and_by_systemd():
    lines = [line for line in EXAMPLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    plain = [re.fullmatch(r"(\w+)=(?:'([^'\\]*)'|([\w./:,@+-]*))", line) for line in lines]
    assert {part[1]: part[2] or part[3] for part in plain if part} == sourced(EXAMPLE)


def test_whoever_types_a_command_has_the_settings_of_the_hub_and_the_name_that_sudo_knows(tmp_path: Path):
    (tmp_path / "hub.env").write_bytes(EXAMPLE.read_bytes())
    setpriv = tmp_path / "setpriv"
    setpriv.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\nenv -0\n')
    setpriv.chmod(0o700)
    wrapper = (UNITS / "siao-hub").read_text("utf-8").replace("/etc/siao-hub", str(tmp_path))
    around = {"PATH": f"{tmp_path}:{os.defpath}", "SUDO_USER": "claire", "SIAO_HUB_OPERATOR": "une autre"}
    typed = ["sh", "-c", wrapper, "siao-hub", "find", "deux mots"]
    said = (
        subprocess.run(typed, env=around, capture_output=True, check=True).stdout.decode("utf-8").split("\0")
    )
    assert said[:3] == ["--reuid=siao-hub", "--regid=siao-hub", "--init-groups"]
    assert said[3:6] == ["/opt/siao-hub/.venv/bin/siao-hub", "find", "deux mots"]
    assert {"SIAO_HUB_OPERATOR=claire", "SIAO_HUB_HTTP__HOST=127.0.0.1"} <= set(said)


@each_row("page", PAGES, ids=lambda page: page.name)
def test_every_event_of_the_log_that_a_page_names_exists(page: Path):
    rooms = "|".join(sorted({name.partition(".")[0] for name in EVENTS if "." in name}))
    named = set(re.findall(rf"`((?:{rooms})\.[a-z_]+)`", page.read_text("utf-8")))
    assert named <= EVENTS.keys() | NO_EVENTS


NO_EVENTS = {"audit.key", "audit.pub", "hub.env"}
"""Files that are called like events."""
