"""Of a transferred demand the journals show one SIAO at any time, and the judge names every other picture."""

from collections.abc import Callable

import pytest

from simulation.cast import SIAO, SIAO_REST, TRANSFERTS, flow
from simulation.moods import Mood
from simulation.oracle import judge
from simulation.whereabouts import ACCEPTED, BROUGHT, PROPOSED, REFUSED, WITHDRAWN, troubles
from tests.unit.simulation.journaux import Journals

FIRST, SECOND, DEMANDE, LOOP = SIAO.id, SIAO_REST.id, "une-demande", "dossier-44"
KNOWN, ASKED = f"{LOOP}:{BROUGHT}", f"{DEMANDE}:{PROPOSED}"


def brought() -> Journals:
    """A demand that the first SIAO has received."""
    journals = Journals().sent(KNOWN, by="ccas-deule").answered(KNOWN, by="ccas-deule")
    return journals.effect(KNOWN, subject=DEMANDE, dossier=44)


def said(journals: Journals, event: str, by: str, to: str | None) -> Journals:
    """A word of one SIAO about the transfer, which arrives at the other."""
    between = flow(SIAO, SIAO_REST, TRANSFERTS) if by == FIRST else flow(SIAO_REST, SIAO, TRANSFERTS)
    ref = f"{DEMANDE}:{event}"
    journals.sent(ref, by=by, subject=DEMANDE, flow=between).answered(ref, by=by)
    return journals.effect(ref, to=to) if to else journals


def proposed() -> Journals:
    return said(brought(), PROPOSED, FIRST, SECOND)


def accepted() -> Journals:
    return said(proposed(), ACCEPTED, SECOND, FIRST).effect(KNOWN, to=SECOND)


@pytest.mark.parametrize(
    "story",
    [
        accepted,
        lambda: said(proposed(), REFUSED, SECOND, FIRST),
        lambda: said(proposed(), WITHDRAWN, FIRST, SECOND),
        lambda: said(brought(), PROPOSED, FIRST, None).declined(ASKED, Mood.REFUSAL, by=SECOND),
    ],
    ids=["accepted", "refused", "withdrawn", "refused by the system of the second"],
)
def test_a_demand_that_is_always_at_one_siao_is_as_it_should_be(story: Callable[[], Journals]) -> None:
    observed = story().observed
    assert list(troubles(observed)) == []
    assert judge(observed).total.duplicates == []


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (proposed, "perdu de vue"),
        (
            lambda: said(brought(), PROPOSED, FIRST, None).declined(ASKED, Mood.ERROR, by=SECOND),
            "perdu de vue",
        ),
        (lambda: said(proposed(), ACCEPTED, SECOND, FIRST), "n'est plus nulle part"),
        (
            lambda: said(proposed(), WITHDRAWN, FIRST, None).effect(KNOWN, to=SECOND),
            "avant d'y être acceptée",
        ),
        (
            lambda: said(proposed().effect(KNOWN, to=SECOND), ACCEPTED, SECOND, FIRST),
            "avant d'y être acceptée",
        ),
        (lambda: said(accepted(), WITHDRAWN, FIRST, SECOND), "de plusieurs façons"),
        (lambda: accepted().arrived(f"{LOOP}:demande.completee"), f"encore à {FIRST}"),
    ],
    ids=[
        "nowhere to be seen",
        "not taken yet",
        "at none",
        "read unasked",
        "read too early",
        "ended twice",
        "still at the first",
    ],
)
def test_a_demand_at_two_or_at_none_is_a_surprise_that_says_so(
    story: Callable[[], Journals], says: str
) -> None:
    (found,) = judge(story().observed).surprises
    assert found.startswith(f"demande {DEMANDE} : ")
    assert says in found


def test_what_the_hub_still_owes_is_no_trouble_yet() -> None:
    observed = said(proposed(), ACCEPTED, SECOND, None).observed
    assert list(troubles(observed, {f"{DEMANDE}:{ACCEPTED}"})) == []


def test_a_household_that_reaches_the_second_siao_twice_is_doubled() -> None:
    assert judge(accepted().effect(KNOWN, to=SECOND).observed).total.duplicates == [KNOWN]
