"""A moment reads alike in every command."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from contracts.reference.fuseaux import FUSEAUX, HEURES, METROPOLE
from ops.commands.main import app
from ops.status.quantities import ZONE, day_and_hour, here
from ops.terminal.options import moment
from tests.rows import each_row

ROOT = Path(__file__).parents[3]
OWN_FORM = re.compile(r"%Y[^\n\"]*%H|isoformat\(\" \"")


def moments() -> list[str]:
    """Every command with a moment, by its name."""
    found = []

    def walk(command: object, path: str) -> None:
        for name, each in getattr(command, "commands", {}).items():
            walk(each, f"{path} {name}".strip())
        for parameter in getattr(command, "params", ()):
            name = getattr(parameter.type, "name", "")
            assert name != "datetime", f"{path} {parameter.opts[0]} reads moments of its own"
            if name == moment.__name__:
                found.append(f"{path} {parameter.opts[0]}")

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


@each_row(
    ("said", "before"),
    [("24h", timedelta(hours=24)), ("90min", timedelta(minutes=90)), ("7 j", timedelta(days=7))],
)
def test_a_moment_may_be_so_long_ago(said: str, before: timedelta) -> None:
    assert abs(datetime.now(UTC) - before - moment(said)) < timedelta(minutes=1)


@each_row("said", ["hier", "24", "24 heures", "h", "-3h", "24/11/2026"])
def test_a_moment_that_does_not_read_says_which_do(said: str) -> None:
    refused = CliRunner().invoke(app, ["compte", f"--depuis={said}"])
    assert refused.exit_code == 2
    for accepted in ("ne se lit pas", "24h", "2026-11-24"):
        assert accepted in refused.output


def test_a_moment_that_stands_alone_is_written_in_one_form_with_its_zone() -> None:
    moment = datetime(2026, 11, 23, 23, tzinfo=UTC)
    for zone, said in (
        (ZoneInfo("Indian/Reunion"), "24/11/2026 à 03:00:00 (heure de La Réunion)"),
        (ZoneInfo("Europe/Paris"), "24/11/2026 à 00:00:00 (heure de Paris)"),
        (timezone(timedelta(hours=5, minutes=30)), "24/11/2026 à 04:30:00 (UTC+05:30)"),
        (UTC, "23/11/2026 à 23:00:00 (UTC)"),
    ):
        before = ZONE.set(zone)
        assert day_and_hour(moment) == said
        ZONE.reset(before)
    own = [
        file.name
        for file in (ROOT / "ops").rglob("*.py")
        if OWN_FORM.search(file.read_text("utf-8"))
        and file.name not in ("quantities.py", "options.py")
        and file.parent.name != "desk"  # a clerk's page: « à 9 h 30 »
    ]
    assert not own, "d'autres formes d'un moment entier"


def test_every_zone_of_a_territory_has_a_name_and_nothing_else_writes_zones() -> None:
    assert {METROPOLE, *FUSEAUX.values()} == HEURES.keys()
    files = [file for part in ("ops", "console") for file in (ROOT / part).rglob("*.py")]
    assert not [file.name for file in files if "%Z" in file.read_text("utf-8")]


def test_a_moment_without_a_zone_is_by_the_clock_of_the_territory() -> None:
    before = ZONE.set(ZoneInfo("Indian/Reunion"))
    assert here(moment("2026-11-24T03:00")) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert here(moment("2026-11-24T03:00:00+00:00")) == datetime(2026, 11, 24, 3, tzinfo=UTC)
    ZONE.reset(before)
