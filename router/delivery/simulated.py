"""Sink of the partners that the hub simulates in a sandbox: it accepts every delivery."""

from contracts.ports import Native, Receipt


class SimulatedPartner:
    """Accepts every delivery and sends it nowhere."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Accept a delivery; it is sent nowhere."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Return True: this sink counts every delivery as received."""
        return True

    async def close(self) -> None:
        """Do nothing: this sink holds no connection."""
