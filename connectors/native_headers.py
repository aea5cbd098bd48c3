"""What goes before a native's bytes in HTTP: its own headers, its type and its file name.

A header says plain ASCII alone. What a partner calls its own may be any text: it is percent-encoded UTF-8, as the HTTP
binding of CloudEvents has it (3.1.3.2), and whoever reads it decodes it once.
"""

from urllib.parse import quote

from connectors.disposition import disposition
from contracts.ports import Native

_AS_IT_IS = "".join(set(map(chr, range(0x21, 0x7F))) - set('"%'))


def headers_of(native: Native) -> dict[str, str]:
    """The headers of a native, in any order; those of its delivery are the transport's."""
    headers = {name: quote(value, safe=_AS_IT_IS, errors="replace") for name, value in native.headers.items()}
    if native.filename is not None:
        headers["content-disposition"] = disposition(native.filename)
    return headers | {"content-type": native.media_type}
