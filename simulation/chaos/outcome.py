"""What a run of faults came to: the account of the journals, and whether the run itself proves anything. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulation.chaos.kills import Kills
from simulation.chaos.reckoning import Account


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that was carried through."""

    account: Account
    faults: Counter[str]
    """Those that happened."""
    kills: Kills
    quiet_s: float | None
    """From the end of the last fault to the last news; None when there was no end of it."""
    unforeseen: Sequence[str]
    """Processes of the hub that ended by themselves."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """What the journals do not say, in French: with any of these the run is no proof, or shows a defect."""
        found = {
            "le flot n'est pas revenu au calme": self.quiet_s is None,
            "un processus du hub s'est arrêté de lui-même": bool(self.unforeseen),
            "aucune panne n'a eu lieu": not self.faults.total(),
        }
        return tuple(says for says, holds in found.items() if holds)

    @property
    def sound(self) -> bool:
        """Nothing is wrong, and faults really happened."""
        return self.account.sound and not self.complaints
