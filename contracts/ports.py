"""What adapters and connectors promise each other: bytes on one side, contracts on the other."""

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
    """Bytes as a partner sent them or will get them. Header names are lower case."""

    body: bytes
    media_type: str
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cle: str | None = None
    """By which its transport knows the same message again, where neither its sender nor its dialect names a key."""
    drop: str | None = None
    """What tells this drop from every other, also from one of the same bytes: the same drop offered again, even
    by another process, has the same. None where the transport cannot tell."""
    avant: "tuple[Native, ...]" = ()
    """Files of the same delivery that are there before this one is, in their order. Only SFTP carries any: the registry
    knows no other way out for a dialect that writes them."""


@frozen()
class Rejet:
    """Why a row was not accepted. `message` is French, says what to do, and never quotes a personal value.

    `ligne` counts as the sender's tool shows it (the header of a CSV file is line 1; the first element of a
    JSON array or the first XML record is 1); None speaks of the whole message. `champ` is the sender's own
    name of the field. `reference` is what the sender calls the event or the thing of the row: it is told to its sender
    alone, and never kept.
    """

    code: str
    message: str
    ligne: int | None = None
    champ: str | None = None
    reference: str | None = None


@frozen()
class Ligne:
    """One row of a native message: a contract, or the reasons why it is none.

    `lus` are the ids of households, referrals and candidacies that were read in a row that is refused all the same.
    `cle` is the sender's own id of the event, where its dialect has one. `avertissements` say of an accepted row what
    was passed over or looks wrong.
    """

    numero: int
    contrat: Contrat | None = None
    rejets: tuple[Rejet, ...] = ()
    lus: tuple[UUID, ...] = ()
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Whom the row is about, whatever becomes of it."""
        return self.lus if self.contrat is None else self.contrat.personnes_citees


@frozen()
class Decoded:
    """What an adapter read. `lignes` is lazy: a file of any size is read in constant memory.

    `cle` is the dialect's own business event id where the message has one; it stands in for a missing
    `Idempotency-Key`. `avertissements` speak of the whole message.
    """

    lignes: Iterator[Ligne]
    cle: str | None = None
    avertissements: tuple[Rejet, ...] = ()


@frozen()
class View:
    """What a recipient is known by and may see: its entry, its own ids for the ids of ours, and the ids under which it
    alone learns of households, so that two recipients cannot put together what they know."""

    partner: Partner
    ids: Mapping[UUID, str] = field(default_factory=dict)
    menages: Mapping[UUID, str] = field(default_factory=dict)
    lot: UUID | None = None
    """What the events that are written together are known by; None for one alone."""

    def id_of(self, ours: UUID) -> str:
        """The recipient's own id where it has given one, else the hub's."""
        return self.ids.get(ours) or self.hub_id_of(ours)

    def hub_id_of(self, ours: UUID) -> str:
        """The hub's id, as this recipient may know it."""
        return self.menages.get(ours, str(ours))


@frozen()
class Receipt:
    """What a sink can prove. `proven` is False where the bytes only wait for the partner (mailbox)."""

    proven: bool = True
    reply: Native | None = None


@frozen()
class IntakeReport:
    """What became of one native message; the answer to its sender."""

    message_id: UUID
    etat: str
    acceptes: int
    rejets: tuple[Rejet, ...] = ()
    avertissements: tuple[Rejet, ...] = ()
    """What was accepted all the same."""
    repetition: bool = False
    recu_le: datetime | None = None
    """When the hub took it in (UTC)."""
    a_corriger: Native | None = None
    """The refused rows of a file, in its own format, with why; for who deposits files."""


class Adapter(Protocol):
    """A dialect. A plain module satisfies it; pure: no clock, network or database."""

    def decode(self, native: Native, partner: Partner) -> Decoded:
        """Read a message. Raises InvalidNative when the whole is unreadable, else rejects row by row."""
        ...

    def encode(self, envelopes: Sequence[Envelope], view: View) -> Native:
        """Write events for a partner, in their order; the same input gives the same bytes. Raises Unroutable for
        a type that the dialect does not carry, ValueError for none or more of them than it declares to take."""
        ...


class Source(Protocol):
    """Where bytes come from. Delivers each native at least once, and again until it is `done`."""

    def fetch(self) -> AsyncIterator[Native]:
        """What waits now; ends when nothing more does. Raises Transient or Misconfigured."""
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
        """Read from this offset on, whatever lies before, in every process to come. Raises as `fetch`."""
        ...


class Sink(Protocol):
    """Where bytes go."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Send once under an idempotency key. Raises HubError; OutcomeUnknown when it cannot tell."""
        ...

    async def has_received(self, native: Native, key: str) -> bool:
        """Whether what `send` sends under this key has arrived; asks, and changes nothing.

        True: it has. False: it certainly has not, once no `send` under this key is under way any more. Raises
        Transient (never OutcomeUnknown) or Misconfigured when that cannot be told now.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class AnswerReaders(Protocol):
    """Processes that read what partners answer, and that can be killed."""

    async def answer(
        self, partner: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a function makes of a partner's bytes; it and they can be pickled. Raises what it raises, and
        OutcomeUnknown where it takes longer than so many seconds, more than an answer may cost, or cannot run."""
        ...
