"""Encryption of stored data (sealing) with AES-256-GCM. Associated data binds a ciphertext to its event and
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
    """Cipher of a damaged data key, which can neither decrypt nor encrypt. It shows that a holder is not
    forgotten although its key is useless."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidContract: nothing can be encrypted with a damaged key."""
        raise InvalidContract("clé illisible")

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidTag, as a wrong key would."""
        raise InvalidTag


class MasterKey:
    """Key that encrypts data keys. Its id, stored with each data key, reveals nothing about it."""

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
    """Key that makes fingerprints of values and proofs of events. By a fingerprint, the hub recognises a
    value without storing it.

    Nothing can be decrypted with this key. A fingerprint ends with the mark of its key: a short name, empty
    for the first key of an installation.
    """

    def __init__(self, secret: bytes) -> None:
        """Make a key from `secret`: 32 bytes, then the key's mark, if any. Raises ValueError for another
        length."""
        if len(secret) not in (KEY_BYTES, KEY_BYTES + MARK_BYTES):
            raise ValueError("la clé des empreintes a 32 octets, et une marque à partir de la deuxième")
        self.secret, self.mark = secret[:KEY_BYTES], secret[KEY_BYTES:]
        self._hmac = Hmac(self.secret)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the HMAC-SHA256 over the parts and their lengths, then the mark."""
        return self._hmac.over(*parts) + self.mark

    def made(self, fingerprint: bytes) -> bool:
        """Tell whether this key made a fingerprint, by its mark."""
        return fingerprint[DIGEST_BYTES:] == self.mark

    def proving(self) -> bytes:
        """Return the key that makes proofs, derived by HKDF.

        If one key made both, somebody who gets chosen bytes proved would learn a fingerprint.
        """
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"siao-hub proof of events").derive(self.secret)


def new_data_key() -> bytes:
    """Return a random data key."""
    return os.urandom(KEY_BYTES)


def seal(cipher: Cipher, clear: bytes, associated: bytes) -> bytes:
    """Encrypt bytes, and return the nonce followed by the ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, associated)


def unseal(cipher: Cipher, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt the result of `seal`. Raises InvalidContract if the key, the data or the associated data is
    another."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as exc:  # ValueError: too short to hold a nonce
        raise InvalidContract("données scellées altérées ou d'une autre clé") from exc


def seal_part(cipher: Cipher, event: UUID, titulaire: UUID, classe: Classe, tree: Arbre) -> Part:
    """Encrypt the fields of one class of an event with their holder's key."""
    sealed = seal(cipher, to_json(tree), _associated(event, classe))
    return Part(classe, titulaire, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])


def unseal_part(cipher: Cipher, event: UUID, part: Part) -> Arbre:
    """Decrypt the fields of one class of an event. Raises InvalidContract if that fails."""
    tree: Arbre = from_json(unseal(cipher, part.nonce + part.texte, _associated(event, part.classe)))
    return tree


def seal_parts(
    cipher: Cipher | None, event: UUID, titulaire: UUID, secrets: Mapping[Classe, Arbre]
) -> list[Part]:
    """Encrypt all secret classes of an event, lowest first. `cipher` may be None if the event has no secret
    class."""
    if not secrets:
        return []
    assert cipher is not None
    return [seal_part(cipher, event, titulaire, classe, secrets[classe]) for classe in sorted(secrets)]


def _associated(event: UUID, classe: Classe) -> bytes:
    return event.bytes + bytes([classe])
