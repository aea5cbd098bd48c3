"""The way out to those whom the hub plays in a sandbox: they take whatever comes."""

from contracts.ports import Native, Receipt


class SimulatedPartner:
    """What it is sent has arrived, and goes nowhere."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Take it."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Whatever was sent has arrived."""
        return True

    async def close(self) -> None:
        """Nothing to release."""
