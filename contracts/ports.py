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
    """Idempotency key that the transport makes for a message without one."""
    drop: str | None = None
    """Mark of one arrival of a file, if known. If the partner leaves the same file again, the mark is
    another."""
    recu_le: datetime | None = None
    """Moment at which the hub first received the message; None for a message to a partner."""
    avant: "tuple[Native, ...]" = ()
    """Further files of the same delivery, which must arrive before this one."""


@frozen()
class Rejet:
    """Reason why a row or a whole message was rejected, or a warning about an accepted row."""

    code: str
    message: str
    """French text that says what to do, without personal values."""
    ligne: int | None = None
    """Line in the sender's file, 1 for the header or first element; None for the whole message."""
    champ: str | None = None
    reference: str | None = None
    """Name that the sender gives to the event or its subject. It is never stored."""
    titres: str | None = field(default=None, repr=False)
    """Titles of the columns concerned, as the sender wrote them. They may be personal, so they are stored
    encrypted."""


class Naissance(NamedTuple):
    """Date of birth of a person in a row, and the name that the sender gives to the field with this date."""

    le: date
    champ: str | None


@frozen()
class Ligne:
    """Row of a message as it was read: a contract, or the reasons for its rejection. If it has neither, it
    only carries warnings about the rows before it."""

    numero: int
    contrat: Contrat | None = None
    rejets: tuple[Rejet, ...] = ()
    lus: tuple[UUID, ...] = ()
    """Ids of households, referrals and other subjects about people, in a rejected row."""
    cle: str | None = None
    """The sender's id of the event."""
    avertissements: tuple[Rejet, ...] = ()
    """Warnings about values of an accepted row that are ignored or look wrong."""
    naissances: tuple[Naissance, ...] = ()
    """Dates of birth in the row. None may be later than the day of receipt."""

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Return those ids in this row that stand for households, referrals and other subjects about people,
        whether the row is rejected or not."""
        return self.lus if self.contrat is None else self.contrat.personnes_citees

    def rejected(self, *why: Rejet) -> "Ligne":
        """Return this row as a rejected one, for the reasons `why`. The rejected row keeps the ids of the
        households, referrals and other subjects about people that the row cites: when one of them is
        forgotten, the row's stored bytes must go too."""
        return Ligne(self.numero, rejets=why, lus=self.personnes_citees, cle=self.cle)


@frozen()
class Decoded:
    """Result of decoding a message. `lignes` may decode each row only when the caller asks for that row."""

    lignes: Iterator[Ligne]
    cle: str | None = None
    """The sender's id of the message, used if the message has no `Idempotency-Key`."""
    avertissements: tuple[Rejet, ...] = ()
    """Warnings about the whole message."""


@frozen()
class ListeEntiere:
    """Which part of which list a delivery contains. A whole list of households ready for housing may need
    several deliveries."""

    demande: UUID
    """Id of the event that requested the list."""
    point: int
    """Number of the newest change that the list contains. The hub numbers the changes of each partner's
    list."""
    partie: int
    """Rank of this part among `parties`, from 1."""
    parties: int


@frozen()
class View:
    """Recipient of a delivery, with the ids under which this recipient knows subjects."""

    partner: Partner
    ids: Mapping[UUID, str] = field(default_factory=dict)
    """The recipient's own ids of subjects, by the hub's ids."""
    menages: Mapping[UUID, str] = field(default_factory=dict)
    """Pseudonyms of households for this recipient alone, by the hub's ids."""
    lot: UUID | None = None
    """Id of the lot (several deliveries in one file); None for a single event."""
    liste: ListeEntiere | None = None
    """Part of a whole list, if the delivery contains one."""

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
    """Result of a delivery that was sent without an error: either the partner certainly has it, or it waits in
    the partner's mailbox."""

    proven: bool = True
    """True if the partner certainly has the delivery, False while it waits in the partner's mailbox."""
    reply: Native | None = None


SORTS: Mapping[str, str] = {"accepte": "accepté", "partiel": "accepté en partie", "refuse": "refusé"}
"""French words for the outcome of a message, by the message's state."""


@frozen()
class IntakeReport:
    """What the hub reports to the sender of a message: what became of the message, how many of its rows were
    accepted, and what is wrong with the others."""

    message_id: UUID
    etat: str
    acceptes: int
    rejets: tuple[Rejet, ...] = ()
    avertissements: tuple[Rejet, ...] = ()
    repetition: bool = False
    recu_le: datetime | None = None
    """Moment (UTC) at which the hub received the message."""
    a_corriger: Native | None = None
    """File with the rejected rows and their reasons, for the sender to correct; None if there is none."""
    deja_envoyees: tuple[int, ...] = ()
    """Numbers of the rows of a dry run that the hub already has, unchanged. They are acceptable, but would
    have no effect if they were sent again."""


class Adapter(Protocol):
    """Interface of a dialect. A module with these two functions satisfies it. Neither function has side
    effects."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Decode a message into rows. An error in one row is recorded as a rejection of this row.

        Raises InvalidNative for an unreadable message, now or while the rows are read.
        """
        ...

    def encode(self, events: Sequence[Event], view: View) -> Native:
        """Encode events for a partner, in order. `view`: the partner, with the ids under which it knows
        subjects. Equal arguments give equal bytes.

        Raises Unroutable for a message type that the dialect does not write. Raises ValueError for no events,
        or for more events than the dialect writes at a time. A whole list in a table (`view.liste`) may have no
        events.
        """
        ...


class Candidacies(Protocol):
    """Function that finds candidacies by the numéro unique of their demand."""

    async def __call__(self, numbers: Collection[str], /) -> Mapping[str, Sequence[UUID]]:
        """Return the ids of the open candidacies whose demands have these `numbers` (numéros uniques), by
        number. A number without such a candidacy is left out.

        The function is made for one partner, which reports removals of demands from the SNE (the national
        register of demands for social housing). Candidacies about which this partner may not report are left
        out. Raises BusUnavailable if the hub's database cannot be reached.
        """
        ...


class Source(Protocol):
    """Transport that fetches messages. It offers each message at every call of `fetch`, until `done` is called
    for the message."""

    def fetch(self) -> AsyncIterator[Native]:
        """Yield the messages that are ready now, then end. Raises Transient or Misconfigured if the partner's
        server does not give its messages."""
        ...

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Record that a message is accepted or refused, so that it is not fetched again. Before this call,
        the caller must have committed the message in the hub's database. Idempotent."""
        ...

    async def close(self) -> None:
        """Release the connections. Idempotent."""
        ...


class TopicSource(Source, Protocol):
    """Transport that fetches the records of a Kafka topic; each record is a message. Its `fetch` raises
    Unpassable at records that cannot be read."""

    async def go_on(self, partition: int, offset: int) -> None:
        """Let the reading of a partition go on at the offset `offset`, now and after each restart. Raises
        Transient or Misconfigured if this offset cannot be stored."""
        ...


class Sink(Protocol):
    """Transport that delivers messages to one partner."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Send a message once, under an idempotency key. Raises OutcomeUnknown if nobody knows whether the
        message has arrived. Raises another HubError if it has certainly not been delivered."""
        ...

    async def has_received(self, native: Native, key: str) -> bool:
        """Return whether the message sent under this key has arrived. If `send` is still running for this
        message, False proves nothing: the message may arrive later.

        Raises Transient or Misconfigured if the partner cannot be asked, or does not tell.
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
        """Call `function` in another process, and return its result. `function` parses a reply of the partner
        whose id is `partner`. Its arguments must be picklable, so that they can go to the other process.
        Calls for one partner run one after another.

        Raises the errors of `function`. Raises OutcomeUnknown if the call takes more than `seconds` or too
        much memory, or cannot be made.
        """
        ...
