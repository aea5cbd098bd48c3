"""What the log says of a door that takes nothing."""

from typing import Any, cast
from uuid import UUID

from structlog.testing import capture_logs

from contracts.errors import DatabaseUnusable, Misconfigured
from contracts.ports import IntakeReport, Native
from router.intake.gateway import answering
from router.intake.receive import Intake
from tests.unit.adapters.partenaires import ABRI


class Broken:
    """An intake that takes nothing for as long as `why` is there."""

    def __init__(self, why: Exception) -> None:
        self.why: Exception | None = why

    async def receive(self, *_: Any, **__: Any) -> IntakeReport:
        if self.why is not None:
            raise self.why
        return IntakeReport(UUID(int=1), "accepte", 1)


async def logged(why: Exception) -> list[str]:
    """What the log says of a door that refuses three requests for this, and then takes one."""
    intake = Broken(why)
    take_in = answering(cast("Intake", intake))
    with capture_logs() as lines:
        for expected in (503, 503, 503, 202):
            intake.why = why if expected == 503 else None
            assert (await take_in(Native(b"{}", ""), ABRI, None, None, False)).status == expected
    return [f"{line['event']} {line['of']} {line['partner']} {line['failures']}" for line in lines]


async def test_what_a_human_has_to_mend_is_told_at_its_start_and_at_its_end_however_often_it_is_met() -> None:
    told = await logged(Misconfigured("clé absente"))
    assert told == [f"outage.started porte {ABRI.id} 1", f"outage.ended porte {ABRI.id} 3"]


async def test_a_database_that_refuses_is_told_by_itself_alone() -> None:
    assert await logged(DatabaseUnusable("tables absentes")) == []
