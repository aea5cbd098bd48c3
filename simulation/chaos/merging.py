"""A merger of two SIAO into a third while messages flow, and its judgement by the journals.

`python -m simulation.chaos.merging` makes it, in a process that a fault may kill.
"""

import asyncio
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from random import Random

from deploy.local.process import Child
from ops.terminal.environment import settings_of
from ops.territories.merging import merge
from router.settings import Settings
from router.store.database import Database
from simulation import alerts, ends, story, whereabouts
from simulation.cast import MERGING, SIAO_COMMUN
from simulation.chaos.ground import Ground, Merger, Missed
from simulation.chaos.patience import run_until_done
from simulation.familles.langue import CLOSING
from simulation.hub_process import module
from simulation.observed import Observed, Sent
from simulation.siao_messages import HISTORY, PRESENTED, REFERRED
from simulation.story import ARRIVED

NANOSECONDS = 1_000_000_000
LAST_PROPOSALS_SECONDS = 2.0
"""Longest time that a SIAO takes to send an offer that it has decided."""
UNDER_WAY_SECONDS = 60
"""Longest time of a delivery to a former SIAO after the merger: its process may have been frozen."""
AGAIN_SECONDS = 0.5
LIFE_SECONDS = (0.5, 2.5)
"""Shortest and longest time before the command is killed."""
MAY_END = ends.LAST_STEPS - {ends.ON_A_LIST} | {CLOSING}
OLD = frozenset(siao.id for siao in MERGING)


@contextmanager
def merged(ground: Ground, chance: Random) -> Iterator[None]:
    """Merge the two SIAO once neither has an open offer to the other. Raises Missed if they are merged, or
    the run ends first.

    The command is killed once, then run again.
    """
    if ground.merger is not None:
        raise Missed
    next(iter(ground.stage.configs.values())).merging.touch()
    ground.wait(LAST_PROPOSALS_SECONDS)
    while ground.proposals_under_way():
        ground.wait(AGAIN_SECONDS)
        if ground.over.is_set():
            raise Missed
    begun, command = time.time_ns(), module(__name__, ground.stage.environment)
    maker = Child(ground.stage.folder, ground.stage.folder / "fusion.log")
    maker.spawn(command)
    time.sleep(chance.uniform(*LIFE_SECONDS))
    ground.kills.hit("fusion", [maker])
    run_until_done(maker, command)
    ground.merger = Merger(begun, time.time_ns())
    yield
    ground.crew.kill([member for member in ground.crew.members if member.role == "scheduler"], "scheduler")


def troubles(observed: Observed, merger: Merger, unsettled: Collection[str]) -> Iterator[str]:
    """Yield, in French, each message to the wrong SIAO before or after the merger, and each open demand or
    loop that the successor never received. Rows in `unsettled` are exempt."""
    for ref, effects in observed.effects.items():
        sent = observed.sent.get(ref)
        for effect in effects:
            if effect.recipient == SIAO_COMMUN.id and effect.at < merger.begun:
                yield f"{ref} : à {effect.recipient} avant la fusion"
            too_late = effect.at > merger.ended + UNDER_WAY_SECONDS * NANOSECONDS
            if effect.recipient in OLD and (too_late or (sent and sent.at > merger.ended)):
                yield f"{ref} : à {effect.recipient} après la fusion"
    told = {
        ref
        for ref, effects in observed.effects.items()
        if any(e.recipient == SIAO_COMMUN.id for e in effects)
    }
    told |= set(observed.declined) | set(unsettled)
    for name, ref in _open(observed, merger):
        if ref not in told:
            yield f"{name} : ouverte à la fusion, et le SIAO commun ne la connaît pas"


def _open(observed: Observed, merger: Merger) -> Iterator[tuple[str, str]]:
    """Yield the demands and loops certainly open at the merger, with a message that describes each."""
    ended = {
        name
        for sent in observed.sent.values()
        if sent.at < merger.ended
        for name in _ended_by(sent, observed)
    }
    ended |= alerts.silences(observed)
    subjects = {loop: subject for subject, loop in observed.loops.items()}
    for ref, sent in observed.sent.items():
        loop, event = observed.loop_of(ref), ref.rpartition(":")[2]
        arrived = [effect.recipient for effect in observed.effects.get(ref, ()) if effect.at < merger.begun]
        if loop is None or loop in ended or not arrived:
            continue
        if event == whereabouts.BROUGHT:
            yield loop, ref
        elif event in (REFERRED, PRESENTED) and sent.sender in OLD and loop in subjects:
            yield loop, f"hub:{HISTORY}:{event}:{subjects[loop]}"


def _ended_by(sent: Sent, observed: Observed) -> Iterator[str]:
    """Yield the loops that a row may have ended, with an arrived household's demand."""
    loop, event = observed.loop_of(sent.row.ref), sent.row.ref.rpartition(":")[2]
    if loop is None or event in (REFERRED, PRESENTED, whereabouts.BROUGHT):
        return
    if event in MAY_END or sent.row.closes:
        yield loop
    place, slot = story.place_of(story.number_of(loop))
    if event == ARRIVED and slot == story.BROUGHT_SLOT:
        yield story.loop(story.dossier(place, story.DEMAND_SLOT))


async def _merge(settings: Settings) -> None:
    database = Database(settings.database)
    try:
        await merge(database, [siao.id for siao in MERGING], SIAO_COMMUN.id, "cli:chaos", "fusion")
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(_merge(settings_of(os.environ)))
