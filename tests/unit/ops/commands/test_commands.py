"""The command line before any command runs: what it lists, and what it does without."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.commands import main
from ops.commands.main import app
from tests.rows import each_row

SHOW_HELP = """
import sys
from ops.commands import main
from ops.commands.main import app
sys.argv = ["siao-hub", *sys.argv[1:], "--help"]
try:
    main()
finally:
    print(*sorted(name for name in sys.modules if "." not in name or name.startswith(("router.", "ops."))))
"""
IMPORT_EACH = """
import importlib, sys
for room in sys.argv[1:]:
    importlib.import_module(f"ops.{room}")
    print(*sys.modules)
"""
HEAVY = {"simulation", "pydantic", "ops.running.hub", "router.settings", "sqlalchemy", "fastapi", "aiokafka"}
HEAVY_FOR_A_QUESTION = {
    *("structlog", "pygments", "adapters.registry", "contracts.v1", "lxml", "faststream", "aiohttp"),
    *("opentelemetry", "pydantic_settings"),
}
USED = {"status.printed": {"aiokafka", "contracts.v1"}, "running.supervisor": {"structlog", "pygments"}}
"""What a command is for: `status` asks Kafka itself, and what the rule books wait for; the supervisor logs."""

QUESTIONS = (
    *("tasks.printed", "replay.quarantined", "partners.printed", "replay.printed", "audit.search"),
    *("tracing.printed", "partners.api_keys", "running.supervisor"),
)
"""Imported one after the other, those that use something heavy last."""


def help_of(*command: str) -> tuple[str, set[str]]:
    """The help of a command, and the modules that were imported for it."""
    shown = subprocess.run(
        [sys.executable, "-c", SHOW_HELP, *command], capture_output=True, text=True, check=True
    )
    text, _, modules = shown.stdout.rstrip().rpartition("\n")
    return text, set(modules.split())


def test_help_names_every_command_and_imports_neither_the_hub_nor_the_simulation():
    text, modules = help_of()
    for command in ("run", "migrate", "trace", "quarantine", "demo", "chaos"):
        assert f"│ {command} " in text
    assert "ops.commands.main" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize(("command", "option"), [("demo", "--kill"), ("chaos", "--minutes")])
def test_a_command_of_the_simulation_is_imported_when_it_is_asked_for(command: str, option: str):
    text, modules = help_of(command)
    assert option in text
    assert "simulation" in modules


def test_a_command_that_nobody_has_is_named():
    asked = subprocess.run(
        [sys.executable, "-m", "ops.commands", "danser"], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2
    assert "danser" in asked.stderr


@each_row("rooms", [QUESTIONS, ("status.printed",)], ids=len)
def test_a_command_waits_for_nothing_that_it_does_not_use(rooms: tuple[str, ...]):
    shown = subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, *rooms], capture_output=True, text=True, check=True
    )
    heavy = HEAVY - {"pydantic", "router.settings"} | HEAVY_FOR_A_QUESTION
    for room, modules in zip(rooms, shown.stdout.splitlines(), strict=True):
        assert not set(modules.split()) & (heavy - USED.get(room, set())), room


def test_a_setting_that_cannot_be_read_is_one_sentence_without_its_value():
    asked = subprocess.run(
        [sys.executable, "-m", "ops.commands", "status"],
        env={**os.environ, "SIAO_HUB_LEASE_S": "dix-s3cret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stderr.strip()) == (1, "✗ réglage SIAO_HUB_LEASE_S : nombre attendu")


def test_a_machine_is_told_which_keys_were_written_and_that_the_second_time_none_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)

    def created() -> dict[str, object]:
        done = CliRunner().invoke(app, ["cle", "creer", "--json"])
        assert done.exit_code == 0
        told: dict[str, object] = json.loads(done.stdout)
        return told

    assert created() == {
        "fait": True,
        "ecrites": ["master.key", "empreintes.key", "audit.key", "recus.key", "audit.pub", "recus.pub"],
    }
    assert created() == {"fait": False, "ecrites": []}


def test_it_says_which_version_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["siao-hub", "--version"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"siao-hub {version('siao-hub')}\n"
