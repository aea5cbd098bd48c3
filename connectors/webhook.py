"""Sign webhooks as the Standard Webhooks specification demands: a signature is `v1,` and the base64 of an
HMAC-SHA256 over `id.timestamp.body`."""

import base64
import binascii
import hmac

from contracts.errors import Misconfigured

PREFIX = "whsec_"


def signing_key(secret: str) -> bytes:
    """Return the key inside a `whsec_…` secret. ASCII characters that base64 does not use are ignored. Raises
    Misconfigured if the key is empty or no base64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX) + "==")
    except (binascii.Error, ValueError):
        raise Misconfigured("Le secret de signature n'est pas du base64 (attendu : whsec_…)") from None
    if not key:
        raise Misconfigured("Le secret de signature est vide (attendu : whsec_…)")
    return key


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of the header `webhook-signature` for a message. `timestamp` is in whole seconds since
    the epoch."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
