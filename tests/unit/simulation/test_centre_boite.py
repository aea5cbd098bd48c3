"""A shelter empties its mailbox, and in one mood says nothing of it."""

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import Any

from simulation import moods, story
from simulation.centre_boite import ask_for_aid, empty_mailbox, rows, understand
from simulation.inbox import Inbox
from simulation.journal import Journal, read
from simulation.moods import Humour, Mood
from simulation.shelter import Referral, Referrals


class Door:
    """The hub's, with one item that waits until it is acknowledged."""

    def __init__(self) -> None:
        self.items = {"k": b"orientation;evenement;version\r\nuuid;proposee;11\r\n"}
        self.fetched = asyncio.Semaphore(0)

    async def waiting(self):
        return list(self.items)

    async def fetch(self, key):
        self.fetched.release()
        return self.items[key]

    async def acknowledge(self, keys):
        for key in keys:
            del self.items[key]


def test_a_file_of_many_referrals_is_read_one_by_one():
    head = "id_evenement;orientation;evenement;version;nom"
    body = f'\ufeff{head}\r\ne-1;o-1;proposee;11;"A;B"\r\ne-2;o-2;annulee;;\r\n'.encode()
    found = {key: understand(one) for key, one in rows(body)}
    assert found == {
        "e-1": Referral("orientation.proposee", "o-1", 11),
        "e-2": Referral("orientation.annulee", "o-2", None),
    }


async def test_a_silent_mailbox_is_emptied_again_and_again_with_one_effect_until_it_is_acknowledged(tmp_path):
    mood, door, journal = tmp_path / "humeur.json", Door(), Journal(tmp_path / "j")
    moods.write(mood, Humour(Mood.SILENT))
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks)
        opened: Any = door
        emptying = asyncio.create_task(
            empty_mailbox(opened, inbox, lambda body: Referrals().effect(understand(body)), mood)
        )
        for _ in range(2):
            await asyncio.wait_for(door.fetched.acquire(), 5)
        assert door.items
        moods.write(mood, None)
        async with asyncio.timeout(5):
            while door.items:  # noqa: ASYNC110 - the door is looked at from outside
                await asyncio.sleep(0.01)
        emptying.cancel()
    journal.close()
    said = [record["kind"] for record in read(tmp_path / "j")[0]]
    assert said[:3] == ["received", "effect", "repeated"]
    assert said.count("effect") == 1


async def test_aide_sociale_is_asked_only_for_a_household_that_a_date_of_birth_can_name():
    sent = []

    async def send(sending):
        sent.append(sending.rows[0].subject)

    door: Any = SimpleNamespace(send=send)
    config: Any = SimpleNamespace(structures=["590058442"], today=date(2026, 11, 29))
    for place in (24_004, 50_004):
        arrived = {"dossier": story.dossier(place, story.STRUCTURE_SLOT), "subject": "7d2b"}
        await ask_for_aid(config, door, arrived)
    assert sent == ["AS-24004"]


async def _nothing(_effect):
    return
