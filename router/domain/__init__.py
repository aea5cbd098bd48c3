"""Business rules of the hub, as tables and pure functions, without clock, network or database."""
