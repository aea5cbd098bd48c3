"""What somebody who owns the database can do to the audit, and what the hub itself cannot."""

from tests.integration.memory import Memory

TABLES = ("audit", "audit_link")
DEEDS = {
    "edited": "UPDATE audit SET actor = 'autre' WHERE object = '2'",
    "edited detail": "UPDATE audit SET detail = '{}' WHERE object = '0'",
    "edited everywhere": "UPDATE audit SET actor = 'autre'",
    "deleted": "DELETE FROM audit WHERE object = '3'",
    "swapped": """
        UPDATE audit a SET object = b.object FROM audit b
        WHERE a.object IN ('1', '2') AND b.object IN ('1', '2') AND a.id <> b.id""",
    "end cut": "DELETE FROM audit_link WHERE number = (SELECT max(number) FROM audit_link)",
    "all cut": "DELETE FROM audit_link",
    "beginning cut": "DELETE FROM audit_link WHERE number = 1",
    "link changed": "UPDATE audit_link SET hash = sha256('x') WHERE number = 2",
    "row let in beside the chain": """
        WITH row AS (INSERT INTO audit (actor, action, object) VALUES ('a', 'b', 'c') RETURNING id)
        SELECT * FROM row""",
    "to be bound anew": "INSERT INTO audit_queue SELECT id FROM audit",
    "rows backed up": "CREATE TABLE kept AS SELECT * FROM audit",
    "links backed up": "CREATE TABLE kept_link AS SELECT * FROM audit_link",
    "rows gone back": "DELETE FROM audit WHERE id NOT IN (SELECT id FROM kept)",
    "links gone back": "DELETE FROM audit_link WHERE number NOT IN (SELECT number FROM kept_link)",
    "rows put back": "DELETE FROM audit; INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM kept",
    "links put back": "DELETE FROM audit_link; INSERT INTO audit_link SELECT * FROM kept_link",
}
FORBIDDEN = [
    f"{act} {table} {'SET at = now()' if act == 'UPDATE' else ''}"
    for act in ("DELETE FROM", "TRUNCATE", "UPDATE")
    for table in TABLES
]
"""Statements that PostgreSQL's triggers on the audit must refuse to everybody."""


async def tampered(memory: Memory, *deeds: str) -> None:
    """Tamper with the audit as the owner of the database, with all triggers turned off."""
    own = await memory.connect()
    try:
        await own.execute("SET session_replication_role = replica")
        for deed in deeds:
            await own.execute(DEEDS[deed])
    finally:
        await own.close()


async def done_by_the_hub(memory: Memory, statement: str) -> None:
    """Run a statement with the rights of the hub's own connection."""
    await memory.sql(statement)
