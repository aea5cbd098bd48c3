"""Business rules of the hub, as tables and pure functions: nothing here needs a clock, a network or a
database."""
