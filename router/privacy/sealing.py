"""Encryption of data at rest (sealing) with AES-256-GCM. Associated data binds a ciphertext to its event and
class. Pure, except for randomness."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic_core import from_json, to_json

from contracts.errors import InvalidContract
from contracts.privacy import Classe
from contracts.sealed import Arbre, Part
from router.domain.proof import Hmac
from router.privacy.key_files import KEY_BYTES, MARK_BYTES

NONCE_BYTES = 12
ID_BYTES = 8
DIGEST_BYTES = 32


class Cipher(Protocol):
    """AES-256-GCM under one holder's data key."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Damaged:
    """Cipher of a data key that cannot be unwrapped: neither opens nor seals data. It distinguishes a holder
    with a damaged key from a forgotten holder, and lets work on other holders go on."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidContract: nothing can be sealed under a damaged key."""
        raise InvalidContract("clé illisible")

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidTag, as a wrong key would."""
        raise InvalidTag


class MasterKey:
    """Key that wraps data keys. Its id is stored with each data key, and reveals nothing about the master
    key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("la clé maîtresse a 32 octets")
        self._wrap = AESGCM(hmac.digest(secret, b"siao-hub wrap", hashlib.sha256))
        self.id = hmac.digest(secret, b"siao-hub id", hashlib.sha256)[:ID_BYTES]

    def wrap(self, holder: UUID, key: bytes) -> bytes:
        """Return a data key encrypted for a holder, as it is stored."""
        return seal(self._wrap, key, holder.bytes)

    def unwrap(self, holder: UUID, wrapped: bytes) -> bytes:
        """Return the data key. Raises InvalidContract if another master key wrapped it."""
        return unseal(self._wrap, wrapped, holder.bytes)


class HmacKey:
    """Key that makes fingerprints, by which the hub recognises a value without storing it, and that proves
    events.

    It decrypts nothing. A fingerprint ends with the mark of its key: a short name, empty for the first key of
    an installation.
    """

    def __init__(self, secret: bytes) -> None:
        """Make a key from `secret`: 32 bytes, then the key's mark. The first key of an installation has none.
        Raises ValueError for another length."""
        if len(secret) not in (KEY_BYTES, KEY_BYTES + MARK_BYTES):
            raise ValueError("la clé des empreintes a 32 octets, et une marque à partir de la deuxième")
        self.secret, self.mark = secret[:KEY_BYTES], secret[KEY_BYTES:]
        self._hmac = Hmac(self.secret)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the HMAC-SHA256 over the parts and their lengths, followed by the mark. Equal parts give
        equal fingerprints, which reveal nothing else."""
        return self._hmac.over(*parts) + self.mark

    def made(self, fingerprint: bytes) -> bool:
        """Tell whether a fingerprint has the mark of this key."""
        return fingerprint[DIGEST_BYTES:] == self.mark

    def proving(self) -> bytes:
        """Return the key that makes proofs, derived by HKDF.

        If one key made both proofs and fingerprints, somebody who gets chosen bytes proved would learn a
        fingerprint, and the reverse.
        """
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"siao-hub proof of events").derive(self.secret)


def new_data_key() -> bytes:
    """Return a fresh data key, from the system's randomness."""
    return os.urandom(KEY_BYTES)


def seal(cipher: Cipher, clear: bytes, associated: bytes) -> bytes:
    """Encrypt bytes, and return the nonce followed by the ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, associated)


def unseal(cipher: Cipher, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt the result of `seal`. Raises InvalidContract if the key, the data or the associated data are
    not those of `seal`."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as exc:  # ValueError: too short to hold a nonce
        raise InvalidContract("données scellées altérées ou d'une autre clé") from exc


def seal_part(cipher: Cipher, event: UUID, titulaire: UUID, classe: Classe, tree: Arbre) -> Part:
    """Seal the fields of one class of an event under their holder's data key."""
    sealed = seal(cipher, to_json(tree), _associated(event, classe))
    return Part(classe, titulaire, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])


def unseal_part(cipher: Cipher, event: UUID, part: Part) -> Arbre:
    """Return the fields of a sealed part of an event. Raises InvalidContract if the part cannot be
    unsealed."""
    tree: Arbre = from_json(unseal(cipher, part.nonce + part.texte, _associated(event, part.classe)))
    return tree


def seal_parts(
    cipher: Cipher | None, event: UUID, titulaire: UUID, secrets: Mapping[Classe, Arbre]
) -> list[Part]:
    """Seal all secret classes of an event, lowest class first. `cipher` may be None if there is nothing to
    seal."""
    if not secrets:
        return []
    assert cipher is not None
    return [seal_part(cipher, event, titulaire, classe, secrets[classe]) for classe in sorted(secrets)]


def _associated(event: UUID, classe: Classe) -> bytes:
    return event.bytes + bytes([classe])
