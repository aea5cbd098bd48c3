"""Lookup of messages and subjects by any id of the hub, a partner's name for a place, household or referral, or the key
of a message."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.base import Nature
from contracts.errors import Permanent
from ops.tracing import sql as tracing
from ops.tracing import way
from ops.tracing.way import Stop
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.store.database import Connection

SUBJECTS = 20
"""Limit on the subjects that are shown for one name, because a name may belong to several."""


class Way(NamedTuple):
    """History of one message or subject: the steps (`stops`) that it went through."""

    about: UUID
    is_of_a_subject: bool
    """True for the history of a subject, False for the history of a message."""
    stops: Sequence[Stop]

    @property
    def title(self) -> str:
        """Return « sujet » or « message » and the id."""
        return f"{'sujet' if self.is_of_a_subject else 'message'} {self.about}"


class Words(NamedTuple):
    """Lookup of messages and subjects by a partner's name or key. It needs the hub's keys, because only HMACs of these
    words are stored."""

    keyring: Keyring
    crosswalk: Crosswalk

    @classmethod
    def of(cls, keyring: Keyring) -> "Words":
        """Return the lookup that uses these keys."""
        return cls(keyring, Crosswalk(keyring))

    async def messages(
        self, connection: Connection, partners: Sequence[str], known_as: str
    ) -> Sequence[UUID]:
        """Return the ids of the messages of one of these partners that have `known_as` as idempotency key, or contain
        an event with this id."""
        hmacs = self.keyring.hmacs
        keys = [(partner, each) for partner in partners for each in hmacs.fingerprints(partner, known_as)]
        return await tracing.messages_under(connection, keys)


async def ways(
    connection: Connection,
    words: Words | None,
    partners: Sequence[str],
    known_as: str,
    *,
    to_sender: bool = False,
) -> list[Way]:
    """Return the history of everything known under an id, or under a name that one of these partners uses.

    With `to_sender`, the words are for the sender, who must not learn whether a subject exists that is not its own.
    Raises Permanent if a name is given and the hub's keys are missing.
    """

    async def of_subject(subject: UUID) -> Way:
        stops = await way.of_subject(connection, subject, to_sender=to_sender)
        return Way(subject, is_of_a_subject=True, stops=stops)

    async def of_message(message: UUID) -> Way:
        stops = await way.of_message(connection, message, to_sender=to_sender)
        return Way(message, is_of_a_subject=False, stops=stops)

    ident = _uuid(known_as)
    ids, messages = [ident] if ident else [], list[UUID]()
    if words is not None:
        ids += await words.crosswalk.known(connection, partners, known_as)
        messages += await words.messages(connection, partners, known_as)
    elif ident is None:
        raise Permanent(
            "un mot de partenaire se cherche avec les clés du hub (SIAO_HUB_MASTER_KEY_FILE, SIAO_HUB_HMAC_KEY_FILE)"
        )
    subjects = await tracing.subjects_of(connection, ids)
    found = [await of_subject(subject) for subject in subjects[:SUBJECTS]]
    if ident is not None and not subjects:
        messages += await tracing.messages_of(connection, ident)
    elif not subjects:
        found = [each for ident in ids if (each := await of_subject(ident)).stops]
    return [*found, *[await of_message(each) for each in dict.fromkeys(messages)]]


async def named(
    connection: Connection,
    crosswalk: Crosswalk | None,
    partners: Iterable[str],
    known_as: str,
    natures: Iterable[Nature] = Nature,
) -> list[UUID]:
    """Return the hub's ids for a name that one of these partners uses, followed by the name itself if it reads as an
    id of the hub.

    Without a crosswalk, only an id of the hub is found.
    """
    called = await crosswalk.known(connection, partners, known_as, natures) if crosswalk else []
    ident = _uuid(known_as)
    return [*called, ident] if ident else called


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
