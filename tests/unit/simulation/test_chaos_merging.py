"""Of a merger the journals tell what reached whom before and after it, and the judge names everything else."""

from collections.abc import Callable

import pytest

from simulation.cast import SIAO, SIAO_COMMUN
from simulation.chaos.ground import Merger
from simulation.chaos.merging import UNDER_WAY_SECONDS, troubles
from tests.unit.simulation.journaux import SECOND, Journals

OLD, NEW, DEMANDE, ORIENTATION = SIAO.id, SIAO_COMMUN.id, "une-demande", "une-orientation"
BROUGHT, REFERRED = "dossier-14:demande.recue", "dossier-15:orientation.proposee"
HISTORY = f"hub:reprise:orientation.proposee:{ORIENTATION}"
MERGER = Merger(100 * SECOND, 110 * SECOND)


def before() -> Journals:
    """A demand at the old SIAO and its referral, which the centre has not answered; then the merger."""
    journals = Journals().sent(BROUGHT, by="ccas-deule").answered(BROUGHT, by="ccas-deule")
    journals.effect(BROUGHT, subject=DEMANDE, dossier=14)
    journals.sent(REFERRED, by=OLD, opens="dossier-15").answered(REFERRED, by=OLD)
    journals.effect(REFERRED, to="residence-lys", subject=ORIENTATION, dossier=15)
    journals.now = MERGER.ended
    return journals


def taken_over(*refs: str) -> Journals:
    journals = before()
    for ref in refs or (BROUGHT, HISTORY):
        journals.effect(ref, to=NEW)
    return journals


def late(journals: Journals, ref: str, to: str) -> Journals:
    """A row that a partner sends after the merger."""
    return journals.sent(ref, by="residence-lys").answered(ref, by="residence-lys").effect(ref, to=to)


def under_way(seconds: float) -> Journals:
    journals = taken_over()
    journals.tick(seconds)
    return journals.effect("hub:place.disponible:une-place:2", to=OLD)


@pytest.mark.parametrize(
    "story",
    [
        taken_over,
        lambda: late(taken_over(), f"{ORIENTATION}:entree.constatee", NEW),
        lambda: under_way(1),
    ],
    ids=["told", "answered late", "on its way"],
)
def test_a_merger_after_which_all_is_the_third_ones_is_as_it_should_be(story: Callable[[], Journals]) -> None:
    assert list(troubles(story().observed, MERGER, ())) == []


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (lambda: late(taken_over(), f"{ORIENTATION}:entree.constatee", OLD), f"à {OLD} après la fusion"),
        (lambda: under_way(UNDER_WAY_SECONDS), f"à {OLD} après la fusion"),
        (lambda: taken_over(BROUGHT), "dossier-15 : ouverte à la fusion"),
        (lambda: taken_over(HISTORY), "dossier-14 : ouverte à la fusion"),
    ],
    ids=["new at the old", "too late at the old", "loop at nobody's", "demand at nobody's"],
)
def test_what_is_at_two_or_at_none_after_it_is_named(story: Callable[[], Journals], says: str) -> None:
    (found,) = troubles(story().observed, MERGER, ())
    assert says in found


def test_the_third_receives_nothing_before_it() -> None:
    journals = Journals().effect("hub:place.vacante:une-place:1", to=NEW)
    (found,) = troubles(journals.observed, MERGER, ())
    assert found.endswith(f"à {NEW} avant la fusion")


def test_what_ended_before_it_is_not_told_to_the_third() -> None:
    journals = Journals()
    closing = "dossier-14:demande.annulee"
    journals.sent(BROUGHT, by="ccas-deule").answered(BROUGHT, by="ccas-deule")
    journals.effect(BROUGHT, subject=DEMANDE, dossier=14)
    journals.sent(closing, by=OLD).answered(closing, by=OLD)
    assert list(troubles(journals.observed, MERGER, ())) == []
