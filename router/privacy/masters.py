"""Hold the master keys of a process. One master key encrypts new data keys. The other master keys only decrypt
the data keys that they encrypted earlier.

The key file has all master keys. PostgreSQL says which of them encrypts (`store.keys`), so that all processes
change at the same moment. A process that meets an unknown master key reads the file again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import InvalidContract, Misconfigured
from router.privacy.key_files import read_keys
from router.privacy.sealing import Cipher, Damaged, MasterKey
from router.settings import Settings

UNKNOWN = (
    "clé maîtresse {} inconnue de ce processus, et des données dépendent d'elle : remettre ici le fichier de clés qui "
    "la contient (« siao-hub cle etat »)"
)


def master_secrets(settings: Settings) -> list[bytes]:
    """Return the master keys from the settings or, if these have none, from the key file. Raises Misconfigured,
    with a message in French, if a key is missing or malformed, or if other accounts can read or change the file.
    """
    given, file = settings.master_key, settings.master_key_file
    return read_keys(given, file, "clé maîtresse", "SIAO_HUB_MASTER_KEY")


class MasterKeys:
    """Master keys, by id. New data keys are encrypted with the first of the loaded keys, until `wrap_with` names
    the key that is in use according to the database."""

    def __init__(self, load: Callable[[], Sequence[bytes]]) -> None:
        self._load = load
        self.known = self._loaded()
        self.current = next(iter(self.known.values()))

    def wrap_with(self, ident: bytes | None) -> None:
        """From now on, encrypt new data keys with the master key whose id is `ident`. If it is None, change nothing.

        Raises Misconfigured if this process does not have that master key.
        """
        if ident is not None:
            self.current = self._of(ident)

    def cipher(self, holder: UUID, wrapped: bytes, ident: bytes) -> Cipher:
        """Return the cipher of a holder's data key. `wrapped` is this data key, encrypted with the master key
        whose id is `ident`. If `wrapped` is damaged, return a `Damaged` in place of the cipher. Raises
        Misconfigured if this process lacks the master key."""
        key = self.unwrapped(holder, wrapped, ident)
        return Damaged() if key is None else AESGCM(key)

    def unwrapped(self, holder: UUID, wrapped: bytes, ident: bytes) -> bytes | None:
        """Decrypt and return a holder's data key. `wrapped` is this data key, encrypted with the master key
        whose id is `ident`. Return None if `wrapped` is damaged. Raises Misconfigured if this process lacks the
        master key."""
        with suppress(InvalidContract):
            return self._of(ident).unwrap(holder, wrapped)
        return None

    def _of(self, ident: bytes) -> MasterKey:
        if ident not in self.known:
            self.known = self._loaded()
        if ident not in self.known:
            raise Misconfigured(UNKNOWN.format(ident.hex()))
        return self.known[ident]

    def _loaded(self) -> dict[bytes, MasterKey]:
        masters = [MasterKey(secret) for secret in self._load()]
        return {master.id: master for master in masters}
