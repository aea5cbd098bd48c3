"""The sink of partners that the hub plays in a sandbox: it accepts every delivery."""

from contracts.ports import Native, Receipt


class SimulatedPartner:
    """A sink in which every delivery has arrived, and goes nowhere."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Accept a delivery."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Return True: every delivery has arrived."""
        return True

    async def close(self) -> None:
        """Release nothing."""
