"""Subjects in their table, while two versions of the hub write it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from router.domain.rulebooks.place import Etat
from router.domain.subjects import Place
from router.store import consequences, subjects
from router.store.consequences import Consequences
from tests.integration import accidents, clock, lasting
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared


async def test_what_a_newer_version_keeps_of_a_subject_stays_and_what_is_no_longer_so_goes(
    prepared: World,
) -> None:
    held = Place(id=uuid4(), etat=Etat.A_LIBERER, version=2, gestionnaire="centre", libre_le=date(2026, 4, 1))
    async with prepared.database.transaction() as connection:
        seen = replace(held, versions_seen={"centre": 3})
        await consequences.write(connection, str, Consequences(subjects=[seen]))
    await accidents.subjects_say_more(prepared, '{"plus_tard": 1}')
    free = replace(held, etat=Etat.DISPONIBLE, libre_le=None, versions_seen={"centre": 4})
    async with prepared.database.transaction() as connection:
        await consequences.write(connection, str, Consequences(subjects=[free]))
        assert await subjects.load(connection, [held.id]) == {held.id: free}
    (known,) = await prepared.subjects()
    assert known.donnees == '{"plus_tard": 1, "gestionnaire": "centre", "version_centre": 4}'


async def test_a_free_place_described_anew_was_declared_free_when_it_was_and_only_a_vacancy_renews_it(
    prepared: World,
) -> None:
    free = Place(id=uuid4(), etat=Etat.DISPONIBLE, version=2, gestionnaire="centre")
    described = replace(free, commune="01451", versions_seen={"centre": 3})
    vacant_again = described.moved(Etat.DISPONIBLE)
    seen = []
    for said in (free, described, vacant_again):
        async with prepared.database.transaction() as connection:
            await consequences.write(connection, str, Consequences(subjects=[said]))
            assert await subjects.load(connection, [free.id]) == {free.id: said}
        ((is_old,),) = await prepared.sql("SELECT changed_at < now() - interval '1 day' FROM subject")
        seen.append(is_old)
        await clock.grow_older(prepared, "subject", timedelta(days=2))
    assert seen == [False, True, False]
