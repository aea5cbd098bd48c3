"""Every error of the hub, decided once.

HubError
├─ Permanent       quarantine, or a refused delivery; trying again changes nothing
│  ├─ InvalidNative    bytes that no adapter can read
│  ├─ InvalidContract  readable, but breaks a rule of the contract
│  ├─ Unroutable       nobody in the registry is meant to receive it
│  └─ Refused          the partner's system said no, and meant it
│     └─ NameTaken         another content lies under its name: it may be what had arrived, changed since
├─ Transient       try again later; only the lane concerned waits
│  ├─ PartnerUnavailable  nothing was sent, or an answer proves that nothing was taken
│  │  └─ OutcomeUnknown      the bytes may have arrived: the delivery class decides what follows
│  ├─ Throttled           the partner asks to wait `retry_after_seconds`
│  └─ BusUnavailable      PostgreSQL or Kafka is away
├─ Unpassable      a source cannot be read past one place; a human says from where to go on
└─ Misconfigured   stop this partner's lanes and say so in the log: 401/403, TLS, missing secret
   └─ DatabaseUnusable  PostgreSQL will not have us: ends a start; later it is waited for, as its absence is

Anything else that escapes is our own bug: quarantine with its type and stack, never its values.

A message is written in French for the partner or the ops team who will read it, and never holds a
personal value.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from contracts.ports import Native


class Place(NamedTuple):
    """Records of a topic, from an offset on."""

    topic: str
    partition: int
    first: int
    following: int
    """The offset after the last of them."""


class HubError(Exception):
    """Root of all errors that the hub decides about. `str(error)` may be shown to a partner."""

    reply: "Native | None" = None
    """What the partner's system answered, where it did: it may hold anything, and is never shown as it is."""


class Permanent(HubError):
    """Trying again changes nothing."""


class InvalidNative(Permanent):
    """The bytes cannot be read in the dialect they claim to speak."""

    code = "illisible"
    """The word for it in answers and reports."""


class InvalidContract(Permanent):
    """Readable, but it breaks a rule of the contract."""


class Unroutable(Permanent):
    """No partner of the registry is meant to receive it."""


class Refused(Permanent):
    """The partner's system refused the delivery for good (4xx other than 401, 403, 408, 429)."""


class NameTaken(Refused):
    """Another content lies under the name of the delivery. Nothing was written; whether it had arrived before, and its
    partner has changed it since, nobody can tell."""


class Transient(HubError):
    """Try again later."""


class PartnerUnavailable(Transient):
    """The partner did not take the delivery, and provably so: nothing was sent, or it said so itself."""


class OutcomeUnknown(PartnerUnavailable):
    """The bytes left, and no answer came back or one that proves nothing: the partner may have applied them."""


class Throttled(Transient):
    """The partner asks to wait."""

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class BusUnavailable(Transient):
    """PostgreSQL or Kafka is away."""


class Misconfigured(HubError):
    """Only a human can mend it: credentials, TLS, a missing secret, an impossible setting."""


class Unpassable(HubError):
    """What lies at one place of a source is damaged, or larger than the hub reads: nothing after it is read."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


class DatabaseUnusable(Misconfigured):
    """PostgreSQL answers, and does not let us work: its certificate, our password, a table or a right is missing."""
