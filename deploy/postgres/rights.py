"""Reads the rights of each role on PostgreSQL from their table, and makes the SQL statements that grant them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RIGHTS = Path(__file__).with_name("droits.toml")


class Right(NamedTuple):
    """The privileges of a role on tables of one schema; on `columns` only, if any are named."""

    role: str
    schema: str
    tables: tuple[str, ...]
    privileges: tuple[str, ...]
    columns: tuple[str, ...]

    def statement(self) -> str:
        """Return the SQL statement that grants this right."""
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        privileges = ", ".join(f"{privilege}{columns}" for privilege in self.privileges)
        tables = ", ".join(f'"{self.schema}".{table}' for table in self.tables)
        return f'GRANT {privileges} ON {tables} TO "{self.role}"'


def rights(schema: str) -> Iterator[Right]:
    """Yield every right of an installation. `schema` is that of the hub's tables."""
    for said in tomllib.loads(RIGHTS.read_text(encoding="utf-8"))["droit"]:
        keys = "cles" in said
        yield Right(
            said["role"].format(schema=schema),
            f"{schema}_cles" if keys else schema,
            tuple(said["cles" if keys else "tables"]),
            tuple(said["peut"]),
            tuple(said.get("colonnes", ())),
        )


def statements(schema: str) -> Iterator[str]:
    """Yield the SQL statements that create the roles, revoke all their rights, and grant those that they need.

    Run them after each migration, all in one transaction.
    """
    given = list(rights(schema))
    schemas = f'"{schema}", "{schema}_cles"'
    roles = dict.fromkeys(right.role for right in given)
    for role in roles:
        yield _created(role)
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            yield f'REVOKE ALL ON ALL {kind} IN SCHEMA {schemas} FROM "{role}"'
        yield f'GRANT USAGE ON SCHEMA {schemas} TO "{role}"'
        yield f'GRANT USAGE ON SEQUENCE "{schema}".event_seq_seq, "{schema}".delivery_seq_seq TO "{role}"'
        yield f'GRANT EXECUTE ON FUNCTION "{schema}".audit_expired TO "{role}"'
    for right in given:
        yield right.statement()


def _created(role: str) -> str:
    missing = f"NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
    return f'DO $$ BEGIN IF {missing} THEN CREATE ROLE "{role}" NOLOGIN; END IF; END $$'
