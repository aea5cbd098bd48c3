"""Transport to the partners that the hub simulates in a sandbox. It accepts every delivery."""

from contracts.ports import Native, Receipt


class SimulatedPartner:
    """Simulated transport: it accepts every delivery, but no delivery leaves the hub."""

    async def send(self, native: Native, key: str) -> Receipt:
        """Accept a delivery without sending it anywhere."""
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Return True, because the simulated partner counts every delivery as received."""
        return True

    async def close(self) -> None:
        """Do nothing, because there is no connection."""
