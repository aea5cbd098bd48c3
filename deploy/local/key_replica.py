"""A second server that follows the keys of a first one, as operations are told to set it up."""

from deploy.local.postgres import PostgresServer

NAME = "siao_cles"


def replicate_keys(server: PostgresServer, replica: PostgresServer, schema: str) -> None:
    """Make a server answer for a key once its replica has it too. Both have the tables. Raises PartUnavailable."""
    server.tell("ALTER SYSTEM SET wal_level = 'logical'")
    server.stop()
    server.start()
    server.tell(f"CREATE PUBLICATION {NAME} FOR TABLES IN SCHEMA {schema}")
    replica.tell(f"CREATE SUBSCRIPTION {NAME} CONNECTION '{server.dsn}' PUBLICATION {NAME}")
    server.set("synchronous_standby_names", NAME)


def follow_next(server: PostgresServer, replica: PostgresServer) -> None:
    """Make a replica follow the server that took over from the one that it followed. Raises PartUnavailable."""
    for change in ("DISABLE", "SET (slot_name = NONE)"):
        replica.tell(f"ALTER SUBSCRIPTION {NAME} {change}")
    replica.tell(f"DROP SUBSCRIPTION {NAME}")
    source = f"CONNECTION '{server.dsn}' PUBLICATION {NAME} WITH (copy_data = false)"
    replica.tell(f"CREATE SUBSCRIPTION {NAME} {source}")
    server.set("synchronous_standby_names", NAME)
