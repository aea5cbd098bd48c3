"""Keep and add up counts of accepted events and due deliveries by outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from uuid import UUID

LISTED = 1000
"""Maximum number of ids listed for one kind of fault."""


class Fate(StrEnum):
    """Outcome of an accepted event or of a due delivery, in the French words that `siao-hub compte` prints."""

    APPLIQUE = "appliqué"
    LIVREE = "livré"
    ATTEND = "en attente"
    QUARANTAINE = "en quarantaine"
    INCERTAINE = "incertain"
    REFUSEE = "refusé"
    CLASSE = "classé"
    RETIRE = "retiré du journal, d'âge"


class Fault(StrEnum):
    """Reason why a message, an event or a delivery counts as lost, in the French words that `siao-hub compte`
    prints."""

    NON_TENU = "message dont le journal n'a pas autant d'événements que le 202 en a promis"
    SANS_TRACE = "événement ni en attente, ni en quarantaine, et dont rien ne dit qu'il a été appliqué"
    SANS_FILE = "livraison en attente que nulle file n'enverra"
    SANS_EVENEMENT = "livraison dont l'événement n'est plus au journal"
    INCONNU = "livraison dans un état que cette version ne connaît pas"


@dataclass(frozen=True, slots=True)
class Difference:
    """Number and ids of the messages, events or deliveries that are lost for one reason, `fault`."""

    fault: Fault
    number: int
    ids: Sequence[UUID]
    """Ids of the messages, events or deliveries, at most `LISTED`."""


@dataclass(frozen=True, slots=True)
class Account:
    """A count of the events accepted in a period, or of the deliveries created in a period. `fates` says how
    many had each outcome, `differences` which are lost."""

    name: str
    total: int
    fates: Mapping[Fate, int]
    differences: tuple[Difference, ...]

    @property
    def even(self) -> bool:
        """Return whether nothing is missing: no event or delivery counts as lost, and the numbers by outcome
        add up to `total`, the number of all accepted events or of all due deliveries."""
        return not self.differences and self.total == sum(self.fates.values())

    @property
    def lost(self) -> int:
        """Return the number of lost events or deliveries. If the numbers of all outcomes do not add up to the
        total, return at least 1."""
        return max(sum(each.number for each in self.differences), 0 if self.even else 1)


def together(accounts: Sequence[Account]) -> Account:
    """Add up the accounts of the parts of a period: how many events or deliveries there were, with which
    outcomes, and which are lost. `accounts` is not empty; either all are about events, or all are about
    deliveries."""
    faults = list(chain.from_iterable(account.differences for account in accounts))
    return Account(
        accounts[0].name,
        sum(account.total for account in accounts),
        {
            fate: sum(account.fates.get(fate, 0) for account in accounts)
            for fate in Fate
            if any(fate in account.fates for account in accounts)
        },
        tuple(
            Difference(
                fault,
                sum(each.number for each in faults if each.fault is fault),
                [ident for each in faults if each.fault is fault for ident in each.ids][:LISTED],
            )
            for fault in Fault
            if any(each.fault is fault for each in faults)
        ),
    )
