"""Stand in for the transport to the partners that the hub plays in a sandbox."""

from contracts.ports import Native, Receipt


class SimulatedPartner:
    """Transport that accepts each delivery, and sends nothing."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Accept a delivery without sending it."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Return True: every delivery counts as received."""
        return True

    async def close(self) -> None:
        """Do nothing: there is no connection."""
