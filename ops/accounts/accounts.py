"""Keep the accounts of people who log in with a mailed link and a code from their telephone. An account's
personal data are encrypted under a key of its own, which is destroyed with the account."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from pydantic_core import from_json, to_json

from connectors.mail import MailServer
from contracts.errors import HubError, InvalidContract, Permanent
from ops.accounts import letters
from ops.accounts import sql as store
from ops.accounts.codes import step_of
from ops.forgetting.journal import Journal
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, seal, unseal
from router.store import keys
from router.store.audit import record
from router.store.database import KEYS, Connection, Database, Row

LINK_LASTS = timedelta(minutes=15)
MOST_LINKS = 3
"""Maximum number of login links for one account within `LINK_LASTS`. Links whose mail could not be sent do not
count."""
MOST_FAILURES = 10
"""Number of wrong codes in a row that shuts an account. The account stays shut until an operator removes its
second factor."""
INVITED, WITHDRAWN, RESET, ENROLLED = "compte.inviter", "compte.retirer", "compte.facteur", "compte.inscrire"
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_IDENTITY, _FACTOR = b"account identity", b"account factor"


class Account(NamedTuple):
    """An account with which a person who works for a partner logs in to the console."""

    id: UUID
    partner: str
    nom: str
    adresse: str
    factor: str | None
    """Secret of the second factor; None until the person has set one up."""
    row: Row

    @property
    def is_shut(self) -> bool:
        """Return whether `MOST_FAILURES` wrong codes in a row have shut the account."""
        return bool(self.row.failures >= MOST_FAILURES)


def address_of(said: str) -> str:
    """Return the mail address that a person typed (`said`), trimmed and in lower case. Raises InvalidContract
    for an invalid address."""
    address = said.strip().lower()
    if len(address) > 254 or _ADDRESS.fullmatch(address) is None:
        raise InvalidContract("cette adresse de courriel ne se lit pas : vérifiez-la, sans accent ni espace")
    return address


def hash_of(secret: str) -> bytes:
    """Return the SHA-256 hash of a login link's secret. The hub stores only this hash, with which nobody can
    log in."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts of the people who work for partners. `url` is the console's address, to which the links in mails
    lead."""

    database: Database
    keyring: Keyring
    server: MailServer
    url: str

    async def invite(self, partner: str, said: str, nom: str, actor: str) -> Account:
        """Add an account for a person of a partner. `said` is the mail address that was typed for the person,
        `nom` the person's name. Return the account. Raises InvalidContract for an invalid address, Permanent
        for an address that already has an account, Misconfigured if an HMAC key is missing."""
        address, ident = address_of(said), uuid4()
        async with self.database.transaction() as connection:
            await self.keyring.follow(connection)
            cipher = (await self.keyring.get_or_create(connection, [ident]))[ident]
            sealed = seal(cipher, to_json({"nom": nom, "adresse": address}), _IDENTITY)
            known_as, *older = _known_as(self.keyring, address)
            known = older and await store.at(connection, older)
            if known or not await store.invite(connection, ident, partner, known_as, sealed):
                raise Permanent("cette adresse a déjà un compte : « siao-hub comptes list » dit lequel")
            await record(connection, actor, INVITED, str(ident), {"partenaire": partner})
            row = await store.locked(connection, ident)
            assert row is not None
            return _account(row, cipher)

    async def withdraw(self, journal: Journal, ident: UUID, actor: str, why: str) -> bool:
        """Remove an account with its sessions and login links, and destroy its data key. `journal` records,
        outside the database, that the key is destroyed. Return False for an unknown account. Raises
        Misconfigured or BusUnavailable if the journal cannot be written."""
        async with self.database.transaction() as connection:
            partner = await store.withdraw(connection, ident)
            if partner is None:
                return False
            await keys.destroy(connection, [ident])
            await record(connection, actor, WITHDRAWN, str(ident), {"partenaire": partner, "motif": why})
            await self.database.notify(connection, KEYS)
            await journal.forgets([ident])
        return True

    async def forget_factor(self, ident: UUID, actor: str, why: str) -> bool:
        """Remove an account's second factor, and end the account's sessions. The next login sets up a new
        factor. Return False for an unknown account."""
        async with self.database.transaction() as connection:
            if await store.reset(connection, ident) is None:
                return False
            await store.end_sessions(connection, ident)
            await record(connection, actor, RESET, str(ident), {"motif": why})
        return True

    async def everybody(self) -> list[Account]:
        """Return all accounts, sorted by partner; within a partner, the oldest account comes first. An
        account whose data key is destroyed is left out: it was withdrawn."""
        async with self.database.transaction() as connection:
            return await _opened(connection, self.keyring, await store.everybody(connection))

    async def send_link(self, said: str, page: str) -> None:
        """Mail to the address `said` a login link that leads to `page` of the console. Send nothing if the
        address has no account, or got `MOST_LINKS` links within `LINK_LASTS`. A link whose mail could not be sent
        does not count, but stays valid: the mail may have arrived. Raises PartnerUnavailable or Misconfigured if
        the mail cannot be sent; Misconfigured also if an HMAC key is missing."""
        secret = secrets.token_urlsafe(32)
        async with self.database.transaction() as connection:
            await self.keyring.follow(connection)
            account = await self._one(
                connection, await store.at(connection, _known_as(self.keyring, said.strip().lower()))
            )
            if account is None or not await store.add_link(
                connection, hash_of(secret), account.id, LINK_LASTS, MOST_LINKS
            ):
                return
        url = f"{self.url}/connexion/lien/{secret}?vers={page}"
        minutes = LINK_LASTS // timedelta(minutes=1)
        try:
            await self.server.send(letters.link(hash_of(secret).hex(), account.adresse, url, minutes))
        except HubError:
            async with self.database.statement() as connection:
                await store.uncount_link(connection, hash_of(secret), LINK_LASTS)
            raise

    async def of_link(self, secret: str) -> Account | None:
        """Return the account of a login link, and leave the link usable. Return None for a used, expired or
        unknown link."""
        async with self.database.transaction() as connection:
            row = await store.of_link(connection, hash_of(secret))
            return await self._one(connection, row)

    async def use_link(self, connection: Connection, secret: str) -> Account | None:
        """Mark a login link as used, and return its account. Return None for a used, expired or unknown link."""
        return await self._one(connection, await store.use_link(connection, hash_of(secret)))

    async def of(self, connection: Connection, ident: UUID) -> Account | None:
        """Return an account, and lock its row until the transaction ends. Return None for a withdrawn
        account."""
        return await self._one(connection, await store.locked(connection, ident))

    async def prove(
        self, connection: Connection, account: Account, fresh: str, code: str, now: datetime
    ) -> bool:
        """Return whether a one-time code is right and unused. For a shut account, return False.
        `MOST_FAILURES` wrong codes in a row shut the account. For an account that has no second factor yet,
        the code is checked against `fresh`, the secret just shown to the person; if the code is right,
        `fresh` becomes the account's second factor. The caller must hold the lock on the account's row."""
        factor = account.factor or fresh
        step = None if account.is_shut else step_of(factor, code, now, account.row.last_step)
        if step is None:
            await store.failed(connection, account.id)
            return False
        if account.factor is None:
            cipher = (await self.keyring.get(connection, [account.id]))[account.id]
            await store.enrol(connection, account.id, seal(cipher, factor.encode(), _FACTOR))
            await record(connection, f"console:{account.id}", ENROLLED, str(account.id), {})
        await store.proved(connection, account.id, step)
        return True

    async def _one(self, connection: Connection, row: Row | None) -> Account | None:
        found = await _opened(connection, self.keyring, [] if row is None else [row])
        return found[0] if found else None


async def accounts_anew(connection: Connection, keyring: Keyring) -> int:
    """Recompute the stored fingerprints of all mail addresses with the current HMAC key, after a change of this
    key. Return how many fingerprints changed."""
    known = await _opened(connection, keyring, await store.everybody(connection))
    return sum([await store.move(connection, each.id, _known_as(keyring, each.adresse)[0]) for each in known])


async def _opened(connection: Connection, keyring: Keyring, rows: Iterable[Row]) -> list[Account]:
    """Decrypt accounts. Leave out an account whose key is destroyed: it was withdrawn, and a restored backup
    has brought its row back."""
    found = list(rows)
    ciphers = await keyring.get(connection, [row.id for row in found])
    return [_account(row, ciphers[row.id]) for row in found if row.id in ciphers]


def _known_as(keyring: Keyring, address: str) -> list[bytes]:
    return keyring.hmacs.fingerprints("account", address)


def _account(row: Row, cipher: Cipher) -> Account:
    said = from_json(unseal(cipher, row.sealed, _IDENTITY))
    factor = None if row.factor is None else unseal(cipher, row.factor, _FACTOR).decode()
    return Account(row.id, row.partner, said["nom"], said["adresse"], factor, row)
