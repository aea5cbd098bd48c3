"""A moment reads alike in every command."""

from datetime import datetime

import pytest
import typer
from typer.testing import CliRunner

from ops.commands.main import app
from ops.terminal.options import MOMENTS


def moments() -> list[str]:
    """Every command with a moment, by its name."""
    found = []

    def walk(command: object, path: str) -> None:
        for name, each in getattr(command, "commands", {}).items():
            walk(each, f"{path} {name}".strip())
        for parameter in getattr(command, "params", ()):
            if getattr(parameter.type, "name", "") == "datetime":
                found.append(f"{path} {parameter.opts[0]}")
                assert list(parameter.type.formats) == MOMENTS, found[-1]

    walk(typer.main.get_command(app), "")
    return found


def test_every_command_takes_a_moment_in_the_same_forms() -> None:
    assert len(moments()) > 6


@pytest.mark.parametrize("said", ["2026-11-24T03:00", "2026-11-24", "2026-11"])
def test_a_day_and_a_month_are_moments_too(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime | None] = []

    async def show(settings: object, since: datetime | None, *more: object) -> int:
        asked.append(since)
        return 0

    monkeypatch.setattr("ops.balance.printed.show", show)
    assert CliRunner().invoke(app, ["compte", "--depuis", said]).exit_code == 0
    (since,) = asked
    assert since is not None
    assert since.strftime("%Y-%m-%dT%H:%M").startswith(said)
