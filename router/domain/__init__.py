"""The business rules of the hub, as tables and functions. No module of this package reads a clock, the
network or the database: callers pass in the time and all other facts."""
