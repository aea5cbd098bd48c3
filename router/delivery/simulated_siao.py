"""The way out to the SIAO of a sandbox, which the hub plays: it takes whatever comes."""

from contracts.ports import Native, Receipt


class SimulatedSiao:
    """What it is sent has arrived, and goes nowhere."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Take it."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Whatever was sent has arrived."""
        return True

    async def close(self) -> None:
        """Nothing to release."""
