"""A batch of events as a worker applies it: in order per subject, whatever of it cannot be read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from contracts.envelope import Attributes
from contracts.sealed import take_apart, to_bytes
from contracts.v1.place import PlaceVacante
from router.applying import Applier, Record
from tests.integration.registry import FINESS
from tests.integration.world import World

UNKNOWN = "fr.siao.offre.place.volante.v1"


def record(place: UUID, capacite: int, kind: str = PlaceVacante.TYPE) -> Record:
    contrat = PlaceVacante(
        place=place, structure=FINESS, commune="01451", dispositif="INSERTION", capacite=capacite
    )
    attributes = Attributes(uuid4(), kind, "centre", place, datetime.now(UTC), "01", correlationid=uuid4())
    return Record(attributes, to_bytes(take_apart(contrat).clair, ()))


async def test_what_comes_before_an_unreadable_event_is_applied_and_all_that_comes_after_waits_in_order(
    prepared: World,
) -> None:
    place = uuid4()
    batch = [record(place, 1), record(place, 2, UNKNOWN), record(place, 3, UNKNOWN), record(place, 4)]
    applier = Applier(prepared.database, reservation=timedelta(hours=1))
    await applier.apply(batch, prepared.registry())

    (quarantined,) = await prepared.sql("SELECT event_id FROM quarantine")
    assert quarantined["event_id"] == batch[1].attributes.id
    parked = await prepared.sql("SELECT event_id FROM outbox WHERE shard = -1 ORDER BY seq")
    assert [row["event_id"] for row in parked] == [r.attributes.id for r in batch[2:]]
    assert await prepared.count("outbox") == 2
    (delivery,) = await prepared.sql("SELECT event_id FROM delivery")
    assert delivery["event_id"] == batch[0].attributes.id
