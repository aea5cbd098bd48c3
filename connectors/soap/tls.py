"""Set up TLS with a SOAP service, which may ask for a client certificate."""

import ssl
from pathlib import Path

from connectors.secrets import refuse_readable
from contracts.errors import Misconfigured, OutcomeUnknown

UNREADABLE = "« certificat » ou « autorite » de la fiche ne se lit pas"
CERTIFICATE_REFUSED = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""Words in a TLS alert that refuses the hub's certificate."""


def context_of(certificat: str | None, autorite: str | None) -> ssl.SSLContext:
    """Return a TLS context for a SOAP service. `certificat`: PEM file with the client certificate to show, if
    any, and its private key. `autorite`: PEM file with the certificate authorities to trust, by default those
    of the system. Raises Misconfigured if a file cannot be read, or if other users can read `certificat`."""
    try:
        context = ssl.create_default_context(cafile=autorite)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificat is not None:
            refuse_readable(Path(certificat), "certificat du hub")
            context.load_cert_chain(certificat)
    except (OSError, ssl.SSLError) as exc:
        raise Misconfigured(UNREADABLE) from exc
    return context


def text_of(certificat: Path) -> str:
    """Return the text of a certificate file. Raises Misconfigured if the file cannot be read."""
    try:
        return certificat.read_text("latin-1")
    except OSError as exc:
        raise Misconfigured(UNREADABLE) from exc


def is_about_our_certificate(error: OutcomeUnknown) -> bool:
    """Tell whether the error was caused by a TLS alert in which the partner refuses the hub's certificate. If
    so, the partner has certainly read nothing, even if the hub has sent bytes (TLS 1.3)."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and any(
            word in (cause.reason or "") for word in CERTIFICATE_REFUSED
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
