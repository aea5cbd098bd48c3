"""HMAC keys of a process. The newest key makes fingerprints and proofs. The older keys only recognise earlier
fingerprints and proofs.

The key file contains the keys, and PostgreSQL decides which keys are in use (`store.hmac_keys`). So all
processes change keys at the same moment.
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
    """HMAC keys in use. `writer` makes new fingerprints. `older` has the keys that made earlier
    fingerprints, newest key first."""

    writer: HmacKey
    older: tuple[HmacKey, ...] = ()

    @classmethod
    def of(cls, secrets: Sequence[bytes], in_use: Sequence[bytes] | None = None) -> "HmacKeys":
        """Make the HMAC keys from the secrets whose marks (short names) are in `in_use`. The last key in
        `in_use` makes new fingerprints. Raises Misconfigured if `secrets` lacks a key in use.

        If `in_use` is None, all secrets are used, and the first makes new fingerprints. If `in_use` is empty,
        only the first secret is used.
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
        """Return the marks (short names) of the HMAC keys, oldest key first."""
        return [key.mark for key in (*reversed(self.older), self.writer)]

    @property
    def all(self) -> tuple[HmacKey, ...]:
        """Return all HMAC keys, newest key first."""
        return (self.writer, *self.older)

    def fingerprint(self, *parts: bytes | str) -> bytes:
        """Return the fingerprint of these parts, made with the newest HMAC key."""
        return self.writer.fingerprint(*parts)

    def fingerprints(self, *parts: bytes | str) -> list[bytes]:
        """Return the fingerprint of these parts under each HMAC key, newest key first."""
        return [key.fingerprint(*parts) for key in self.all]

    def maker_of(self, fingerprint: bytes) -> HmacKey:
        """Return the HMAC key that made a fingerprint. If no older key made it, return the newest: it made
        the fingerprint, or the key that did so is no longer in use."""
        return next((key for key in self.older if key.made(fingerprint)), self.writer)


def hmac_secrets(settings: Settings) -> list[bytes]:
    """Return the HMAC secrets from the settings, or else from the key file. Each secret is followed by its
    mark (short name) if it has one.

    Raises Misconfigured, in French, if a key is missing or malformed.
    """
    given, file = settings.hmac_key, settings.hmac_key_file
    return read_keys(given, file, "clé des empreintes", "SIAO_HUB_HMAC_KEY", marked=True)


def named(mark: bytes) -> str:
    """Return the mark (short name) of an HMAC key as text for people, in hexadecimal. The first key has an
    empty mark; its text is « d'origine »."""
    return mark.hex() or "d'origine"
