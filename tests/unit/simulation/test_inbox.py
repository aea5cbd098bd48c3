"""A partner acts once on each key, also across its own restarts, and never before the key is on disk."""

import asyncio

from simulation.inbox import Inbox
from simulation.journal import Journal, Kind, read


def kinds(path):
    return [record["kind"] for record in read(path)[0]]


async def test_the_first_of_a_key_has_an_effect_and_the_next_ones_none(tmp_path):
    acted = []

    async def react(effect):
        acted.append(effect["ref"])

    journal = Journal(tmp_path / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, react, tasks)
        await inbox.take("k1", {"ref": "a"})
        await inbox.take("k1", {"ref": "a"})
        await inbox.take("k2", {"ref": "b"})
    journal.close()
    assert acted == ["a", "b"]
    assert kinds(tmp_path / "j") == ["received", "effect", "repeated", "received", "effect"]


async def test_two_at_the_same_time_under_one_key_have_one_effect(tmp_path):
    journal = Journal(tmp_path / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks)
        await asyncio.gather(*(inbox.take("k", {"ref": "a"}) for _ in range(5)))
    journal.close()
    assert kinds(tmp_path / "j").count(Kind.EFFECT) == 1


async def test_a_slow_delivery_has_no_effect_once_its_sender_has_come_again_and_was_told_no(tmp_path):
    journal = Journal(tmp_path / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks)
        await inbox.decline("k", "a", "refus")
        await inbox.take_late(0, "k", {"ref": "a"})
        late = asyncio.create_task(inbox.take_late(0.05, "m", {"ref": "b"}))
        await asyncio.sleep(0)
        await inbox.decline("m", "b", "refus")
        await late
    journal.close()
    assert kinds(tmp_path / "j") == ["declined", "received", "effect", "declined"]


async def test_the_effect_is_on_disk_before_it_is_acted_on(tmp_path):
    seen = []

    async def react(_effect):
        seen.append(kinds(tmp_path / "j"))

    journal = Journal(tmp_path / "j")
    async with asyncio.TaskGroup() as tasks:
        await Inbox(journal, react, tasks).take("k", {"ref": "a"})
    journal.close()
    assert seen == [["received", "effect"]]


async def test_a_restarted_partner_knows_its_keys_and_resumes_what_it_was_doing(tmp_path):
    acted = []

    async def react(effect):
        acted.append(effect["ref"])

    for _life in range(2):
        journal = Journal(tmp_path / "j")
        async with asyncio.TaskGroup() as tasks:
            inbox = Inbox(journal, react, tasks)
            inbox.resume()
            await inbox.take("k", {"ref": "a"})
        journal.close()
    assert acted == ["a", "a"]  # taken up again; what it had sent is not sent twice (hub_door, drop_folder)
    assert kinds(tmp_path / "j") == ["received", "effect", "repeated"]


async def test_a_known_key_is_a_repetition_whatever_its_content_says_and_a_senseless_one_is_noted(tmp_path):
    def understand(body):
        return {"ref": {b"a": "a"}[body]}

    journal = Journal(tmp_path / "j")
    async with asyncio.TaskGroup() as tasks:
        inbox = Inbox(journal, _nothing, tasks)
        await inbox.take_read("k", b"a", understand)
        await inbox.take_read("k", b"?", understand)
        await inbox.take_read("l", b"?", understand)
    journal.close()
    assert kinds(tmp_path / "j") == ["received", "effect", "repeated", "declined"]


async def test_where_keys_are_not_recognised_every_arrival_has_an_effect_and_the_first_is_acted_on(tmp_path):
    acted = []

    async def react(effect):
        acted.append((effect["ref"], effect["subject"]))

    for _life in range(2):
        journal = Journal(tmp_path / "j")
        async with asyncio.TaskGroup() as tasks:
            inbox = Inbox(journal, react, tasks, recognises=False)
            inbox.resume()
            for _ in range(2):
                await inbox.take("k", inbox.known("k") or {"ref": "a", "subject": "s"})
        journal.close()
    assert acted == [("a", "s")] * 2  # once a life
    assert kinds(tmp_path / "j") == ["received", "effect"] * 4
    assert {record["ref"] for record in read(tmp_path / "j")[0]} == {"a"}


async def _nothing(_effect):
    return
