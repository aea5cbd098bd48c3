"""A partner's answers to a referral or candidacy: one message for each step, after a pause."""

import asyncio
from collections.abc import AsyncIterator

from simulation import story
from simulation.cast import BY_ID, REPONSES, SIAO, Part, flow
from simulation.config import Config
from simulation.journal import Record, Row
from simulation.story import Step

ASK_FOR_AN_ANSWER = ("orientation.proposee", "candidature.presentee")


async def paced(config: Config, effect: Record, row: int = 1) -> AsyncIterator[tuple[Step, Row]]:
    """Yield the steps of an answer, each after its pause, with its journal row.

    `row`: row number as the hub counts. A partner with its own deadline leaves some referrals unanswered.
    """
    if effect["event"] not in ASK_FOR_AN_ANSWER:
        return
    number, subject = effect["dossier"], effect["subject"]
    if "decision" in config.delais and story.keeps_silent(config.seed, number):
        return
    steps = story.answers(config.seed, number, BY_ID[config.id].famille)
    for seq, (step, pause) in enumerate(zip(steps, story.pauses_s(config.seed, number), strict=False), 1):
        await asyncio.sleep(pause)
        yield step, answer_row(config, subject, step.event, seq, row)


def answer_row(config: Config, subject: str, event: str, seq: int, row: int = 1) -> Row:
    """Return the journal row of one step to the SIAO."""
    return Row(f"{subject}:{event}", flow(BY_ID[config.id], SIAO, REPONSES), subject, seq, row)


def wrong_row(config: Config, what: str, name: str, row: int = 1, to: Part = SIAO) -> Row:
    """Return the journal row of a message that is wrong on purpose."""
    subject = f"{config.id}-fausse-{name}"
    return Row(f"{subject}:1", flow(BY_ID[config.id], to, what), subject, 1, row=row, wrong=True)
