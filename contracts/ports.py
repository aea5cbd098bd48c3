"""The interfaces between adapters and connectors: bytes on one side, contracts on the other."""

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
    """Bytes as a partner sent them, or as it will receive them. Header names are lower case."""

    body: bytes
    media_type: str
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cle: str | None = None
    """Key that the transport gives the message, if neither its sender nor its dialect gives one."""
    drop: str | None = None
    """Identity of this drop. Another drop has another identity, even with the same bytes; the same drop, offered
    again even by another process, keeps its own. None if the transport cannot tell."""
    avant: "tuple[Native, ...]" = ()
    """Files of the same delivery that must arrive before this one, in order. Only SFTP carries any: the registry
    allows no other way out for a dialect that writes them."""


@frozen()
class Rejet:
    """The reason why a row was not accepted.

    `message` is French, says what to do, and never quotes a personal value. `ligne` counts as the sender's tool
    does (the header of a CSV file is line 1; the first element of a JSON array or the first XML record is 1); None
    stands for the whole message. `champ` is the sender's own name of the field. `reference` is the sender's name
    of the event or of its subject: it is shown to the sender alone, and never stored.
    """

    code: str
    message: str
    ligne: int | None = None
    champ: str | None = None
    reference: str | None = None


@frozen()
class Ligne:
    """One row of a native message: a contract, or the reasons why there is none.

    `lus` lists the ids of households, referrals and candidacies read in the row, even if it is refused. `cle` is the
    sender's own id of the event, if its dialect has one. `avertissements` lists what was ignored in an accepted row,
    or looks wrong in it.
    """

    numero: int
    contrat: Contrat | None = None
    rejets: tuple[Rejet, ...] = ()
    lus: tuple[UUID, ...] = ()
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """The ids of the people in the row, accepted or refused."""
        return self.lus if self.contrat is None else self.contrat.personnes_citees


@frozen()
class Decoded:
    """The result of decoding one native message.

    `lignes` is lazy: a file of any size is read in constant memory. `cle` is the dialect's own business event id
    where the message has one; it replaces a missing `Idempotency-Key`. `avertissements` concern the whole message.
    """

    lignes: Iterator[Ligne]
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()


@frozen()
class ListeEntiere:
    """The whole list of a reader, or one part of it."""

    demande: UUID
    """The event that asked for it."""
    point: int
    """Number of the last change that it contains."""
    partie: int
    """Number of this part, from 1."""
    parties: int


@frozen()
class View:
    """A recipient, and the ids by which it knows subjects.

    `ids` maps ids of the hub to the recipient's own. `menages` maps households to ids made for this recipient
    alone, so that two recipients cannot combine their knowledge.
    """

    partner: Partner
    ids: Mapping[UUID, str] = field(default_factory=dict)
    menages: Mapping[UUID, str] = field(default_factory=dict)
    lot: UUID | None = None
    """Id of the lot when several events are written together; None for a single event."""
    liste: ListeEntiere | None = None
    """Whole list, or part of it, that the events make up; a table of it may be empty. None for other deliveries."""

    def id_of(self, ours: UUID) -> str:
        """Return the recipient's own id if it has given one, else the hub's."""
        return self.ids.get(ours) or self.hub_id_of(ours)

    def hub_id_of(self, ours: UUID) -> str:
        """Return the hub's id in the form that this recipient may have."""
        return self.menages.get(ours, str(ours))


@frozen()
class Receipt:
    """The proof of a delivery. `proven` is False if the bytes only wait for the partner (mailbox)."""

    proven: bool = True
    reply: Native | None = None


SORTS: Mapping[str, str] = {"accepte": "accepté", "partiel": "accepté en partie", "refuse": "refusé"}
"""French words for what became of a message at the door."""


@frozen()
class IntakeReport:
    """Outcome of one native message, as its sender is answered."""

    message_id: UUID
    etat: str
    acceptes: int
    rejets: tuple[Rejet, ...] = ()
    avertissements: tuple[Rejet, ...] = ()
    """Remarks on rows that were accepted."""
    repetition: bool = False
    recu_le: datetime | None = None
    """Moment at which the hub accepted the message (UTC)."""
    a_corriger: Native | None = None
    """The refused rows of a file with their reasons, in the file's own format; for partners that deposit files."""


class Adapter(Protocol):
    """A dialect. A plain module satisfies it. Pure: no clock, network or database."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Read a message. Raises InvalidNative if the whole is unreadable; other errors reject single rows."""
        ...

    def encode(self, envelopes: Sequence[Envelope], view: View) -> Native:
        """Write events for a partner, in their order; the same input gives the same bytes.

        Raises Unroutable for a type that the dialect does not carry, and ValueError for no event, or for more of
        them than the dialect declares to carry.
        """
        ...


class Source(Protocol):
    """A transport that fetches bytes. It yields each native at least once, and again until it is `done`."""

    def fetch(self) -> AsyncIterator[Native]:
        """Yield the natives that are pending now, then end. Raises Transient or Misconfigured."""
        ...

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Settle a native, only after the commit; idempotent."""
        ...

    async def close(self) -> None:
        """Release connections; idempotent."""
        ...


class Topic(Source, Protocol):
    """A source whose records lie at offsets: `fetch` may raise Unpassable."""

    async def go_on(self, partition: int, offset: int) -> None:
        """Resume reading at this offset, in this and every later process; records before it are skipped. Raises as
        `fetch` does."""
        ...


class Sink(Protocol):
    """A transport that delivers bytes."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Send once under an idempotency key. Raises HubError; OutcomeUnknown when it cannot tell."""
        ...

    async def has_received(self, native: Native, key: str) -> bool:
        """Ask whether the bytes that `send` sends under this key have arrived, and change nothing.

        Return True if they have. Return False if they certainly have not, provided that no `send` under this key is
        still under way. Raises Transient (never OutcomeUnknown) or Misconfigured when the answer cannot be known
        now.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class AnswerReaders(Protocol):
    """Processes that read partners' answers, and that can be killed."""

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return the result of a function that reads a partner's bytes. Function and arguments can be pickled.

        Raises the function's errors; OutcomeUnknown if it takes longer than `seconds`, costs more than an answer
        may, or cannot run.
        """
        ...
