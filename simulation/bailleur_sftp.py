"""Landlord with an SFTP server: candidacies and decisions as XML files.

`python -m simulation.bailleur_sftp CONFIG.json`.
"""

import asyncio

from simulation import program
from simulation.answering import paced
from simulation.bailleur import suite, suites, understand, wrong_suites
from simulation.config import Config
from simulation.drop_folder import DropFolder, Line, take_deliveries
from simulation.inbox import Inbox
from simulation.journal import Record
from simulation.moods import Temper
from simulation.sftp_server import sftp_server

FILE_SECONDS = 1.0


async def main(config: Config) -> None:
    async with program.journal_of(config) as journal, asyncio.TaskGroup() as tasks:
        folder = DropFolder(config, journal, suites, "suites-%06d.xml", first_row=1)

        async def react(effect: Record) -> None:
            async for step, row in paced(config, effect):
                today = config.today.isoformat()
                folder.put(Line(row, suite(row.subject, step.event, step.codes, today)))

        inbox = Inbox(journal, react, tasks, recognises=config.recognises)
        async with sftp_server(config.folder, config.port, Temper(config.mood, config.temper)):
            await program.started(config)
            inbox.resume()
            for row, record in wrong_suites(config)[1:]:
                folder.put(Line(row, record))
            tasks.create_task(folder.run(FILE_SECONDS))
            await take_deliveries(config.folder, inbox, understand, leave=True)


if __name__ == "__main__":
    program.run(main)
