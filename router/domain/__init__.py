"""Business rules of the hub, as tables and pure functions: properties of messages, state machines, routing,
deadlines. Nothing here needs a clock, a network or a database."""
