"""Search for the messages and subjects to which a text may refer: an id of the hub, a partner's own id, or an
idempotency key."""

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
"""Maximum number of subjects whose histories are shown for one text."""


class Way(NamedTuple):
    """The history of one message or one subject, in French sentences."""

    about: UUID
    is_of_a_subject: bool
    stops: Sequence[Stop]

    @property
    def title(self) -> str:
        """Return the title of the history: « sujet » or « message », then the id."""
        return f"{'sujet' if self.is_of_a_subject else 'message'} {self.about}"


class Words(NamedTuple):
    """Service that finds subjects by partners' own ids, and messages by idempotency keys and by the ids that
    partners give to events. The database can be searched for these ids and keys only by their fingerprints. To
    make the fingerprints, the service needs the hub's HMAC keys."""

    keyring: Keyring
    crosswalk: Crosswalk

    @classmethod
    def of(cls, keyring: Keyring) -> "Words":
        """Return this service with the HMAC keys of `keyring`."""
        return cls(keyring, Crosswalk(keyring))

    async def messages(
        self, connection: Connection, partners: Sequence[str], known_as: str
    ) -> Sequence[UUID]:
        """Return the messages that one of these partners sent under the idempotency key `known_as`, or in
        which it gave the id `known_as` to an event."""
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
    """Return the histories of everything that `known_as` may mean: an id of the hub, or an id or idempotency
    key that one of `partners` uses. At most `SUBJECTS` subjects are shown. `words` finds what the partners'
    own ids and keys mean. It may be None if `known_as` is certainly an id of the hub, or if the hub's secret
    keys are missing. Raises Permanent if `words` is None and `known_as` is no id of the hub. With
    `to_sender`, the histories are written for the sender of a message: they do not reveal whether other
    partners' subjects exist."""

    async def of_subject(subject: UUID) -> Way:
        stops = await way.of_subject(connection, subject, to_sender=to_sender)
        return Way(subject, is_of_a_subject=True, stops=stops)

    async def of_message(message: UUID) -> Way:
        stops = await way.of_message(connection, message, to_sender=to_sender)
        return Way(message, is_of_a_subject=False, stops=stops)

    ident = _uuid(known_as)
    called, messages = list[UUID](), list[UUID]()
    if words is not None:
        called += await words.crosswalk.known(connection, partners, known_as)
        messages += await words.messages(connection, partners, known_as)
    elif ident is None:
        raise Permanent(
            "un mot de partenaire se cherche avec les clés du hub (SIAO_HUB_MASTER_KEY_FILE, SIAO_HUB_HMAC_KEY_FILE)"
        )
    subjects = await tracing.subjects_of(connection, [ident, *called] if ident else called)
    found = [await of_subject(subject) for subject in subjects[:SUBJECTS]]
    if not subjects:
        found = [each for subject in called if (each := await of_subject(subject)).stops]
    if ident is not None and not found:
        messages += await tracing.messages_of(connection, ident)
    return [*found, *[await of_message(each) for each in dict.fromkeys(messages)]]


async def named(
    connection: Connection,
    crosswalk: Crosswalk | None,
    partners: Iterable[str],
    known_as: str,
    natures: Iterable[Nature] = Nature,
) -> list[UUID]:
    """Return the hub's ids of the subjects that one of `partners` calls `known_as`. Only subjects of the
    types `natures` are looked for. If `known_as` has the form of an id of the hub, this id is returned too,
    even if no subject has it. If `crosswalk` is None, partners' own ids are not looked up."""
    called = await crosswalk.known(connection, partners, known_as, natures) if crosswalk else []
    ident = _uuid(known_as)
    return [*called, ident] if ident else called


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
