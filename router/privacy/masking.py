"""Bytes shown without what they say: their shape stays, every value is crossed out. Pure.

Names of JSON fields and of XML elements and attributes are the dialect's words and stay; of anything else not a
letter or digit is left, for nobody can tell a title from a name.
"""

import re
from typing import Any

from pydantic_core import from_json, to_json

_WORDS = re.compile(r"\w")
_XML_SAID = re.compile(r'(?<=>)[^<]+|"[^"]*"' + r"|'[^']*'")
_XML_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def masked(body: bytes) -> str:
    """As it may be shown to whoever looks for what is wrong with it."""
    text = body.decode("utf-8", errors="replace")
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith(("{", "[")):
        try:
            return to_json(_crossed_out(from_json(stripped)), indent=1).decode()
        except ValueError:
            return _WORDS.sub("x", text)
    if stripped.startswith("<"):
        apart = _XML_COMMENT.sub(lambda said: _WORDS.sub("x", said[0]), text)
        return _XML_SAID.sub(lambda said: _WORDS.sub("x", said[0]), apart)
    return _WORDS.sub("x", text)


def _crossed_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _crossed_out(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_crossed_out(each) for each in value]
    return value if value is None or isinstance(value, bool) else _WORDS.sub("x", str(value))
