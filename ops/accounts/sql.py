"""Queries for accounts and login links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_COLUMNS = """
    a.id, a.partner, a.sealed, a.factor, a.last_step, a.failures, a.created_at, a.entered_at, a.told_at, a.urgent
"""
_INVITE = Sql("""
    INSERT INTO account (id, partner, address, sealed) VALUES (:id, :partner, :address, :sealed)
    ON CONFLICT (address) DO NOTHING RETURNING id
""")
_ALL = Sql(f"SELECT {_COLUMNS} FROM account a ORDER BY a.partner, a.created_at")
_LOCKED = Sql(f"SELECT {_COLUMNS} FROM account a WHERE a.id = :id FOR UPDATE")
_AT = Sql(f"SELECT {_COLUMNS} FROM account a WHERE a.address = ANY(CAST(:addresses AS bytea[])) FOR UPDATE")
_MOVE = Sql("UPDATE account SET address = :address WHERE id = :id AND address <> :address RETURNING id")
_WITHDRAW = Sql("DELETE FROM account WHERE id = :id RETURNING partner")
_END_SESSIONS = Sql("""
    DELETE FROM console_session
    WHERE CAST(:id AS text) IN (personne ->> 'id', attend ->> 'compte')
""")
_LINK = Sql("""
    WITH old AS (DELETE FROM login_link WHERE created_at < now() - interval '1 day')
    INSERT INTO login_link (hash, account, expires_at)
    SELECT :hash, :account, now() + CAST(:lasts AS interval)
    WHERE (SELECT count(*) FROM login_link
           WHERE account = :account AND created_at > now() - CAST(:lasts AS interval)) < :most
    RETURNING account
""")
_UNCOUNT = Sql("UPDATE login_link SET created_at = created_at - CAST(:lasts AS interval) WHERE hash = :hash")
_OF_LINK = Sql(f"""
    SELECT {_COLUMNS} FROM login_link l JOIN account a ON a.id = l.account
    WHERE l.hash = :hash AND l.used_at IS NULL AND l.expires_at > now()
""")
_USE_LINK = Sql(f"""
    WITH used AS (
        UPDATE login_link SET used_at = now() WHERE hash = :hash AND used_at IS NULL AND expires_at > now()
        RETURNING account
    )
    SELECT {_COLUMNS} FROM used JOIN account a ON a.id = used.account
""")
_ENROL = Sql(
    "UPDATE account SET factor = :factor, last_step = NULL, failures = 0 WHERE id = :id AND factor IS NULL"
)
_RESET = Sql("""
    UPDATE account SET factor = NULL, last_step = NULL, failures = 0 WHERE id = :id RETURNING partner
""")
_PROVED = Sql("UPDATE account SET last_step = :step, failures = 0, entered_at = now() WHERE id = :id")
_FAILED = Sql("UPDATE account SET failures = failures + 1 WHERE id = :id")
_TOLD = Sql("""
    UPDATE account SET told_at = COALESCE(:at, told_at), urgent = CAST(:urgent AS text[]) WHERE id = :id
""")


async def invite(connection: Connection, ident: UUID, partner: str, address: bytes, sealed: bytes) -> bool:
    """Insert an account. `address` is the fingerprint of the mail address, `sealed` the encrypted name and
    address. Return False if an account already has this address."""
    made = await _INVITE.first(connection, id=ident, partner=partner, address=address, sealed=sealed)
    return made is not None


async def everybody(connection: Connection) -> Sequence[Row]:
    """Return all accounts, sorted by partner; within a partner, the oldest account comes first."""
    return await _ALL.all(connection)


async def locked(connection: Connection, ident: UUID) -> Row | None:
    """Return an account, and lock its row until the transaction ends. Return None for an unknown account."""
    return await _LOCKED.first(connection, id=ident)


async def at(connection: Connection, addresses: Sequence[bytes]) -> Row | None:
    """Return the account whose mail address has one of the fingerprints `addresses`, and lock the account's
    row until the transaction ends. Return None if there is no such account."""
    return await _AT.first(connection, addresses=list(addresses))


async def move(connection: Connection, ident: UUID, address: bytes) -> bool:
    """Store `address` as the fingerprint of an account's mail address. Return False if the account already had
    this fingerprint, or is unknown."""
    return await _MOVE.first(connection, id=ident, address=address) is not None


async def withdraw(connection: Connection, ident: UUID) -> str | None:
    """Delete an account, its login links and its sessions. Return the id of the account's partner, or None for
    an unknown account."""
    row = await _WITHDRAW.first(connection, id=ident)
    await end_sessions(connection, ident)
    return None if row is None else row.partner


async def end_sessions(connection: Connection, ident: UUID) -> None:
    """End every session and unfinished login of an account."""
    await _END_SESSIONS.run(connection, id=str(ident))


async def add_link(
    connection: Connection, secret_hash: bytes, account: UUID, lasts: timedelta, most: int
) -> bool:
    """Add a login link, valid for `lasts`, to an account that the caller has locked. Return False, and add
    nothing, if the account got `most` links within the last `lasts`."""
    values = {"hash": secret_hash, "account": account, "lasts": lasts, "most": most}
    return await _LINK.first(connection, **values) is not None


async def uncount_link(connection: Connection, secret_hash: bytes, lasts: timedelta) -> None:
    """Date a link back by `lasts`, so that it no longer counts among the account's links. The link stays
    valid."""
    await _UNCOUNT.run(connection, hash=secret_hash, lasts=lasts)


async def of_link(connection: Connection, secret_hash: bytes) -> Row | None:
    """Return the account of a valid login link, and leave the link usable. Return None for an invalid link."""
    return await _OF_LINK.first(connection, hash=secret_hash)


async def use_link(connection: Connection, secret_hash: bytes) -> Row | None:
    """Mark a login link as used, and return its account. Return None for an invalid link."""
    return await _USE_LINK.first(connection, hash=secret_hash)


async def enrol(connection: Connection, ident: UUID, factor: bytes) -> None:
    """Store the encrypted second factor of an account. Do nothing if the account already has one."""
    await _ENROL.run(connection, id=ident, factor=factor)


async def reset(connection: Connection, ident: UUID) -> str | None:
    """Remove an account's second factor, and reset its count of wrong codes. Return the id of the account's
    partner, or None for an unknown account."""
    row = await _RESET.first(connection, id=ident)
    return None if row is None else row.partner


async def proved(connection: Connection, ident: UUID, step: int) -> None:
    """Record a login with the one-time code of the 30-second period `step`, and reset the count of wrong
    codes."""
    await _PROVED.run(connection, id=ident, step=step)


async def failed(connection: Connection, ident: UUID) -> None:
    """Count a wrong one-time code."""
    await _FAILED.run(connection, id=ident)


async def reminded(connection: Connection, ident: UUID, at: datetime | None, urgent: Sequence[str]) -> None:
    """Store in a person's account which urgent tasks the reminders so far have counted. `urgent` has the
    console pages of these tasks, and replaces the pages stored before. `at` is when a reminder was mailed. If
    no mail has left now, `at` is None, and the stored time stays."""
    await _TOLD.run(connection, id=ident, at=at, urgent=list(urgent))
