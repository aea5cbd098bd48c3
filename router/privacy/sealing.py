"""Encrypt stored data with AES-256-GCM. Pure, except for randomness.

Associated data binds each ciphertext to the place where it belongs, such as its event and privacy class.
"""

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
    """AES-256-GCM cipher with one key, such as the data key of a household, referral… or message."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Damaged:
    """Cipher that stands for a damaged data key. It neither encrypts nor decrypts. A household, referral…
    without any cipher is not damaged, but forgotten."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidContract, because a damaged key cannot encrypt."""
        raise InvalidContract("clé illisible")

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidTag in any case, as decryption with a wrong key does, because the data key is damaged."""
        raise InvalidTag


class MasterKey:
    """Master key: a key that encrypts data keys. Its id is stored with each data key, and does not reveal the
    master key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("la clé maîtresse a 32 octets")
        self._wrap = AESGCM(hmac.digest(secret, b"siao-hub wrap", hashlib.sha256))
        self.id = hmac.digest(secret, b"siao-hub id", hashlib.sha256)[:ID_BYTES]

    def wrap(self, holder: UUID, key: bytes) -> bytes:
        """Return the data key `key` of a holder (household, referral… or message) in encrypted form."""
        return seal(self._wrap, key, holder.bytes)

    def unwrap(self, holder: UUID, wrapped: bytes) -> bytes:
        """Return the decrypted data key of `holder` (a household, referral… or message). Raises InvalidContract
        if the data key is damaged, or if another master key encrypted it."""
        return unseal(self._wrap, wrapped, holder.bytes)


class HmacKey:
    """Secret key for fingerprints. A fingerprint is a keyed hash by which the hub recognises a value without
    storing it. The key for the proofs of events is derived from this secret key.

    Nothing is encrypted with the key. Each fingerprint ends with the mark (short name) of its key. The first
    key of an installation has an empty mark.
    """

    def __init__(self, secret: bytes) -> None:
        """Make a key from `secret`: 32 bytes, followed by the key's mark (short name) if it has one. Raises
        ValueError for any other length."""
        if len(secret) not in (KEY_BYTES, KEY_BYTES + MARK_BYTES):
            raise ValueError("la clé des empreintes a 32 octets, et une marque à partir de la deuxième")
        self.secret, self.mark = secret[:KEY_BYTES], secret[KEY_BYTES:]
        self._hmac = Hmac(self.secret)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of these parts: their HMAC-SHA256, followed by the key's mark (short name).
        The HMAC also covers the lengths of the parts."""
        return self._hmac.over(*parts) + self.mark

    def made(self, fingerprint: bytes) -> bool:
        """Tell whether a fingerprint ends with this key's mark (short name), and was therefore made with this
        key."""
        return fingerprint[DIGEST_BYTES:] == self.mark

    def proving(self) -> bytes:
        """Return the key for the MACs that prove events. It is derived from this HMAC key by HKDF.

        The key for MACs must differ from the key for fingerprints. Otherwise a fingerprint of bytes that a
        sender has chosen could pass as the proof of an event with the same bytes.
        """
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"siao-hub proof of events").derive(self.secret)


def new_data_key() -> bytes:
    """Return a new random data key."""
    return os.urandom(KEY_BYTES)


def seal(cipher: Cipher, clear: bytes, associated: bytes) -> bytes:
    """Encrypt bytes. Return a random nonce followed by the ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, associated)


def unseal(cipher: Cipher, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` returned. Raises InvalidContract if the key or the associated data is another one, or
    if the data was changed."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as exc:  # ValueError: too short to hold a nonce
        raise InvalidContract("données scellées altérées ou d'une autre clé") from exc


def seal_part(cipher: Cipher, event: UUID, titulaire: UUID, classe: Classe, tree: Arbre) -> Part:
    """Encrypt the fields of an event with the privacy class `classe`; `tree` has these fields. `titulaire` is
    the id of the household, referral… whose data key the cipher has."""
    sealed = seal(cipher, to_json(tree), _associated(event, classe))
    return Part(classe, titulaire, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])


def unseal_part(cipher: Cipher, event: UUID, part: Part) -> Arbre:
    """Decrypt the fields of one privacy class of an event. Raises InvalidContract if the fields cannot be
    decrypted."""
    tree: Arbre = from_json(unseal(cipher, part.nonce + part.texte, _associated(event, part.classe)))
    return tree


def seal_parts(
    cipher: Cipher | None, event: UUID, titulaire: UUID, secrets: Mapping[Classe, Arbre]
) -> list[Part]:
    """Encrypt the fields of an event. Return one part for each privacy class in `secrets`.

    `titulaire` is the id of the household, referral… whose data key `cipher` has. `cipher` may be None if
    `secrets` is empty.
    """
    if not secrets:
        return []
    assert cipher is not None
    return [seal_part(cipher, event, titulaire, classe, secrets[classe]) for classe in sorted(secrets)]


def _associated(event: UUID, classe: Classe) -> bytes:
    return event.bytes + bytes([classe])
