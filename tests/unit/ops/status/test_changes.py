"""What has changed about the hub itself is not pushed out by what people do every day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

import pytest

from ops.audit.words import ACTIONS
from ops.status.changes import acts_of, shown_of
from router.domain.vitals import Act
from router.store.audit import SETTINGS
from router.store.tables import audit
from tests.unit.ops.status.test_verdict import NOW, ago

DAILY = (
    *("boite.", "bureau.", "bus.", "console.", "doublon.", "liste.", "livraison.", "livraisons.", "menage."),
    *("message.", "octets.", "orpheline.", "personne.", "quarantaine.", "rejeu.", "tache."),
)
"""How the actions begin that are the work of a day on messages, deliveries and households, or a login."""
NEVERTHELESS = {"compte.inscrire"}
"""What a person does once, for her own account."""


class Row(NamedTuple):
    actor: str
    action: str
    object: str
    at: Any = NOW


def acts(*rows: Row) -> Sequence[Act]:
    return list(acts_of(cast("Any", rows)))


def test_every_action_is_a_change_of_the_settings_or_daily_work() -> None:
    daily = {each for each in ACTIONS if each.startswith(DAILY)} | NEVERTHELESS
    assert daily | {*SETTINGS} == ACTIONS.keys()
    assert not daily & {*SETTINGS}


def test_the_index_holds_the_actions_that_the_statement_asks_for() -> None:
    (index,) = (each for each in audit.indexes if each.name == "audit_settings")
    assert str(index.dialect_options["postgresql"]["where"]) == f"action IN {SETTINGS}"


def test_a_registry_that_changes_ten_entries_is_one_act_and_names_one_of_them() -> None:
    entries = [Row("alix", "partenaire.changer", f"centre-{n}") for n in range(10)]
    before = Row("alix", "partenaires.appliquer", "registre", ago(hours=1))
    assert acts(*entries, Row("alix", "partenaires.appliquer", "registre"), before) == [
        Act(NOW, "alix", "partenaire.changer", "centre-0", others=9),
        Act(before.at, "alix", "partenaires.appliquer", "registre"),
    ]


def test_the_steps_of_a_migration_are_one_act_that_names_the_last() -> None:
    steps = [Row("hub", "base.migrer", f"00{n}", NOW - timedelta(seconds=72 - n)) for n in (72, 71, 70)]
    assert acts(*steps) == [Act(NOW, "hub", "base.migrer", "0072", others=2)]


@pytest.mark.parametrize(
    ("shown", "in_all", "words"),
    [(5, 12, "5 sur 12 changements"), (5, None, "les 5 derniers changements"), (3, 3, ""), (0, 0, "")],
)
def test_what_is_not_shown_is_said(shown: int, in_all: int | None, words: str) -> None:
    assert shown_of(shown, in_all) == words
