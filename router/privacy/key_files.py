"""Read and write files of secret keys. Each line is one key: 64 hexadecimal characters, or 72 for an HMAC key
with its mark. Only the hub's account may read the files."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from connectors.secrets import refuse_readable
from contracts.errors import Misconfigured

KEY_BYTES = 32
MARK_BYTES = 4
"""Length of the mark (the key's short name) that may follow an HMAC key."""


def read_key(given: SecretStr | None, file: Path, name: str, variable: str) -> bytes:
    """Return the key in the setting `given` or, if it is None, the only key in `file`. Errors call the key
    `name`, and its environment variable `variable`.

    Raises Misconfigured if there is no key, more than one or a malformed one, or if other accounts can read
    or change the file.
    """
    keys = read_keys(given, file, name, variable)
    if len(keys) != 1:
        raise Misconfigured(f"{name} : 64 caractères hexadécimaux attendus")
    return keys[0]


def read_keys(
    given: SecretStr | None, file: Path, name: str, variable: str, *, marked: bool = False
) -> list[bytes]:
    """Return the keys in the setting `given` or, if it is None, the keys in `file`. If `marked` is True, a
    key may be followed by its mark. Errors call the key `name`, and its environment variable `variable`.

    Raises Misconfigured if there is no key, or a malformed one, or if other accounts can read or change the
    file.
    """
    lengths = (KEY_BYTES, KEY_BYTES + MARK_BYTES) if marked else (KEY_BYTES,)
    text = _read(file, name, variable) if given is None else given.get_secret_value()
    try:
        keys = [bytes.fromhex(line) for line in text.split()]
    except ValueError:
        keys = []
    if not keys or any(len(key) not in lengths for key in keys):
        raise Misconfigured(f"{name} : 64 caractères hexadécimaux attendus")
    return keys


def new_key() -> bytes:
    """Return a random key of `KEY_BYTES` bytes."""
    return secrets.token_bytes(KEY_BYTES)


def new_marked_key() -> bytes:
    """Return a random key, followed by a random mark."""
    return secrets.token_bytes(KEY_BYTES + MARK_BYTES)


def create_key(file: Path, key: bytes | None = None) -> None:
    """Write a key to a new file that only the hub's account may read. If no key is given, write a random key.

    Raises Misconfigured if the file exists already or cannot be written.
    """
    try:
        _write(file, [key or new_key()])
    except FileExistsError as exc:
        raise Misconfigured(f"{file} existe déjà : une clé ne s'écrit jamais par-dessus une autre") from exc
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être écrit ({exc.strerror})") from exc


def replace_keys(file: Path, keys: Sequence[bytes]) -> None:
    """Replace the keys in a file. After an interruption, the file has either all old keys or all new keys.
    Raises Misconfigured if the file cannot be written."""
    beside = file.with_name(f"{file.name}.nouveau")
    try:
        beside.unlink(missing_ok=True)  # a file left by an interrupted command
        _write(beside, keys)
        beside.replace(file)
        _sync(file.parent)
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être écrit ({exc.strerror})") from exc


def _write(file: Path, keys: Sequence[bytes]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.writelines(f"{key.hex()}\n" for key in keys)
        opened.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(file: Path, name: str, variable: str) -> str:
    try:
        refuse_readable(file, name)
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(
            f"{name} absente : « siao-hub cle creer » écrit {file}, ou {variable} la donne"
        ) from exc
    except UnicodeDecodeError:
        return ""
