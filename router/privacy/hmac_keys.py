"""HMAC keys of a process. One makes new fingerprints and proofs; the older ones still recognise earlier
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
    """HMAC keys in use: `writer` makes new fingerprints; the older keys recognise the fingerprints that they
    have made."""

    writer: HmacKey
    older: tuple[HmacKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes], in_use: Sequence[bytes] | None = None) -> "HmacKeys":
        """Return the keys with the marks `in_use`; the key with the last mark makes new fingerprints. A mark is
        the short name of a key, stored in each fingerprint. If `in_use` is None, the first key makes new
        fingerprints, and each key recognises its own. Raises Misconfigured if a key is missing."""
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
        """Return the marks of the keys, each a key's short name. The last one is that of the key that makes new
        fingerprints."""
        return [key.mark for key in (*reversed(self.older), self.writer)]

    @property
    def all(self) -> tuple[HmacKey, ...]:
        """Return all keys; the one that makes new fingerprints is first."""
        return (self.writer, *self.older)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of these parts under the key that makes new ones."""
        return self.writer.fingerprint(*parts)

    def fingerprints(self, *parts: bytes | str) -> list[bytes]:
        """Return the fingerprints of these parts under all keys in use. The first one is made by the key that
        makes new fingerprints."""
        return [key.fingerprint(*parts) for key in self.all]

    def maker_of(self, fingerprint: bytes) -> HmacKey:
        """Return the key that made a fingerprint. If that key is no longer in use, return the key that makes
        new fingerprints."""
        return next((key for key in self.older if key.made(fingerprint)), self.writer)


def hmac_secrets(settings: Settings) -> list[bytes]:
    """Return the HMAC keys from the settings or the file, each followed by its mark if it has one. Raises
    Misconfigured in French."""
    given, file = settings.hmac_key, settings.hmac_key_file
    return read_keys(given, file, "clé des empreintes", "SIAO_HUB_HMAC_KEY", marked=True)


def named(mark: bytes) -> str:
    """Return the short name by which people tell a key from others."""
    return mark.hex() or "d'origine"
