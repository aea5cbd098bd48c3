"""The errors that the hub raises on purpose. Beside each, the tree says its cause, or what the hub then does.

HubError
├─ Permanent       quarantine, or a refused delivery; trying again changes nothing
│  ├─ InvalidNative    bytes that no adapter can read
│  ├─ InvalidContract  readable bytes that break the contract, or cannot be decrypted
│  ├─ Unroutable       no partner of the registry is meant to receive it
│  └─ Refused          the partner's system refused the delivery for good
│     └─ NameTaken         the partner's server has a file of this name with other content
├─ Transient       try again later; only the lane concerned (one partner, one subject) waits
│  ├─ PartnerUnavailable  nothing was sent, or the answer proves that nothing was accepted
│  │  └─ OutcomeUnknown      the bytes may have arrived: `Partner.livraison` decides what follows
│  ├─ Throttled           the partner asks to wait `retry_after_seconds`
│  └─ BusUnavailable      PostgreSQL or Kafka cannot be reached, or is too busy
│     └─ NotYetKnown         the hub still reads what it needs to decide about the message
├─ Unpassable      some records of a source cannot be read; a person decides where to go on
└─ Misconfigured   stop this partner's lanes and log why: 401/403, TLS, missing secret
   ├─ HubsOwnFault     a secret, a file or a profile of the hub; only its team reads which
   └─ DatabaseUnusable  PostgreSQL refuses the hub: a starting process ends, a running one waits

Other modules define subclasses of these errors. An exception that is no HubError is a bug of the hub: the
quarantine then shows its type and its stack, never its values.

The text of an error is French, for the partner or the team that will read it. It never holds a personal
value.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from contracts.ports import Native


class RecordRange(NamedTuple):
    """Range of unreadable records in one Kafka partition. It begins at the offset `first`, and ends just
    before the offset `following`."""

    topic: str
    partition: int
    first: int
    following: int


class HubError(Exception):
    """Root of all errors that the hub raises on purpose. `told` may be shown to a partner."""

    reply: "Native | None" = None
    """What the partner's system has answered, if anything. It may contain personal values: never show it
    unmasked."""

    @property
    def told(self) -> str:
        """Return what a partner may read of this error."""
        return str(self)

    @property
    def noted(self) -> str:
        """Return what the hub records of this error for its team. Other people may read only the part that
        `told_of` returns."""
        return str(self)


class Permanent(HubError):
    """Raised for a fault that will come back at each new attempt."""


class InvalidNative(Permanent):
    """Raised for bytes that cannot be read in their dialect."""

    code = "illisible"
    """Code of this error in answers to senders and in reports."""


class InvalidContract(Permanent):
    """Raised for readable content that breaks a rule of the contract, or that cannot be decrypted."""


class Unroutable(Permanent):
    """Raised for an event that cannot reach its recipient: no partner of the registry is meant to receive it,
    or the recipient's dialect does not write it."""


class Refused(Permanent):
    """Raised when the partner's system refuses a delivery for good, for example by a 4xx other than 401, 403,
    408 and 429."""


class NameTaken(Refused):
    """Raised when the partner's server already has a file of this name with other content."""


class Transient(HubError):
    """Raised for a fault that may pass: the hub or the sender tries again later."""


class PartnerUnavailable(Transient):
    """Raised when a partner's system cannot be reached or fails. It has certainly not accepted the delivery,
    unless the error is an OutcomeUnknown."""


class OutcomeUnknown(PartnerUnavailable):
    """Raised for a delivery that may have arrived, because no conclusive answer came back."""


class Throttled(Transient):
    """Raised when the next attempt must wait for `retry_after_seconds`: either the partner asks the hub to
    wait, or the hub asks a sender to wait."""

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class BusUnavailable(Transient):
    """Raised when PostgreSQL or Kafka cannot be reached or is too busy."""


class Misconfigured(HubError):
    """Raised for a fault that only a person can mend: credentials, TLS, a missing secret, an impossible
    setting."""


FOR_THE_TEAM = "pour l'équipe du hub : "
"""First words of a recorded error that only the hub's team may read."""
ITS_TEAM_MENDS = (
    "Le hub ne peut pas encore échanger avec ce partenaire : son équipe doit corriger ce qu'elle en a noté"
)


class HubsOwnFault(Misconfigured):
    """Raised for a secret, a file or a column profile that the hub's team has to mend. `str(error)` says
    where the fault is, and only the team may read it. `told` is what partners may read: the partner that the
    fault concerns, and the senders of messages to this partner."""

    @property
    def told(self) -> str:
        """Return a French text which says that the hub's team has to mend the fault. It does not say where
        the fault is."""
        return ITS_TEAM_MENDS

    @property
    def noted(self) -> str:
        """Return the error's text, after the words that reserve it for the hub's team (`FOR_THE_TEAM`)."""
        return f"{FOR_THE_TEAM}{self}"


def told_of(noted: str) -> str:
    """Return what people outside the hub's team may read of a recorded error. `noted`: the error as
    `HubError.noted` gave it."""
    return ITS_TEAM_MENDS if noted.startswith(FOR_THE_TEAM) else noted


class Unpassable(HubError):
    """Raised when a source of messages cannot read on: the records in the range `records` are damaged or too
    large."""

    def __init__(self, message: str, records: RecordRange) -> None:
        super().__init__(message)
        self.records = records


class NotYetKnown(BusUnavailable):
    """Raised for a message that the hub cannot accept or refuse yet, for one of two reasons. The first: the
    message needs data that a restored database still lacks, because the hub is still reading them from Kafka
    or the key replica. The second: the message repeats an event of a file that is still being decoded. This
    file is accepted either whole or not at all."""


class DatabaseUnusable(Misconfigured):
    """Raised when the hub can reach PostgreSQL but not use it: wrong certificate or password, missing table or
    missing right."""
