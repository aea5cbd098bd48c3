"""Encrypt stored data with AES-256-GCM.

Associated data are bytes that are needed again to decrypt a ciphertext. They bind the ciphertext to its
place, such as its event and privacy class: moved elsewhere, it cannot be decrypted.
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
    """AES-256-GCM cipher with the data key of one holder."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Damaged:
    """Stand-in for the cipher of a damaged data key. To encrypt with it raises InvalidContract. To decrypt with it
    raises InvalidTag. A destroyed data key has no cipher at all."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidContract: a damaged key cannot encrypt."""
        raise InvalidContract("clé illisible")

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidTag, as decryption with a wrong key does."""
        raise InvalidTag


class MasterKey:
    """Master key, which encrypts data keys. Its `id` is stored with each data key that it has encrypted. The id
    does not reveal the master key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError("la clé maîtresse a 32 octets")
        self._wrap = AESGCM(hmac.digest(secret, b"siao-hub wrap", hashlib.sha256))
        self.id = hmac.digest(secret, b"siao-hub id", hashlib.sha256)[:ID_BYTES]

    def wrap(self, holder: UUID, key: bytes) -> bytes:
        """Return a holder's data key in encrypted form."""
        return seal(self._wrap, key, holder.bytes)

    def unwrap(self, holder: UUID, wrapped: bytes) -> bytes:
        """Return a holder's data key, of which `wrapped` is the encrypted form. Raises InvalidContract if `wrapped`
        is damaged, or was encrypted with another master key or for another holder."""
        return unseal(self._wrap, wrapped, holder.bytes)


class HmacKey:
    """HMAC key, which makes fingerprints: by them, the hub recognises values without storing them. A fingerprint
    ends with the mark of its key. The mark of an installation's first key is empty. Nothing is encrypted with an
    HMAC key."""

    def __init__(self, secret: bytes) -> None:
        """Read an HMAC key from `secret`: the key itself, of 32 bytes, then its mark, of 4 bytes. The mark may be
        absent. Raises ValueError if `secret` has neither 32 nor 36 bytes."""
        if len(secret) not in (KEY_BYTES, KEY_BYTES + MARK_BYTES):
            raise ValueError("la clé des empreintes a 32 octets, et une marque à partir de la deuxième")
        self.secret, self.mark = secret[:KEY_BYTES], secret[KEY_BYTES:]
        self._hmac = Hmac(self.secret)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of a value that consists of `parts`: the HMAC-SHA256 of the parts and their
        lengths, followed by the mark."""
        return self._hmac.over(*parts) + self.mark

    def made(self, fingerprint: bytes) -> bool:
        """Tell whether this key made a fingerprint. It did if the fingerprint ends with the key's mark."""
        return fingerprint[DIGEST_BYTES:] == self.mark

    def proving(self) -> bytes:
        """Derive from this key, by HKDF, the key that makes the proofs of events. The HMAC key itself makes
        fingerprints, even of bytes that a sender chooses. If it also made proofs, a sender could pass off a
        fingerprint as a proof."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"siao-hub proof of events").derive(self.secret)


def new_data_key() -> bytes:
    """Return a random data key."""
    return os.urandom(KEY_BYTES)


def seal(cipher: Cipher, clear: bytes, associated: bytes) -> bytes:
    """Encrypt `clear`. Return a random number, the nonce of AES-GCM, followed by the ciphertext. `associated` is
    not part of the result, but `unseal` needs the same bytes again."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, associated)


def unseal(cipher: Cipher, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` returned. Raises InvalidContract if the bytes were changed, or if `cipher` or
    `associated` differs from what `seal` was given."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as exc:  # ValueError: too short to hold a nonce
        raise InvalidContract("données scellées altérées ou d'une autre clé") from exc


def seal_part(cipher: Cipher, event: UUID, titulaire: UUID, classe: Classe, tree: Arbre) -> Part:
    """Encrypt `tree`, the fields that an event has in the privacy class `classe`. `cipher` is the cipher of the
    holder `titulaire`."""
    sealed = seal(cipher, to_json(tree), _associated(event, classe))
    return Part(classe, titulaire, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])


def unseal_part(cipher: Cipher, event: UUID, part: Part) -> Arbre:
    """Decrypt the fields that an event has in one privacy class. Raises InvalidContract if they cannot be
    decrypted."""
    tree: Arbre = from_json(unseal(cipher, part.nonce + part.texte, _associated(event, part.classe)))
    return tree


def seal_parts(
    cipher: Cipher | None, event: UUID, titulaire: UUID, secrets: Mapping[Classe, Arbre]
) -> list[Part]:
    """Encrypt the secret fields of an event, and return one part for each privacy class. `secrets` has the fields
    by privacy class. `cipher` is the cipher of the holder `titulaire`. It may be None only if `secrets` is empty.
    """
    if not secrets:
        return []
    assert cipher is not None
    return [seal_part(cipher, event, titulaire, classe, secrets[classe]) for classe in sorted(secrets)]


def _associated(event: UUID, classe: Classe) -> bytes:
    return event.bytes + bytes([classe])
