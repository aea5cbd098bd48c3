"""Landlord with a web service: candidacies by webhook, decisions by POST, in XML.

`python -m simulation.bailleur_http CONFIG.json`.
"""

import asyncio

from simulation import program
from simulation.answering import paced
from simulation.bailleur import DIALECT, MEDIA_TYPE, Suite, suite, suites, understand, wrong_suites
from simulation.config import Config
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Record, Row
from simulation.moods import Temper
from simulation.webhook_server import webhook_server


async def post(door: HubDoor, row: Row, record: Suite) -> None:
    await door.send(Sending(row.ref, suites([record]), MEDIA_TYPE, DIALECT, [row]))


async def main(config: Config) -> None:
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):

        async def react(effect: Record) -> None:
            async for step, row in paced(config, effect):
                today = config.today.isoformat()
                await post(door, row, suite(row.subject, step.event, step.codes, today))

        inbox = Inbox(journal, react, tasks, recognises=config.recognises)
        async with webhook_server(
            config.port, config.secret, inbox, understand, Temper(config.mood, config.temper)
        ):
            await program.started(config)
            inbox.resume()
            for row, record in wrong_suites(config)[:1]:
                tasks.create_task(post(door, row, record))
            await asyncio.Event().wait()


if __name__ == "__main__":
    program.run(main)
