"""Make and check the one-time codes of a login's second factor, as telephone applications compute them (TOTP,
RFC 6238)."""

import hmac
from datetime import datetime

import pyotp
import segno

ISSUER = "Hub SIAO"
STEPS = (-1, 0, 1)
"""Accepted time steps of 30 seconds, relative to the present step: a telephone's clock may be early or late."""


def new_factor() -> str:
    """Return the secret of a new second factor, in base 32. One-time codes are computed from it."""
    return pyotp.random_base32()


def step_of(factor: str, code: str, now: datetime, last: int | None) -> int | None:
    """Check the one-time code `code`, which a person's telephone has computed from the secret `factor`.
    `last` is the 30-second period of the last code used; it is None before the first. If the code is right
    for a period in `STEPS` that is later than `last`, return the period's number, counted since 1970.
    Otherwise return None."""
    totp = pyotp.TOTP(factor)
    given = "".join(code.split()).encode()
    here = totp.timecode(now)
    right = [
        here + off for off in STEPS if hmac.compare_digest(totp.generate_otp(here + off).encode(), given)
    ]
    return next((step for step in right if last is None or step > last), None)


def address(factor: str, name: str) -> str:
    """Return the `otpauth:` address from which a telephone learns the secret `factor`. The telephone lists
    its codes under the name `name`."""
    return pyotp.TOTP(factor, name=name, issuer=ISSUER).provisioning_uri()


def picture(uri: str) -> str:
    """Return a QR code of `uri`, as a `data:` URL of an SVG image."""
    image: str = segno.make(uri).svg_data_uri(scale=5, light="#fff")
    return image
