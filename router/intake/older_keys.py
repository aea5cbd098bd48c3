"""Recognise messages that were stored under an HMAC key that has since been replaced."""

from collections.abc import Sequence

from router.intake.draft import Draft
from router.intake.drafting import Drafting
from router.store import idempotency
from router.store.database import Connection


async def as_known(connection: Connection, drafting: Drafting, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Prepare drafts so that repetitions are recognised even after a change of the HMAC key, and return the
    drafts. A draft that repeats a message from before the change claims the idempotency key of that message,
    made with the older HMAC key."""
    older = [[draft._replace(claim=each) for each in draft.others] for draft in drafts]
    keys = {key for others in older for each in others for key in (each.key, drafting.claim_of(each).key)}
    known = await idempotency.known(connection, keys) if keys else set()
    return [
        next(
            (each for each in others if not known.isdisjoint((each.key, drafting.claim_of(each).key))), draft
        )
        for draft, others in zip(drafts, older, strict=True)
    ]
