"""Recognise messages that were stored under an HMAC key that has since been replaced."""

from collections.abc import Sequence

from router.intake.draft import Draft
from router.intake.drafting import Drafting
from router.store import idempotency
from router.store.database import Connection


async def as_known(connection: Connection, drafting: Drafting, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Adapt the drafts so that the hub recognises repetitions of messages that it stored under an older HMAC key.
    For each older HMAC key, the database is searched for the fingerprint of the draft's idempotency key. For a
    refused draft, it is also searched for the fingerprint of key, body and rejections together (see
    `Drafting.claim_of`). If a fingerprint is found, the draft's claim is replaced by the claim that was made with
    that older HMAC key. Return all drafts."""
    older = [[draft._replace(claim=each) for each in draft.others] for draft in drafts]
    keys = {key for others in older for each in others for key in (each.key, drafting.claim_of(each).key)}
    known = await idempotency.known(connection, keys) if keys else set()
    return [
        next(
            (each for each in others if not known.isdisjoint((each.key, drafting.claim_of(each).key))), draft
        )
        for draft, others in zip(drafts, older, strict=True)
    ]
