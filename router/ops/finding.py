"""Found by what people know: any id of ours, or what a partner calls its place, its household or its referral."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.errors import Permanent
from router.ops import way
from router.ops.way import Stop
from router.privacy.crosswalk import Crosswalk
from router.store import tracking
from router.store.database import Connection

SUBJECTS = 20
"""Subjects whose ways are told one after the other at most: one name may stand for several."""


class Way(NamedTuple):
    """What was asked for, as the hub knows it, and every stop of its way."""

    title: str
    stops: Sequence[Stop]


async def ways(
    connection: Connection, crosswalk: Crosswalk | None, partners: Sequence[str], known_as: str
) -> list[Way]:
    """The ways of what is known under an id, or under a name that one of these partners gave. A name is looked up by
    its HMAC, so by whoever has the master key. Raises Permanent where it takes one that is not there."""
    ident = _uuid(known_as)
    ids = [ident] if ident else []
    if crosswalk is not None:
        ids += await crosswalk.known(connection, partners, known_as)
    elif ident is None:
        raise Permanent(
            "un nom de partenaire se cherche avec les clés du hub (SIAO_HUB_MASTER_KEY_FILE, SIAO_HUB_HMAC_KEY_FILE)"
        )
    subjects = await tracking.subjects_of(connection, ids)
    found = [
        Way(f"sujet {subject}", await way.of_subject(connection, subject)) for subject in subjects[:SUBJECTS]
    ]
    if ident is not None and not subjects:
        messages = await tracking.messages_of(connection, ident)
        found = [Way(f"message {each}", await way.of_messages(connection, [each])) for each in messages]
    elif not subjects:
        found = [
            Way(f"sujet {each}", stops) for each in ids if (stops := await way.of_subject(connection, each))
        ]
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
