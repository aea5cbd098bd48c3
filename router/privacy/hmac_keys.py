"""HMAC keys of a process. One of them makes new fingerprints and proofs; the older ones recognise earlier
fingerprints.

The file lists the keys; PostgreSQL says which are in use (`store.hmac_keys`), so that all processes change at
one moment.
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
    """HMAC keys in use: `writer` makes new fingerprints; each older key recognises the fingerprints that it
    has made."""

    writer: HmacKey
    older: tuple[HmacKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes], in_use: Sequence[bytes] | None = None) -> "HmacKeys":
        """Return the keys whose marks are in `in_use`; the last one makes new fingerprints. A mark is the
        short name of a key, at the end of its fingerprints. If `in_use` is None, all keys are in use and the
        first one makes new fingerprints. Raises Misconfigured if a key is missing."""
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
        """Return the marks (short names) of the keys, with the mark of the key that makes new fingerprints
        last."""
        return [key.mark for key in (*reversed(self.older), self.writer)]

    @property
    def all(self) -> tuple[HmacKey, ...]:
        """Return all keys, with the one that makes new fingerprints first."""
        return (self.writer, *self.older)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of these parts under the key that makes new fingerprints."""
        return self.writer.fingerprint(*parts)

    def fingerprints(self, *parts: bytes | str) -> list[bytes]:
        """Return the fingerprint of these parts under each key in use. The key that makes new fingerprints
        comes first."""
        return [key.fingerprint(*parts) for key in self.all]

    def maker_of(self, fingerprint: bytes) -> HmacKey:
        """Return the key that made a fingerprint; if that key is no longer in use, the key that makes new
        fingerprints."""
        return next((key for key in self.older if key.made(fingerprint)), self.writer)


def hmac_secrets(settings: Settings) -> list[bytes]:
    """Return the HMAC keys from the settings or the file, each followed by its mark if it has one. Raises
    Misconfigured, in French, if a key is missing or malformed."""
    given, file = settings.hmac_key, settings.hmac_key_file
    return read_keys(given, file, "clé des empreintes", "SIAO_HUB_HMAC_KEY", marked=True)


def named(mark: bytes) -> str:
    """Return the mark (short name) of an HMAC key as text, for people to read."""
    return mark.hex() or "d'origine"
