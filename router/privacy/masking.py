"""Show the structure of a message, with x in place of its values.

The names of JSON fields, XML elements and XML attributes may stay. A name stays only if some dialect has it, or
if it is frequent in partners' answers. Any other name could be personal data.
"""

import re
from typing import Any

from pydantic_core import from_json, to_json

from adapters import mots

_WORDS = re.compile(r"\w")
_NAME = re.compile(r"[\w.-]+")
_XML_SAID = re.compile(r'(?<=>)[^<]+|"[^"]*"' + r"|'[^']*'")
_XML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
"""Comments and CDATA sections of XML. One that is not closed extends to the end of the text."""


def masked(body: bytes) -> str:
    """Return a body in a form that the people who run the hub may read: with x in place of each letter, digit
    and underscore. Names that some dialect has, or that are frequent in partners' answers, stay as they are
    (`mots.names`). JSON's true, false and null stay too. This takes linear time. Deeply nested JSON may become a
    hundred times longer, because it is indented."""
    text = body.decode("utf-8", errors="replace")
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith(("{", "[")):
        try:
            return to_json(_crossed_out(from_json(stripped)), indent=1).decode()
        except ValueError:
            return _without(text)
    if stripped.startswith("<"):
        apart = _XML_COMMENT.sub(lambda said: _without(said[0]), text)
        values_out = _XML_SAID.sub(lambda said: _without(said[0]), apart)
        return _NAME.sub(lambda name: _known(name[0]), values_out)
    return _without(text)


def _without(text: str) -> str:
    return _WORDS.sub("x", text)


def _known(name: str) -> str:
    return name if name in mots.names() else _without(name)


def _crossed_out(value: Any) -> Any:
    if isinstance(value, dict):
        shown: dict[str, Any] = {}
        for name, each in value.items():
            known = _known(name)
            shown[known if known not in shown else f"{known} ({len(shown) + 1})"] = _crossed_out(each)
        return shown
    if isinstance(value, list):
        return [_crossed_out(each) for each in value]
    return value if value is None or isinstance(value, bool) else _without(str(value))
