"""Recognise messages that were stored under an HMAC key that has since been replaced."""

from collections.abc import Sequence

from router.intake.draft import Draft
from router.intake.drafting import Drafting
from router.store import idempotency
from router.store.database import Connection


async def as_known(connection: Connection, drafting: Drafting, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Return the drafts, changed so that repeated messages are recognised even after a change of the HMAC key.
    The hub stores an idempotency key as its fingerprint under the HMAC key of that time. A draft that repeats a
    message from before the change thus gets the older fingerprint, by which that message is stored. A refused
    message is stored by another fingerprint, of key, body and rejections, which `drafting` computes."""
    older = [[draft._replace(claim=each) for each in draft.others] for draft in drafts]
    keys = {key for others in older for each in others for key in (each.key, drafting.claim_of(each).key)}
    known = await idempotency.known(connection, keys) if keys else set()
    return [
        next(
            (each for each in others if not known.isdisjoint((each.key, drafting.claim_of(each).key))), draft
        )
        for draft, others in zip(drafts, older, strict=True)
    ]
