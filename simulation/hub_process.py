"""The hub under test or demonstration, in processes that end with this one."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.local import PartUnavailable
from deploy.local.process import Child

READY_SECONDS = 60.0
POLL_SECONDS = 0.05
ROOT = Path(__file__).parents[1]


def module(name: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the command that runs a Python module of this repository from any folder, with additional
    variables."""
    settings = {"PYTHONPATH": str(ROOT), **(environment or {})}
    return [
        "/usr/bin/env",
        *(f"{key}={value}" for key, value in settings.items()),
        sys.executable,
        "-m",
        name,
    ]


def own_environment(name: str, folder: Path, port: int) -> dict[str, str]:
    """Return the variables that separate a hub from others on the same Kafka, PostgreSQL and machine.

    `name`: letters, digits, `_`.
    """
    return {
        "SIAO_HUB_DATABASE__SCHEMA_NAME": name,
        "SIAO_HUB_KAFKA__PREFIX": name.replace("_", "-"),
        "SIAO_HUB_HTTP__PORT": str(port),
        "SIAO_HUB_HEALTH__PORT": "0",  # several hubs may run side by side
        "SIAO_HUB_ERASURES_FILE": str(folder / "effacements.jsonl"),
        "SIAO_HUB_AUDIT_HEADS_FILE": str(folder / "audit-tetes.jsonl"),
        "SIAO_HUB_AUDIT_STAMPS_FILE": str(folder / "audit-horodatages.jsonl"),
        "SIAO_SECRETS_FOLDER": str(folder),
    }


class HubProcess:
    """A hub run as `siao-hub run`, with all its processes."""

    def __init__(self, folder: Path, environment: Mapping[str, str], url: str) -> None:
        self.log = folder / "hub.log"
        self._folder = folder
        self._command = module("ops.commands", environment)
        self._url = url
        self._child = Child(folder, self.log)

    def prepare(self, registry: Path) -> None:
        """Create the hub's tables and load the partners. Raises PartUnavailable."""
        for arguments in (("migrate",), ("partners", "apply", str(registry), "--oui")):
            Child(self._folder, self.log).run([*self._command, *arguments])

    def start(self) -> None:
        """Start the hub without waiting for it."""
        self._child.spawn([*self._command, "run"])

    def wait_until_ready(self) -> None:
        """Return once `/readyz` answers 200. Raises PartUnavailable after a deadline or when the hub ends."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline or not self.runs():
                raise PartUnavailable(f"Le hub ne répond pas.\n{tail(self.log)}")
            time.sleep(POLL_SECONDS)

    def is_ready(self) -> bool:
        """Return whether `/readyz` answers 200."""
        try:
            with urllib.request.urlopen(f"{self._url}/readyz", timeout=2) as answer:  # noqa: S310 - our own URL
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def runs(self) -> bool:
        """Return whether the hub's main process is alive."""
        return self._child.pid is not None

    def kill9(self) -> None:
        """Kill all processes of the hub at once."""
        self._child.kill9()

    def stop(self) -> None:
        """Stop the hub cleanly, if it runs."""
        self._child.stop()


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log file."""
    return "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])
