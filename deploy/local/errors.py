"""The one error of this package."""


class PartUnavailable(Exception):
    """Kafka or PostgreSQL cannot run here. The message is French and says how to get one."""
