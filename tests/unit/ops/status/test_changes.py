"""What has changed about the hub itself is not pushed out by what people do every day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

import pytest

from ops.audit.words import ACTIONS
from ops.status.changes import changes_of, shown_of
from router.domain.vitals import Change
from router.store.audit import SETTINGS
from router.store.tables.audit import audit
from tests.unit.ops.status.test_verdict import NOW

DAILY = {
    "boite.lire",
    "bureau.corriger",
    "bureau.dire",
    "bureau.lire",
    "bureau.refuser",
    "bureau.regler",
    "bus.falsifie",
    "compte.inscrire",
    "console.entrer",
    "console.fermer",
    "console.profil",
    "doublon.comparer",
    "doublon.decider",
    "liste.lire",
    "livraison.arrivee",
    "livraison.classer",
    "livraison.demander",
    "livraison.renvoyer",
    "livraisons.essayer",
    "menage.oublier",
    "message.accepte",
    "message.partiel",
    "message.refuse",
    "message.remis",
    "octets.lire",
    "orpheline.classer",
    "orpheline.rattacher",
    "personne.acces",
    "personne.accordee",
    "personne.effacement",
    "personne.exporter",
    "personne.levee",
    "personne.limitation",
    "personne.opposition",
    "personne.portabilite",
    "personne.rectification",
    "personne.refusee",
    "quarantaine.classer",
    "quarantaine.corriger",
    "quarantaine.rejouer",
    "rejeu.changer",
    "rejeu.demander",
    "tache.prendre",
    "tache.rendre",
}
"""Actions on messages, deliveries, households and tasks, a login, and what a person does once for her own account.
Each by its name: a new one is judged by somebody, and not by how it begins."""


class Row(NamedTuple):
    actor: str
    action: str
    object: str
    at: Any = NOW
    others: int = 0
    scanned: int = 3


def changes(*rows: Row) -> Sequence[Change]:
    return list(changes_of(cast("Any", rows)))


def test_every_action_is_a_change_of_the_settings_or_daily_work() -> None:
    assert DAILY | {*SETTINGS} == ACTIONS.keys()
    assert not DAILY & {*SETTINGS}


def test_the_index_holds_the_actions_that_the_statement_asks_for() -> None:
    (index,) = (each for each in audit.indexes if each.name == "audit_settings")
    assert str(index.dialect_options["postgresql"]["where"]) == f"action IN {SETTINGS}"


def test_the_steps_of_a_migration_are_one_act_that_names_the_last() -> None:
    steps = [Row("hub", "base.migrer", f"00{n}", NOW - timedelta(seconds=72 - n)) for n in (72, 71, 70)]
    assert changes(*steps) == [Change(NOW, "hub", "base.migrer", "0072", others=2)]


@pytest.mark.parametrize(
    ("shown", "in_all", "words"),
    [
        (5, 12, "5 sur 12 changements"),
        (5, None, "les 5 derniers changements"),
        (1, None, "le dernier changement"),
        (3, 3, ""),
        (0, 0, ""),
    ],
)
def test_what_is_not_shown_is_said(shown: int, in_all: int | None, words: str) -> None:
    assert shown_of(shown, in_all) == words
