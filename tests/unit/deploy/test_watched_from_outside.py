"""Rules and boards speak of metrics that exist, promtool accepts them, and every alarm has its page."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.local.promtool import promtool
from ops.alarms.configured import rules
from ops.status.findings import Code
from router.telemetry.metrics import listed
from tests.rows import each_row

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = (PROMETHEUS / "conditions.yml", PROMETHEUS / "objectifs.yml")
BOARD = ROOT / "deploy" / "grafana" / "hub.json"
ON_CALL = ROOT / "docs" / "astreinte"
OF_HISTOGRAMS = re.compile(r"_(bucket|count|sum)$")


def checked(*arguments: str) -> str:
    """What promtool says; where it says no, the test fails with it."""
    done = subprocess.run(
        [promtool(), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules_and_the_configuration():
    checked("check", "rules", *(rule.name for rule in RULES))
    checked("check", "config", "prometheus.yml")


def test_the_rules_fire_and_fall_silent_as_their_scenarios_say():
    checked("test", "rules", "essais.yml", "essais-objectifs.yml")


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule.name, re.sub(r"^\s*(- record|summary):.*$", "", rule.read_text("utf-8"), flags=re.M)
    board: Any = json.loads(BOARD.read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@each_row(("where", "expression"), expressions())
def test_every_metric_that_is_asked_for_exists(where: str, expression: str):
    known = {OF_HISTOGRAMS.sub("", name) for name in listed()}
    asked = {OF_HISTOGRAMS.sub("", name) for name in re.findall(r"\bsiao_hub_\w+", expression)}
    assert asked
    assert asked <= known, where


def test_every_condition_has_a_rule_and_every_alarm_a_page():
    assert rules().keys() == set(Code)
    named = {rule.page for rule in rules().values()}
    named |= set(re.findall(r"page: docs/astreinte/([\w-]+)\.md", RULES[1].read_text("utf-8")))
    pages = {page.stem for page in ON_CALL.glob("*.md")} - {"README"}
    assert named == pages


@each_row("page", sorted(ON_CALL.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_says_what_it_means_what_to_look_at_and_what_to_do(page: Path):
    text = page.read_text("utf-8")
    if page.stem != "README":
        assert [line for line in text.splitlines() if line.startswith("## ")] == [
            "## Regarder",
            "## Faire",
            "## C'est fini quand",
        ]
