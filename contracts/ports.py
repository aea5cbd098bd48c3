"""Interfaces between adapters, connectors and the router: bytes on one side, contracts on the other."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Envelope
from contracts.frozen import frozen
from contracts.partner import Partner

P = ParamSpec("P")
T = TypeVar("T")


@frozen()
class Native:
    """Message as bytes: as a partner sent it, or as it will receive it. Header names are lower case."""

    body: bytes
    media_type: str
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cle: str | None = None
    """Idempotency key that the transport gives the message, if neither its sender nor its dialect gives one."""
    drop: str | None = None
    """Identity of one arrival of a file. A file that arrives again has another identity, even with equal
    bytes. An arrival that is offered to the hub again, even to another process, keeps its identity. None if
    the transport cannot tell."""
    avant: "tuple[Native, ...]" = ()
    """Files of the same delivery that must arrive before this one, in order. Only deliveries by SFTP have
    any: the registry refuses another `sortie` to a dialect that writes several files."""


@frozen()
class Rejet:
    """Reason why a row was not accepted.

    `message` is French, says what to do, and never quotes a personal value. `ligne` counts as the sender's
    tool does (the header of a CSV file is line 1; the first element of a JSON array or the first XML record
    is 1); None stands for the whole message. `champ` is the sender's own name of the field. `reference` is
    the sender's name of the event or of its subject: it is shown to the sender alone, and never stored.
    """

    code: str
    message: str
    ligne: int | None = None
    champ: str | None = None
    reference: str | None = None


@frozen()
class Ligne:
    """Row of a message: a contract, or the reasons why there is none.

    `lus` lists the ids of households, referrals and candidacies read in the row, even if it is refused. `cle`
    is the sender's own id of the event, if its dialect has one. `avertissements` lists what was ignored in an
    accepted row, or looks wrong in it.
    """

    numero: int
    contrat: Contrat | None = None
    rejets: tuple[Rejet, ...] = ()
    lus: tuple[UUID, ...] = ()
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Return the ids of the people that the row names, accepted or refused."""
        return self.lus if self.contrat is None else self.contrat.personnes_citees


@frozen()
class Decoded:
    """Result of decoding one message.

    `lignes` is lazy, so that a file of any size is read in constant memory. `cle` is the dialect's own
    business event id of the message, if it has one; it replaces a missing `Idempotency-Key`. `avertissements`
    concern the whole message.
    """

    lignes: Iterator[Ligne]
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()


@frozen()
class ListeEntiere:
    """Whole list of households for one reader, or one part of that list."""

    demande: UUID
    """Id of the event that asked for the list."""
    point: int
    """Number of the last change that the list contains."""
    partie: int
    """Number of this part, from 1."""
    parties: int


@frozen()
class View:
    """Recipient of a delivery, and the ids by which it knows subjects.

    `ids` maps ids of the hub to the recipient's own. `menages` maps households to ids made for this recipient
    alone, so that two recipients cannot combine what they know.
    """

    partner: Partner
    ids: Mapping[UUID, str] = field(default_factory=dict)
    menages: Mapping[UUID, str] = field(default_factory=dict)
    lot: UUID | None = None
    """Id of the lot when several events are written together; None for a single event."""
    liste: ListeEntiere | None = None
    """Whole list, or part of it, that these events make up; the list may be empty. None for a delivery that
    is no list."""

    def id_of(self, ours: UUID) -> str:
        """Return the recipient's own id for one of the hub's, if it has one, else the hub's id."""
        return self.ids.get(ours) or self.hub_id_of(ours)

    def hub_id_of(self, ours: UUID) -> str:
        """Return the hub's id in the form that this recipient may know."""
        return self.menages.get(ours, str(ours))


@frozen()
class Receipt:
    """Result of a delivery. `proven` is True if the partner has the bytes; False if they only wait for it in
    a mailbox."""

    proven: bool = True
    reply: Native | None = None


SORTS: Mapping[str, str] = {"accepte": "accepté", "partiel": "accepté en partie", "refuse": "refusé"}
"""French words for the outcome of a message at the door, by its state."""


@frozen()
class IntakeReport:
    """Outcome of one message, as its sender is notified of it."""

    message_id: UUID
    etat: str
    acceptes: int
    rejets: tuple[Rejet, ...] = ()
    avertissements: tuple[Rejet, ...] = ()
    """Remarks on rows that were accepted nevertheless."""
    repetition: bool = False
    recu_le: datetime | None = None
    """Moment at which the hub accepted the message (UTC)."""
    a_corriger: Native | None = None
    """Rejected rows of a file with their reasons, in the file's own format; for partners that leave files in
    a folder."""


class Adapter(Protocol):
    """Dialect: it reads and writes messages. A plain module satisfies it. Pure: no clock, network or
    database."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Read a message. Raises InvalidNative if the whole is unreadable; other errors reject single rows."""
        ...

    def encode(self, envelopes: Sequence[Envelope], view: View) -> Native:
        """Write events for a partner, in their order; equal input gives equal bytes.

        Raises Unroutable for a type that the dialect does not carry, and ValueError for no event, or for more
        events than the dialect says that it carries.
        """
        ...


class Source(Protocol):
    """Transport that fetches messages. It yields each native at least once, and again until `done` is called
    for it."""

    def fetch(self) -> AsyncIterator[Native]:
        """Yield the natives that are pending now, then end. Raises Transient or Misconfigured."""
        ...

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Settle a document, so that it is not offered again. Call it only after the commit. Idempotent."""
        ...

    async def close(self) -> None:
        """Release the connections. Idempotent."""
        ...


class Topic(Source, Protocol):
    """Source whose records have offsets. Its `fetch` may raise Unpassable."""

    async def go_on(self, partition: int, offset: int) -> None:
        """Resume reading a partition at this offset, in this process and in every later one; records before
        it are skipped. Raises as `fetch` does."""
        ...


class Sink(Protocol):
    """Transport that delivers messages."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Send a message once, under an idempotency key. Raises a HubError, which is OutcomeUnknown if it
        cannot tell whether the message arrived."""
        ...

    async def has_received(self, native: Native, key: str) -> bool:
        """Ask whether the bytes that `send` sends under this key have arrived, and change nothing.

        Return True if they have. Return False if they certainly have not, provided that no `send` under this key is
        still under way. Raises Transient (never OutcomeUnknown) or Misconfigured when the answer cannot be known
        now.
        """
        ...

    async def close(self) -> None:
        """Release the connections."""
        ...


class AnswerReaders(Protocol):
    """Pool of processes that parse partners' answers. One that takes too long can be killed, and the hub goes
    on."""

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function that reads a partner's bytes, and return its result.

        Function and arguments must be picklable. Raises the function's errors; OutcomeUnknown if it takes
        longer than `seconds`, costs more than an answer may, or cannot run.
        """
        ...
