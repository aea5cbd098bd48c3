"""HMAC keys of a process. The newest key makes fingerprints and proofs; the others only recognise those that
were made earlier.

The key file contains the keys, and PostgreSQL decides which are in use (`store.hmac_keys`). All processes
thus change at the same moment.
"""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.errors import Misconfigured
from router.privacy.key_files import read_keys
from router.privacy.sealing import HmacKey
from router.settings import Settings

UNKNOWN = (
    "clé des empreintes {} inconnue de ce processus, et des empreintes en dépendent : remettre ici le fichier de clés "
    "qui la contient (« siao-hub cle etat »)"
)


class HmacKeys(NamedTuple):
    """HMAC keys in use. `writer` makes new fingerprints. `older` has the keys with which earlier fingerprints
    were made, newest first."""

    writer: HmacKey
    older: tuple[HmacKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes], in_use: Sequence[bytes] | None = None) -> "HmacKeys":
        """Make the keys from the secrets whose marks (short names) are in `in_use`. The last of these makes
        new fingerprints. Without `in_use`, all secrets are used, and the first one makes new fingerprints.

        Raises Misconfigured if a key in use is missing.
        """
        keys = {key.mark: key for key in map(HmacKey, secrets)}
        if in_use is None:
            writer, *others = keys.values()
            return cls(writer, tuple(others))
        if missing := [mark for mark in in_use if mark not in keys]:
            raise Misconfigured(UNKNOWN.format(named(missing[-1])))
        *older, last = in_use or [next(iter(keys))]
        return cls(keys[last], tuple(keys[mark] for mark in reversed(older)))

    @property
    def marks(self) -> list[bytes]:
        """Return the marks (short names) of the keys, oldest first."""
        return [key.mark for key in (*reversed(self.older), self.writer)]

    @property
    def all(self) -> tuple[HmacKey, ...]:
        """Return all keys, newest first."""
        return (self.writer, *self.older)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of these parts, made with the newest key."""
        return self.writer.fingerprint(*parts)

    def fingerprints(self, *parts: bytes | str) -> list[bytes]:
        """Return the fingerprints of these parts made with each of the keys, newest key first."""
        return [key.fingerprint(*parts) for key in self.all]

    def maker_of(self, fingerprint: bytes) -> HmacKey:
        """Return the key that made a fingerprint. Return the newest key if the maker is no longer in use."""
        return next((key for key in self.older if key.made(fingerprint)), self.writer)


def hmac_secrets(settings: Settings) -> list[bytes]:
    """Return the HMAC secrets from the settings or the key file, each followed by its mark (short name) if it
    has one.

    Raises Misconfigured, in French, if a key is missing or malformed.
    """
    given, file = settings.hmac_key, settings.hmac_key_file
    return read_keys(given, file, "clé des empreintes", "SIAO_HUB_HMAC_KEY", marked=True)


def named(mark: bytes) -> str:
    """Return the mark (short name) of an HMAC key as text, in French for the first key, which has none."""
    return mark.hex() or "d'origine"
