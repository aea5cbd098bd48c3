"""The error class of this package."""


class PartUnavailable(Exception):
    """Kafka or PostgreSQL cannot run here. The text is French, and says how to get one."""
