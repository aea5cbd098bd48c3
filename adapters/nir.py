"""Find NIR (social security numbers), fast enough for every message. A message with a NIR is refused as a
whole."""

import re
from collections.abc import Iterable

from contracts.ports import Decoded, Ligne, Rejet
from contracts.reference.identifiants import contient_nir

_SEPARATORS = " \t\u00a0\u2009\u202f.-/"
_SEPARATOR_BYTES = bytes(sorted(set(_SEPARATORS.encode() + _SEPARATORS.encode("cp1252", "ignore"))))
_DIGITS_ONLY = bytes(ord("0") if chr(byte) in "0123456789ABab" else ord(" ") for byte in range(256))
_CHUNK = 1 << 18
_OVERLAP = 128
"""Bytes shared by two neighbouring chunks, so that no NIR is cut in two."""
_LONG_RUN = b"0" * 13
_ENOUGH_DIGITS = re.compile(rb"[0-9]{6}[0-9ABab][0-9]{6}(?:[cC][lL][^0-9]{0,5})?[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}|&#?\w{1,8};")
"""Pattern of characters as JSON and XML escape them. In undecoded text, they are taken for spaces."""

_KEY_APART = re.compile(r"(?<=[0-9])\n(?=[0-9]{2}$)", re.MULTILINE)

MAX_ROWS_LISTED = 1000

NIR_REFUSED = Rejet(
    "nir_interdit", "message refusé en entier : retirez tout numéro de sécurité sociale et renvoyez-le"
)


def may_hold_nir(body: bytes) -> bool:
    """Return whether a body may contain a NIR. False is certain; after True, `has_nir` must decide."""
    if len(body) <= _CHUNK:
        return _may_hold_nir(body)
    return any(
        _may_hold_nir(body[start : start + _CHUNK + _OVERLAP]) for start in range(0, len(body), _CHUNK)
    )


def _may_hold_nir(chunk: bytes) -> bool:
    if _LONG_RUN not in chunk.translate(_DIGITS_ONLY, _SEPARATOR_BYTES):
        return False
    return _ENOUGH_DIGITS.search(chunk.translate(None, _SEPARATOR_BYTES)) is not None


def has_nir(text: str) -> bool:
    """Return whether the text contains a NIR. Digits of UUIDs do not count."""
    may = may_hold_nir(text.encode("utf-8", "surrogatepass"))
    return may and contient_nir(text) and contient_nir(_UUID.sub(" ", text))


def raw_nir(body: bytes) -> bool:
    """Return whether a NIR stands anywhere in the bytes of a message, in any encoding that the hub reads."""
    body = body.replace(b"\0", b"")  # UTF-16 has one after each digit
    text = _ESCAPED.sub(" ", body.decode("utf-8", "replace"))
    return has_nir(text) or has_nir(body.decode("latin-1"))


def any_nir(values: Iterable[str]) -> bool:
    """Return whether a NIR stands in one of the values. The last two digits of the NIR (its key) may stand in
    the next value, as in the next cell of a table."""
    return has_nir(_KEY_APART.sub(" ", "\n".join(filter(None, map(str.strip, values)))))


def refused_whole(lignes: Iterable[int]) -> Decoded:
    """Return the refusal of a whole message because it contains a NIR. `lignes`: the numbers of the rows with
    a NIR, each of which gets a rejection too. The caller must not store the message."""
    message = "numéro de sécurité sociale (NIR) interdit : retirez-le"
    rows = tuple(Ligne(numero, rejets=(Rejet("nir_interdit", message, numero),)) for numero in lignes)
    return Decoded(iter((Ligne(0, rejets=(NIR_REFUSED,)), *rows)))
