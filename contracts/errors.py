"""Every error that the hub raises on purpose, and what it then does.

HubError
├─ Permanent       quarantine, or a refused delivery; trying again changes nothing
│  ├─ InvalidNative    bytes that no adapter can read
│  ├─ InvalidContract  readable bytes that break a rule of the contract
│  ├─ Unroutable       no partner of the registry is meant to receive it
│  └─ Refused          the partner's system refused the delivery for good
│     └─ NameTaken         the partner's server has a file of this name with other content
├─ Transient       try again later; only the lane concerned (one partner, one subject) waits
│  ├─ PartnerUnavailable  nothing was sent, or the answer proves that nothing was accepted
│  │  └─ OutcomeUnknown      the bytes may have arrived: the delivery class decides what follows
│  ├─ Throttled           the partner asks to wait `retry_after_seconds`
│  └─ BusUnavailable      PostgreSQL or Kafka cannot be reached
├─ Unpassable      some records of a source cannot be read; a person decides where to go on
└─ Misconfigured   stop this partner's lanes and log why: 401/403, TLS, missing secret
   ├─ HubsOwnFault     a secret, a file or a profile of the hub; only its team reads which
   └─ DatabaseUnusable  PostgreSQL refuses the hub: a starting process ends, a running one waits

Any other exception is our own bug: quarantine with its type and stack, never its values.

A message is written in French for the partner or the ops team who will read it, and never holds a
personal value.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from contracts.ports import Native


class RecordRange(NamedTuple):
    """Unreadable records of one Kafka partition: from the offset `first` to the offset before `following`."""

    topic: str
    partition: int
    first: int
    following: int


class HubError(Exception):
    """Root of all errors that the hub raises on purpose. `told` may be shown to a partner."""

    reply: "Native | None" = None
    """Answer of the partner's system, if any. Never show it unmasked."""

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
    """Raised for readable content that breaks a rule of the contract."""


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
    """Raised when a partner's system cannot be reached or fails. The delivery was certainly not accepted,
    except for the subclass OutcomeUnknown."""


class OutcomeUnknown(PartnerUnavailable):
    """Raised for a delivery that may have arrived, because no conclusive answer came back."""


class Throttled(Transient):
    """Raised when `retry_after_seconds` must pass before the next attempt. Either the partner asks the hub to
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
"""Beginning of a recorded error that only the hub's team may read."""
ITS_TEAM_MENDS = (
    "Le hub ne peut pas encore échanger avec ce partenaire : son équipe doit corriger ce qu'elle en a noté"
)


class HubsOwnFault(Misconfigured):
    """Raised for a secret, a file or a column profile that the hub's team has to mend. `str(error)` says where
    it is, and only the team may read it. Partners read `told` instead: the partner that the fault concerns, and
    the senders of messages to it."""

    @property
    def told(self) -> str:
        """Return that the fault is the hub's, without saying where."""
        return ITS_TEAM_MENDS

    @property
    def noted(self) -> str:
        """Return what the team reads, marked as for the team only."""
        return f"{FOR_THE_TEAM}{self}"


def told_of(noted: str) -> str:
    """Return what people outside the hub's team may read of a recorded error. `noted`: the error as
    `HubError.noted` gave it."""
    return ITS_TEAM_MENDS if noted.startswith(FOR_THE_TEAM) else noted


class Unpassable(HubError):
    """Raised by a source that cannot read on, because some `records` are damaged or too large."""

    def __init__(self, message: str, records: RecordRange) -> None:
        super().__init__(message)
        self.records = records


class NotYetKnown(BusUnavailable):
    """Raised for a message that cannot be decided yet. Either it needs data which a restored database does not
    have yet: the hub is still reading them from Kafka or the key replica. Or it repeats an event of an
    all-or-nothing file that is still being decoded."""


class DatabaseUnusable(Misconfigured):
    """Raised when the hub can reach PostgreSQL but not use it: wrong certificate or password, missing table or
    missing right."""
