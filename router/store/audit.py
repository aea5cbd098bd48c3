"""The audit trail: who did what to which object. Details hold ids and counts, never values."""

from collections.abc import Mapping

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_RECORD = text("""
    INSERT INTO audit (actor, action, object, detail) VALUES (:actor, :action, :object, CAST(:detail AS jsonb))
""")


async def record(
    connection: AsyncConnection, actor: str, action: str, target: str, detail: Mapping[str, object]
) -> None:
    """Add one row, in the transaction of what it tells."""
    parameters = {"actor": actor, "action": action, "object": target, "detail": to_json(detail).decode()}
    await connection.execute(_RECORD, parameters)
