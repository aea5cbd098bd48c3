"""Hold the HMAC keys of a process. The newest key makes fingerprints and proofs. The older keys only recognise
the fingerprints and proofs that they made.

A fingerprint is the HMAC of a value: the hub recognises the value by it, and nobody can read the value. It ends
with the mark of its key: a short name. The key file has the keys. PostgreSQL says which of them are in use
(`store.hmac_keys`), so that all processes change keys at the same moment.
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
    """HMAC keys in use. `writer` makes new fingerprints. `older`, newest first, has the keys that made earlier
    fingerprints."""

    writer: HmacKey
    older: tuple[HmacKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes], in_use: Sequence[bytes] | None = None) -> "HmacKeys":
        """Return the HMAC keys that are made of `secrets`:

        * If `in_use` has marks: the keys with these marks. The key with the last mark makes new fingerprints.
        * If `in_use` is empty: the first key alone.
        * If `in_use` is None: all keys. The first key makes new fingerprints.

        Raises Misconfigured if a mark in `in_use` belongs to none of the keys."""
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
        """Return the marks of all keys, from the oldest key to the newest."""
        return [key.mark for key in (*reversed(self.older), self.writer)]

    @property
    def all(self) -> tuple[HmacKey, ...]:
        """Return all keys, newest first."""
        return (self.writer, *self.older)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of the value that consists of `parts`, under the newest key."""
        return self.writer.fingerprint(*parts)

    def fingerprints(self, *parts: bytes | str) -> list[bytes]:
        """Return the fingerprints of the value that consists of `parts`: one for each key, newest key first."""
        return [key.fingerprint(*parts) for key in self.all]

    def maker_of(self, fingerprint: bytes) -> HmacKey:
        """Return the key that made a fingerprint: the key in `older` whose mark is at the end of the
        fingerprint. If there is no such key, return the newest key."""
        return next((key for key in self.older if key.made(fingerprint)), self.writer)


def hmac_secrets(settings: Settings) -> list[bytes]:
    """Return the HMAC keys from the settings or, if these have none, from the key file. The bytes of a key are
    followed by the bytes of its mark, if it has one.

    Raises Misconfigured if a key is missing or malformed, or if other accounts can read or change the file.
    """
    given, file = settings.hmac_key, settings.hmac_key_file
    return read_keys(given, file, "clé des empreintes", "SIAO_HUB_HMAC_KEY", marked=True)


def named(mark: bytes) -> str:
    """Return a mark as text for people. The text is hexadecimal, or « d'origine » for the empty mark of an
    installation's first key."""
    return mark.hex() or "d'origine"
