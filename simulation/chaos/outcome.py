"""The outcome of a run of faults: the account of the journals, and whether the run proves anything. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulation.chaos.kills import Kills
from simulation.chaos.reckoning import Account


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a completed run."""

    account: Account
    faults: Counter[str]
    """Number of occurrences of each fault."""
    kills: Kills
    quiet_s: float | None
    """Seconds from the end of the last fault to the last new record of a journal; None if new records kept
    coming."""
    unforeseen: Sequence[str]
    """Processes of the hub that ended by themselves."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """Faults of the run in French, outside the journals: with any of these the run is no proof, or shows a
        defect."""
        found = {
            "le flot n'est pas revenu au calme": self.quiet_s is None,
            "un processus du hub s'est arrêté de lui-même": bool(self.unforeseen),
            "aucune panne n'a eu lieu": not self.faults.total(),
        }
        return tuple(says for says, holds in found.items() if holds)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong, and faults really happened."""
        return self.account.sound and not self.complaints
