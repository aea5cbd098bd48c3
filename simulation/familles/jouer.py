"""Program that runs simulated partners of `table`, all in one process: they bring households, and answer.

`python -m simulation.familles.jouer CONFIG.json…`
"""

import asyncio

from simulation import people, program, story
from simulation.answering import answer_row, paced
from simulation.cast import BY_ID, DEMANDES, flow, siao_of
from simulation.config import Bringing, Config
from simulation.familles.langue import Langue, own_id
from simulation.familles.operateur import ASKED
from simulation.familles.portes import PORTES, Ouverte
from simulation.familles.table import LANGUES
from simulation.hub_door import hub_door
from simulation.inbox import Inbox
from simulation.journal import Kind, Record, Row
from simulation.shelter import Referral, Referrals
from simulation.story import Step

YES = Step("accompagnement.repondu")


class Voisin:
    """Running partner of `table`: it reads deliveries, brings households, and answers."""

    def __init__(self, config: Config, langue: Langue, porte: Ouverte, past: list[Record]) -> None:
        self._config, self._langue, self._porte = config, langue, porte
        self._referrals = Referrals()
        self._referrals.remember([r for r in past if r["kind"] == Kind.EFFECT and "dossier" in r])
        self._dossiers: dict[str, int] = {}
        """Numbers of dossiers by the hub's id of their referral or candidacy."""

    def read(self, body: bytes) -> Record:
        """Return the journal line for a delivery."""
        understood = self._langue.understand(body)
        return self._referrals.effect(understood) if isinstance(understood, Referral) else understood

    async def react(self, effect: Record) -> None:
        """Send the partner's answers and replies to a delivery, step by step."""
        if "dossier" in effect:
            self._dossiers[effect["subject"]] = effect["dossier"]
        known = {"dossier": self._dossiers.get(effect.get("subject", "")), **effect}
        if effect["event"] == ASKED:
            await self._answer(YES, answer_row(self._config, effect["subject"], YES.event, 1))
        for (row, *others), content in self._langue.replies(known, self._config.today):
            await self._porte.say(row, content, *others)
        async for step, row in paced(self._config, effect, self._langue.first_row):
            await self._answer(step, row)

    async def begin(self) -> None:
        """Send the messages with which the partner begins."""
        for (row, *others), content in self._langue.begins(self._config):
            await self._porte.say(row, content, *others)

    async def bring(self, one: Bringing) -> None:
        """Send this household's demand, at its moment."""
        assert self._langue.demand is not None
        event, slot = self._langue.brings
        loop = story.loop(story.dossier(one.number, slot))
        part = BY_ID[self._config.id]
        between = flow(part, siao_of(part), DEMANDES)
        row = Row(f"{loop}:{event}", between, loop, 1, row=self._langue.first_row, opens=loop)
        (person,) = people.brought(one.number).people
        await asyncio.sleep(one.at_s)
        await self._porte.say(row, self._langue.demand(own_id(one.number), person, self._config.today))

    async def _answer(self, step: Step, row: Row) -> None:
        if self._langue.answer is not None:
            await self._porte.say(row, self._langue.answer(row.subject, step, self._config.today))


async def main(config: Config) -> None:
    langue = LANGUES[config.id]
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        porte = PORTES[BY_ID[config.id].porte](config, langue, journal, door)
        voisin = Voisin(config, langue, porte, list(journal.past))
        inbox = Inbox(journal, voisin.react, tasks, recognises=config.recognises)
        async with porte.opens(inbox, voisin.read):
            await program.started(config)
            inbox.resume()
            tasks.create_task(voisin.begin())
            for one in config.brings:
                tasks.create_task(voisin.bring(one))
            await asyncio.Event().wait()


if __name__ == "__main__":
    program.run(main)
