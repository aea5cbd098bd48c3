"""Interfaces between adapters, connectors and the router."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import NamedTuple, ParamSpec, Protocol, TypeVar
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import frozen
from contracts.partner import Partner

P = ParamSpec("P")
T = TypeVar("T")


@frozen()
class Native:
    """Message as a partner sent it or will receive it. Header names are lower case."""

    body: bytes
    media_type: str
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cle: str | None = None
    """Idempotency key made by the transport, for a message without one."""
    drop: str | None = None
    """Identity of one arrival of a file, if known. It changes when the partner drops the file again."""
    recu_le: datetime | None = None
    """When the hub first received the message; None for one to a partner."""
    avant: "tuple[Native, ...]" = ()
    """Further files of the set, which must arrive before this one."""


@frozen()
class Rejet:
    """Reason why a row or a whole message was rejected, or a warning about an accepted row.

    `message`: French text that says what to do, without personal values. `ligne`: line in the sender's file (1
    for the header or first element), None for the whole message. `reference`: the sender's name for the event
    or its subject, never stored. `titres`: titles of the columns concerned, as the sender wrote them; because
    they may be personal, they are stored encrypted.
    """

    code: str
    message: str
    ligne: int | None = None
    champ: str | None = None
    reference: str | None = None
    titres: str | None = field(default=None, repr=False)


class Naissance(NamedTuple):
    """Date of birth of a person in a row, and the sender's name of the field with this date."""

    le: date
    champ: str | None


@frozen()
class Ligne:
    """Row of a message as it was read: a contract, or the reasons for its rejection. An object with neither is
    no row; it carries warnings about the rows before it.

    `lus`: in a rejected row, the ids of households, referrals and other subjects about people.
    `avertissements`: warnings about values of an accepted row that are ignored or look wrong. `cle`: the
    sender's id of the event. `naissances`: the dates of birth in the row, of which none may be later than the
    day of receipt.
    """

    numero: int
    contrat: Contrat | None = None
    rejets: tuple[Rejet, ...] = ()
    lus: tuple[UUID, ...] = ()
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()
    naissances: tuple[Naissance, ...] = ()

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Return those ids in this row that stand for households, referrals and other subjects about people,
        whether the row is rejected or not."""
        return self.lus if self.contrat is None else self.contrat.personnes_citees


@frozen()
class Decoded:
    """Message after its decoding. Its rows (`lignes`) are read one at a time, as they are asked for, to need
    little memory.

    `cle`: the sender's id of the message, used if the message has no `Idempotency-Key`; `avertissements`:
    warnings about the whole message.
    """

    lignes: Iterator[Ligne]
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()


@frozen()
class ListeEntiere:
    """Position of one delivery among those that together contain a whole list of households ready for
    housing."""

    demande: UUID
    """Id of the event that requested the list."""
    point: int
    """Number of the newest change in the list, by the partner's own count."""
    partie: int
    """Rank of this part among `parties`, from 1."""
    parties: int


@frozen()
class View:
    """Recipient of a delivery, with the ids under which this recipient knows subjects.

    `ids`: the hub's id of a subject → the recipient's own id. `menages`: the hub's id of a household → its
    pseudonym for this recipient; each recipient has other pseudonyms, so that two recipients cannot combine
    their data.
    """

    partner: Partner
    ids: Mapping[UUID, str] = field(default_factory=dict)
    menages: Mapping[UUID, str] = field(default_factory=dict)
    lot: UUID | None = None
    """Id of the lot; None for a single event."""
    liste: ListeEntiere | None = None
    """Part of a whole list that the delivery contains; None without a list."""

    def id_of(self, ours: UUID) -> str:
        """Return the recipient's own id of the subject `ours`; if the recipient has given it none, the id that
        the hub shows to this recipient (`hub_id_of`)."""
        return self.ids.get(ours) or self.hub_id_of(ours)

    def hub_id_of(self, ours: UUID) -> str:
        """Return the id that the hub shows to this recipient for the subject `ours`: the pseudonym of a
        household, the hub's own id of any other subject."""
        return self.menages.get(ours, str(ours))


@frozen()
class Receipt:
    """What is known after a delivery was sent without an error. `proven`: True if the partner certainly has the
    delivery, False while it waits in the partner's mailbox; `reply`: the partner's reply, if any."""

    proven: bool = True
    reply: Native | None = None


SORTS: Mapping[str, str] = {"accepte": "accepté", "partiel": "accepté en partie", "refuse": "refusé"}
"""French words for the outcome of a message, by its state."""


@frozen()
class IntakeReport:
    """Report on one message for its sender: what became of the message, how many rows were accepted, and what
    is wrong with the others."""

    message_id: UUID
    etat: str
    acceptes: int
    rejets: tuple[Rejet, ...] = ()
    avertissements: tuple[Rejet, ...] = ()
    repetition: bool = False
    recu_le: datetime | None = None
    """When (UTC) the hub accepted the message."""
    a_corriger: Native | None = None
    """File with the rejected rows and their reasons, in the format of the sender's file, if any."""
    deja_envoyees: tuple[int, ...] = ()
    """Of a message that is only tried: the accepted rows that the hub already has, unchanged. Sent again, they
    would have no effect."""


class Adapter(Protocol):
    """Interface of a dialect. A module with these two functions satisfies it. Neither function has side
    effects."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Decode a message into rows.

        Raises InvalidNative for an unreadable message, in this call or while the rows are read. An error in one
        row is recorded as a rejection of this row.
        """
        ...

    def encode(self, events: Sequence[Event], view: View) -> Native:
        """Encode events for a partner, in order. Equal arguments give equal bytes.

        Raises Unroutable for a message type that the dialect does not write; ValueError if `events` is empty,
        or has more events than the dialect writes at a time.
        """
        ...


class Candidacies(Protocol):
    """Function that finds candidacies by the numéro unique of their demand."""

    async def __call__(self, numbers: Collection[str], /) -> Mapping[str, Sequence[UUID]]:
        """Return, for each numéro unique in `numbers`, the ids of the open candidacies for which the source's
        partner may report a removal from the SNE. Raises BusUnavailable if the database does not answer."""
        ...


class Source(Protocol):
    """Transport that fetches messages. It offers each message at every call of `fetch`, until `done` is called
    for the message."""

    def fetch(self) -> AsyncIterator[Native]:
        """Yield the messages that are ready now, then end. Raises Transient or Misconfigured if the partner's
        server does not give its messages."""
        ...

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Record that the hub has accepted or refused a message, so that it is fetched no more. The caller
        must first have committed this in the hub's database. `report`: what the sender is told.
        Idempotent."""
        ...

    async def close(self) -> None:
        """Release the connections. Idempotent."""
        ...


class TopicSource(Source, Protocol):
    """Source of the records of a Kafka topic, each of which is a message. Its `fetch` raises Unpassable at
    records that cannot be read."""

    async def go_on(self, partition: int, offset: int) -> None:
        """Make the reading of a partition go on at this offset, now and after a restart.

        Raises Transient or Misconfigured if the offset cannot be stored. If the record at this offset cannot
        be read, the next `fetch` raises Unpassable.
        """
        ...


class Sink(Protocol):
    """Transport that delivers messages to one partner."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Send a message once, under an idempotency key. Raises OutcomeUnknown if the message may have arrived;
        another HubError if it was certainly not delivered."""
        ...

    async def has_received(self, native: Native, key: str) -> bool:
        """Return whether the message sent under this key has arrived. False is certain only if no `send` under
        this key is still running.

        Raises Transient or Misconfigured if the partner cannot be asked, or does not tell whether it has the
        message.
        """
        ...

    async def close(self) -> None:
        """Release the connections."""
        ...


class AnswerReaders(Protocol):
    """Pool of processes that parse partners' replies. A process that takes too long is killed."""

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` in another process, with picklable arguments, and return its result. `partner`: id of
        the partner whose reply the function parses.

        Raises the errors of the function. Raises OutcomeUnknown if the function takes more than `seconds`,
        takes too much memory, or cannot be run.
        """
        ...
