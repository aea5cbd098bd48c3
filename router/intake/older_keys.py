"""Recognise messages that were recorded under an older HMAC key, while that key is in use."""

from collections.abc import Sequence

from router.intake.draft import Draft
from router.intake.drafting import Drafting
from router.store import idempotency
from router.store.database import Connection


async def as_known(connection: Connection, drafting: Drafting, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Return the drafts, each under the HMAC key under which the message was recorded or refused before.

    A draft stays under the newest key if no older one fits. This choice is final, because no message is
    recorded under an older key any more.
    """
    older = [[draft._replace(identity=each) for each in draft.others] for draft in drafts]
    pairs = {pair for others in older for each in others for pair in (each.pair, drafting.claim(each).pair)}
    known = await idempotency.known(connection, pairs) if pairs else set()
    return [
        next((each for each in others if not known.isdisjoint((each.pair, drafting.claim(each).pair))), draft)
        for draft, others in zip(drafts, older, strict=True)
    ]
