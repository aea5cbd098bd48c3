"""Read the keys that sign the audit and the receipts, and the public keys that verify them."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.errors import Misconfigured
from router.privacy.key_files import read_key
from router.settings import Settings


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """Return the private key that signs the heads of the audit. A head is the last hash of the audit's chain.
    Raises Misconfigured if the key is missing or malformed, or if other accounts can read or change its file."""
    given, file = settings.audit_key, settings.audit_key_file
    return Ed25519PrivateKey.from_private_bytes(read_key(given, file, "clé de l'audit", "SIAO_HUB_AUDIT_KEY"))


def receipt_key(settings: Settings) -> Ed25519PrivateKey:
    """Return the private key that signs receipts for accepted or delivered messages. Raises Misconfigured if
    the key is missing or malformed, or if other accounts can read or change its file."""
    given, file = settings.receipt_key, settings.receipt_key_file
    return Ed25519PrivateKey.from_private_bytes(
        read_key(given, file, "clé des reçus", "SIAO_HUB_RECEIPT_KEY")
    )


def public_file(file: Path) -> Path:
    """Return the path of the public key that belongs to the private key in `file`. The command
    `siao-hub cle creer` writes the public key to this path."""
    return file.with_suffix(".pub")


def write_public(file: Path, key: Ed25519PrivateKey) -> None:
    """Write the public key of the private key `key` to a file. Raises Misconfigured if the file cannot be
    written."""
    try:
        file.write_text(f"{key.public_key().public_bytes_raw().hex()}\n", encoding="ascii")
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être écrit ({exc.strerror})") from exc


def pinned_keys(file: Path) -> Sequence[Ed25519PublicKey]:
    """Read public keys from a file that has one key on each line. Raises Misconfigured if the file cannot be
    read, or if a line is no public key."""
    try:
        lines = file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"clé publique illisible : {file}") from exc
    return [public_key(line) for line in lines]


def public_key(text: str) -> Ed25519PublicKey:
    """Return the public key that is written in `text` as 64 hexadecimal characters. Raises Misconfigured for
    any other text."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError as exc:
        raise Misconfigured(
            "clé publique : 64 caractères hexadécimaux attendus (« siao-hub cle creer » les écrit)"
        ) from exc
