"""Provide the gateway's certificate, for TLS 1.2 or later. If its files are renewed, new connections use them
within `LOOK_SECONDS`."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from connectors.secrets import refuse_readable
from contracts.errors import Misconfigured

logger = structlog.get_logger()
LOOK_SECONDS = 10.0
"""Shortest interval between two checks of the certificate's files."""


class Certificate:
    """Certificate with its chain and its private key, read from PEM files. If the files are renewed, later
    connections use the new certificate, without a restart."""

    def __init__(self, chain: Path, key: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Load the certificate. `clock` (monotonic, in seconds) tells when to check whether the files were
        renewed. Raises Misconfigured if a file is unreadable, or if other users can read or change the
        private key."""
        self._chain, self._key = chain, key
        self._clock = clock
        self._looked_at = clock()
        self._seen = self._state()
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """Return the TLS context for new connections. Once the certificate's files are renewed, it has the
        new certificate after at most `LOOK_SECONDS`. If the renewed files cannot be used, the earlier
        certificate stays in use."""
        if self._clock() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = self._clock()
            self._follow()
        return self._context

    def _follow(self) -> None:
        try:
            if (state := self._state()) != self._seen:
                self._context = self._load()
                self._seen = state
                logger.info("certificate.renewed")
        except Misconfigured as exc:
            logger.error("certificate.misconfigured", reason=str(exc))

    def _state(self) -> object:
        try:
            return [(file.stat().st_mtime_ns, file.stat().st_ino) for file in (self._chain, self._key)]
        except OSError as exc:
            raise Misconfigured(
                f"certificat de la porte : {exc.filename} illisible ({exc.strerror})"
            ) from exc

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            refuse_readable(self._key, "clé de la porte")
            context.load_cert_chain(self._chain, self._key)
        except (OSError, ssl.SSLError) as exc:
            raise Misconfigured(
                f"certificat de la porte : {self._chain} et {self._key} ne vont pas ensemble"
            ) from exc
        return context
