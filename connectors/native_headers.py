"""Make the HTTP headers for a message in its partner's format.

A header holds only ASCII. Values are therefore percent-encoded UTF-8, as in the HTTP binding of CloudEvents
(3.1.3.2).
"""

from urllib.parse import quote

from connectors.disposition import disposition
from contracts.ports import Native

_AS_IT_IS = "".join(set(map(chr, range(0x21, 0x7F))) - set('"%'))


def headers_of(native: Native) -> dict[str, str]:
    """Return the HTTP headers to send with the message `native`: its own headers, with percent-encoded
    values; `content-type`; and `content-disposition` with its file name, if it has one."""
    headers = {name: quote(value, safe=_AS_IT_IS, errors="replace") for name, value in native.headers.items()}
    if native.filename is not None:
        headers["content-disposition"] = disposition(native.filename)
    return headers | {"content-type": native.media_type}
