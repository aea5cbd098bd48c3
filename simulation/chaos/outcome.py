"""Result of a fault run: what the journals show, and whether it proves anything. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from simulation.chaos.kills import Kills
from simulation.chaos.reckoning import Account


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a completed fault run."""

    account: Account
    faults: Counter[str]
    """Number of times that each fault occurred."""
    kills: Kills
    quiet_s: float | None
    """Time from the last fault to the last new journal line; None if new lines kept coming."""
    unforeseen: Sequence[str]
    """Processes of the hub that ended by themselves."""

    @property
    def complaints(self) -> tuple[str, ...]:
        """Why, in French, the run proves nothing or shows a defect, beside the journals."""
        found = {
            "le flot n'est pas revenu au calme": self.quiet_s is None,
            "un processus du hub s'est arrêté de lui-même": bool(self.unforeseen),
            "aucune panne n'a eu lieu": not self.faults.total(),
        }
        return tuple(says for says, holds in found.items() if holds)

    @property
    def sound(self) -> bool:
        """Whether journals and run show nothing wrong, and faults really happened."""
        return self.account.sound and not self.complaints
