"""How long a snapshot of the hub is shown."""

from dataclasses import replace

from console.live import (
    KEPT_AT_MOST_SECONDS,
    LOOKING_SHARE,
    OLD_AFTER_SECONDS,
    REFRESH_SECONDS,
    good_for,
)
from router.domain.vitals import Answer, Asked
from tests.unit.console.test_pages_of_the_night import FACTS


def test_a_snapshot_that_is_dear_is_shown_for_longer_but_never_one_of_a_database_that_does_not_answer() -> (
    None
):
    assert good_for(FACTS, 0.1) == 0.1 + REFRESH_SECONDS / 2
    assert good_for(FACTS, 0.5) == 0.5 / LOOKING_SHARE
    assert good_for(FACTS, 3.0) == KEPT_AT_MOST_SECONDS <= OLD_AFTER_SECONDS - REFRESH_SECONDS
    for facts in (replace(FACTS, base=Answer.MUET), replace(FACTS, unknown=(Asked.REPONSES,))):
        assert good_for(facts, 3.0) == 3.0 + REFRESH_SECONDS / 2
