"""Secret keys as files: 64 hexadecimal characters that their owner alone can read."""

import os
import secrets
import stat
from pathlib import Path

from pydantic import SecretStr

from contracts.errors import Misconfigured

KEY_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key(given: SecretStr | None, file: Path, name: str, variable: str) -> bytes:
    """A key from the settings, else from its file. Raises Misconfigured, in French, where there is none, where it is no
    key, or where others can read the file."""
    text = _read(file, name, variable) if given is None else given.get_secret_value()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"{name} : 64 caractères hexadécimaux attendus")
    return key


def create_key(file: Path) -> None:
    """A new key in a new file, mode 0600. Raises Misconfigured where there is a file already, or none can be made."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as exc:
        raise Misconfigured(f"{file} existe déjà : une clé ne s'écrit jamais par-dessus une autre") from exc
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être écrit ({exc.strerror})") from exc
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(KEY_BYTES) + "\n")


def _read(file: Path, name: str, variable: str) -> str:
    try:
        if file.stat().st_mode & OTHERS:
            raise Misconfigured(f"{name} : d'autres que vous peuvent lire {file} ; « chmod 600 {file} »")
        return file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(
            f"{name} absente : « siao-hub cle creer » écrit {file}, ou {variable} la donne"
        ) from exc
    except UnicodeDecodeError:
        return ""
