"""The audit trail: who did what to which object. Details hold ids and counts, never values."""

from collections.abc import Mapping

from pydantic_core import to_json

from router.store.sql import Connection, Sql

_RECORD = Sql("""
    INSERT INTO audit (actor, action, object, detail) VALUES (:actor, :action, :object, CAST(:detail AS jsonb))
""")


async def record(
    connection: Connection, actor: str, action: str, target: str, detail: Mapping[str, object]
) -> None:
    """Add one row, in the transaction of what it tells."""
    parameters = {"actor": actor, "action": action, "object": target, "detail": to_json(detail).decode()}
    await _RECORD.run(connection, **parameters)
