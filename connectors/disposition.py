"""Write and read the file name in the HTTP header Content-Disposition (RFC 6266, with RFC 8187 for accents)."""

import re
from urllib.parse import quote, unquote

_EXTENDED = re.compile(r"filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_TOKEN = re.compile(r'filename\s*=\s*([^;"\s]+)', re.IGNORECASE)
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%]')


def disposition(filename: str) -> str:
    """Return the value of a Content-Disposition header: the file name in plain ASCII, and the exact file
    name if the two differ."""
    plain = _UNSAFE.sub("_", filename)
    if plain == filename:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def filename_of(header: str) -> str | None:
    """Return the file name in a Content-Disposition header, without folders; None if the header names no
    file."""
    if extended := _EXTENDED.search(header):
        name = unquote(extended.group(2), encoding=extended.group(1), errors="replace")
    elif quoted := _QUOTED.search(header):
        name = re.sub(r"\\(.)", r"\1", quoted.group(1))
    elif token := _TOKEN.search(header):
        name = token.group(1)
    else:
        return None
    return re.split(r"[/\\]", name)[-1] or None
