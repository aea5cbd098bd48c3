"""A replica of a PostgreSQL server's encryption keys, set up as the operator's handbook says."""

from deploy.local.postgres import PostgresServer

NAME = "siao_cles"


def replicate_keys(server: PostgresServer, replica: PostgresServer, schema: str) -> None:
    """Make a server commit a key only once `replica` has it too. Both must have the hub's tables; `schema` is that
    of the keys. Raises PartUnavailable."""
    server.tell("ALTER SYSTEM SET wal_level = 'logical'")
    server.stop()
    server.start()
    server.tell(f"CREATE PUBLICATION {NAME} FOR TABLES IN SCHEMA {schema}")
    replica.tell(f"CREATE SUBSCRIPTION {NAME} CONNECTION '{server.dsn}' PUBLICATION {NAME}")
    server.set("synchronous_standby_names", NAME)


def follow_next(server: PostgresServer, replica: PostgresServer) -> None:
    """Make the replica follow `server`, which has taken over from the one that it followed. Raises PartUnavailable."""
    for change in ("DISABLE", "SET (slot_name = NONE)"):
        replica.tell(f"ALTER SUBSCRIPTION {NAME} {change}")
    replica.tell(f"DROP SUBSCRIPTION {NAME}")
    source = f"CONNECTION '{server.dsn}' PUBLICATION {NAME} WITH (copy_data = false)"
    replica.tell(f"CREATE SUBSCRIPTION {NAME} {source}")
    server.set("synchronous_standby_names", NAME)
